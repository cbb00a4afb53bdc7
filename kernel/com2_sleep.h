/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting for the host in HLT: a CPU that polls the UART takes processor time from the QEMU that
 * is to answer, and from the tests beside it.
 */
#ifndef KERNEL_COM2_SLEEP_H
#define KERNEL_COM2_SLEEP_H

#include <stdint.h>

/*
 * Halts this CPU until COM2 has a character, ms milliseconds at most. Returns at once where a test
 * has its own plans with what it needs: the UART's interrupt and the APIC's timer wake the CPU;
 * both are put back. Interrupts of a lower priority than theirs wait for the caller, whatever IF
 * is, as in a wait with IF = 0.
 */
void com2_sleep(uint32_t ms);

#endif
