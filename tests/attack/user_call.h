/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions at privilege level 3 of 64-bit mode, interrupted or not. */
#ifndef TESTS_ATTACK_USER_CALL_H
#define TESTS_ATTACK_USER_CALL_H

#include "kernel/trap.h"

/*
 * Loads a TSS, whose stack interrupts and exceptions from level 3 go to, and points the MSRs of
 * SYSRET at the kernel's GDT. For good: such a test has a boot of its own.
 */
void user_call_prepare(void);

/* Calls code() there; result: the exception that it ended with, if any. */
struct trap_caught user_call(void (*code)(void));

#endif
