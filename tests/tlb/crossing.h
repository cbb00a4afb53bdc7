/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations that a CPU remembers must not cross the border between SMM and the rest, in either
 * direction: what was looked up outside, where SMRAM is hidden, is looked up again inside, and the
 * other way round.
 */
#ifndef TESTS_TLB_CROSSING_H
#define TESTS_TLB_CROSSING_H

#include "tests/tlb/modes.h"

/* What the SMI handler does around its access. */
enum handler { HANDLER_PLAIN, HANDLER_PE, HANDLER_CR4, HANDLER_PAGING };

/*
 * SMRAM closed, the CPU that changes modes with its own SMBASE and handler. Ends the test as SKIP
 * where the machine type has no SMRAM at the default SMBASE.
 */
void crossing_prepare(void);

/*
 * Reads, writes and fetches, in SMM after outside and outside after SMM, in the window at the
 * default SMBASE and in TSEG (the window only in real mode, which reaches no further). The checks
 * are entry-read, exit-read and so on; SKIP_CHECK where the CPU lacks the mode.
 */
void crossing_all_accesses(const struct mode *m, enum handler handler);

#endif
