/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SMM_HOTPLUG_H
#define SMM_HOTPLUG_H

#include "smm/cpu.h"
#include "smm/mailbox.h"

/*
 * APM_CNT = 4: all CPUs meet; the BSP, as monarch, looks for insert events in the
 * 0CD8h block and relocates every new CPU, which ends up in the pen, and ejects
 * every CPU that the OS has handed over (smm/unplug.h); then all leave. The OS
 * acknowledges the events afterwards, as QEMU's DSDT does. What was found is in
 * smm_mailbox.hotplug. Called on every CPU that took the SMI.
 */
void smm_hotplug(struct smm_cpu *cpu);

/* On the monarch: what a test has put in for this moment. */
void smm_hotplug_hook(enum smm_hotplug_moment moment);

#endif
