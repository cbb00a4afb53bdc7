/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of one new CPU through its first SMI, in three orders. */
#include "smm/bring_up.h"

#include <stdbool.h>

#include "hw/apic.h"
#include "hw/deadline.h"
#include "kernel/cmdline.h"
#include "kernel/memory.h"
#include "smm/default_smbase.h"
#include "smm/hotplug.h"
#include "smm/pen.h"
#include "smm/relocate.h"
#include "smm/state.h"

/* How long the new CPU may take to the pen or through its first SMI, while all others wait. */
#define NEW_CPU_MS (2000 + smm_state.cpus * 100)

static struct relocate_context *gate(void)
{
    return relocate_context_at(DEFAULT_SMBASE);
}

static bool in_pen(void)
{
    volatile struct pen *pen = pen_at(smm_state.hotplug.pen);

    return WAIT_FOR(pen->arrived, NEW_CPU_MS);
}

/*
 * By the SDM the broadcast SMI is pending on the CPU until SIPI, so INIT-SIPI-SIPI leads
 * it through the handler into the pen. A CPU that took the SMI at once is held in the
 * handler and gets out of there by INIT; it, and one that never had an SMI pending, is
 * in the pen first.
 */
static bool start_into_pen(uint32_t apic_id)
{
    apic_start_cpu(apic_id, (uint8_t)(smm_state.hotplug.pen >> 12));
    if (in_pen())
        return true;
    /* It was held behind the SIPI: let it go on. */
    gate()->force = 1;
    return in_pen();
}

void smm_bring_up(uint32_t apic_id, uint32_t smbase, uint32_t slot)
{
    struct smm_hotplug_report *r = &smm_mailbox.hotplug;
    uint32_t relocated, entered;

    if (smm_state.hotplug.protocol == SMM_PROTOCOL_OCTOBER)
        relocate_over_noop(DEFAULT_SMBASE);
    relocated = gate()->relocated;
    entered = gate()->entered;
    pen_at(smm_state.hotplug.pen)->arrived = 0;
    gate()->apic_id = apic_id;
    gate()->smbase = smm_state.faults & FAULT_NO_SMBASE_WRITE ? 0 : smbase;
    gate()->force = 0;
    gate()->gate = RELOCATE_OPEN;
    smm_hotplug_hook(SMM_HOTPLUG_GATE);
    if (smm_state.hotplug.protocol == SMM_PROTOCOL_OVMF)
        apic_send_smi(apic_id);
    r->cpu[slot].in_pen = start_into_pen(apic_id);
    if (gate()->relocated == relocated) {
        r->cpu[slot].directed_smi = 1;
        apic_send_smi(apic_id);
    }
    r->cpu[slot].relocated = WAIT_FOR(gate()->relocated != relocated, NEW_CPU_MS);
    gate()->gate = RELOCATE_CLOSED;
    r->cpu[slot].parked = gate()->parked;
    r->cpu[slot].entered = gate()->entered - entered;
}
