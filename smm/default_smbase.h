/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory at the default SMBASE, 30000h..3FFFFh, while a hot-added CPU uses it
 * for its first SMI. In SMM_DEFAULT_BORROWED mode it is the operating system's,
 * and has its contents back before the OS runs again.
 */
#ifndef SMM_DEFAULT_SMBASE_H
#define SMM_DEFAULT_SMBASE_H

#include <stdint.h>

/* Puts the relocation handler, gate closed, at this SMBASE. Inside SMM or outside. */
void relocate_install(uint32_t smbase);

/* Puts the no-operation handler there. */
void noop_install(uint32_t smbase);

/* Puts the relocation handler over it; a CPU held in there does not notice. Counts start anew. */
void relocate_over_noop(uint32_t smbase);

/* Saves what lies there and installs the handler, if it is borrowed memory. */
void default_smbase_borrow(void);

/*
 * Brings back what lay there. In SMM_DEFAULT_RESIDENT mode that is the handler
 * and, around it, what was there when the firmware reserved the memory.
 */
void default_smbase_return(void);

/* Remembers the present contents as what default_smbase_return() brings back. */
void default_smbase_remember(void);

#endif
