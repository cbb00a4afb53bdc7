/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One memory access at privilege level 3, and back. */
#ifndef TESTS_ATTACK_USER_H
#define TESTS_ATTACK_USER_H

#include <stdbool.h>
#include <stdint.h>

struct user_access {
    uint32_t at;     /* 4 bytes are read there, */
    uint32_t forged; /* and this is written 8 bytes further on */
    uint32_t got;
    uint32_t selector; /* CS while it was done */
};

/* Are the kernel's pages for level 3, too? */
void user_mode_pages(bool user);

/* Needs such pages, interrupts off, and the kernel's page tables where it is used in SMM. Changes
 * the MSRs of SYSCALL or SYSENTER. */
void user_mode_access(struct user_access *a);

/* Sees to all of that, outside SMM. */
struct user_access user_mode_outside(uint32_t at, uint32_t forged);

/*
 * Calls access(arg) in SMM with such pages and the kernel's page tables: SMM's own let nothing
 * run but the SMM image.
 */
void user_mode_call_in_smm(void (*access)(void *), void *arg);

#endif
