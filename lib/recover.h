/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LIB_RECOVER_H
#define LIB_RECOVER_H

/* Registers that the ABI wants preserved; filled and read by recover.asm only. */
struct recover {
    unsigned long slot[8];
};

/*
 * Remembers the place of the call in *r.  Returns 0; returns again, with the
 * value given, when recover_jump() is called while the caller is still active.
 */
int recover_point(struct recover *r) __attribute__((returns_twice));

/* Continues behind recover_point(r), which then returns value (not 0). */
void recover_jump(struct recover *r, int value) __attribute__((noreturn));

#endif
