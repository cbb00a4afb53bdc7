/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeping a CPU inside SMM for a while, so that SMIs can find it there. */
#ifndef TESTS_SMI_HOLD_H
#define TESTS_SMI_HOLD_H

#include <stdint.h>

/* Takes CPU n, not the caller's own, into SMM by an SMI through APM_CNT, and keeps it there. One
 * at a time. Ends the test if it does not get there. */
void smi_hold(uint32_t n);

/* Lets it out again and waits until it has finished its work outside. Returns the difference
 * between the instruction pointers that the CPU's next SMI and the first one have interrupted;
 * UINT64_MAX if there was no next one. */
uint64_t smi_release(uint32_t n);

#endif
