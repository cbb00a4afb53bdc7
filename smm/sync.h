/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SMM_SYNC_H
#define SMM_SYNC_H

#include "smm/cpu.h"

/*
 * Carries out smm_mailbox.sync: the monarch does the work in the mode asked for,
 * the others wait until it is done. A CPU other than the BSP that raised the SMI
 * brings the monarch in first where SMIs are unicast (the 2016 thread's case 2).
 * Called on every CPU that took an SMI while a request was there.
 */
void smm_synchronise(struct smm_cpu *cpu);

#endif
