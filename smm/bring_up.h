/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SMM_BRING_UP_H
#define SMM_BRING_UP_H

#include <stdint.h>

/*
 * On the monarch: brings the new CPU with this APIC id, wherever it is, through its first
 * SMI to this SMBASE and into the pen, as smm_state.hotplug.protocol has it. What was
 * seen is in smm_mailbox.hotplug.cpu[slot].
 */
void smm_bring_up(uint32_t apic_id, uint32_t smbase, uint32_t slot);

#endif
