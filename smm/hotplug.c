/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smm/hotplug.h"

#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpuhp.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/cmdline.h"
#include "kernel/memory.h"
#include "lib/string.h"
#include "smm/default_smbase.h"
#include "smm/mailbox.h"
#include "smm/pen.h"
#include "smm/relocate.h"
#include "smm/rendezvous.h"
#include "smm/state.h"
#include "smm/unplug.h"

/* How long the new CPU may take to the pen or through its first SMI, while all others wait. */
#define NEW_CPU_MS (2000 + smm_state.cpus * 100)

static void run_hook(enum smm_hotplug_moment moment)
{
    if (smm_mailbox.hotplug_hook[moment])
        smm_mailbox.hotplug_hook[moment](NULL, NULL);
}

/*
 * Brings one CPU from wherever it is through its first SMI and into the pen.
 *
 * By the SDM the broadcast SMI is pending on the CPU until SIPI, so
 * INIT-SIPI-SIPI leads it through the handler into the pen. A CPU that took the
 * SMI at once is parked in the handler and gets out of there by INIT; it, and one
 * that never had an SMI pending, is in the pen first and needs an SMI of its own.
 */
static void bring_up(uint32_t apic_id, uint32_t smbase, uint32_t slot)
{
    struct relocate_context *gate = relocate_context_at(DEFAULT_SMBASE);
    struct smm_hotplug_report *r = &smm_mailbox.hotplug;
    volatile struct pen *pen = pen_at(smm_state.hotplug.pen);
    uint32_t relocated = gate->relocated;

    pen->arrived = 0;
    gate->apic_id = apic_id;
    gate->smbase = smm_state.faults & FAULT_NO_SMBASE_WRITE ? 0 : smbase;
    gate->force = 0;
    gate->gate = RELOCATE_OPEN;
    run_hook(SMM_HOTPLUG_GATE);
    apic_start_cpu(apic_id, (uint8_t)(smm_state.hotplug.pen >> 12));
    r->cpu[slot].in_pen = WAIT_FOR(pen->arrived, NEW_CPU_MS);
    if (!r->cpu[slot].in_pen) {
        /* By the letter of the SDM the SMI comes before the SIPI takes effect: let it go on. */
        gate->force = 1;
        r->cpu[slot].in_pen = WAIT_FOR(pen->arrived, NEW_CPU_MS);
    }
    if (gate->relocated == relocated) {
        r->cpu[slot].directed_smi = 1;
        apic_send_smi(apic_id);
    }
    r->cpu[slot].relocated = WAIT_FOR(gate->relocated != relocated, NEW_CPU_MS);
    gate->gate = RELOCATE_CLOSED;
    r->cpu[slot].parked = gate->parked;
}

/* The CPU stays where it is, before its first SMI or held in its handler: the gate is shut. */
static void refuse(uint32_t apic_id, const char *why)
{
    struct smm_hotplug_report *r = &smm_mailbox.hotplug;

    r->refused++;
    r->refused_apic_id = apic_id;
    r->refusal = why;
}

static void add(uint32_t selector, uint32_t apic_id)
{
    struct smm_hotplug_report *r = &smm_mailbox.hotplug;
    uint32_t slot = r->added;
    struct smm_cpu *cpu;

    if (slot >= SMM_HOTPLUG_MAX) {
        refuse(apic_id, "too many new CPUs for one command: give another one");
        return;
    }
    cpu = smm_register(apic_id);
    if (!cpu) {
        refuse(apic_id, "SMRAM has no room for another CPU: choose a larger TSEG");
        return;
    }
    memset(&r->cpu[slot], 0, sizeof(r->cpu[slot]));
    r->cpu[slot].selector = selector;
    r->cpu[slot].apic_id = apic_id;
    r->cpu[slot].smbase = cpu->smbase;
    r->cpu[slot].index = cpu->index;
    default_smbase_borrow();
    bring_up(apic_id, cpu->smbase, slot);
    if (!(smm_state.faults & FAULT_NO_RESTORE))
        default_smbase_return();
    r->added++;
}

/*
 * In selector order: requests to eject, and insert events of CPUs that the registry
 * does not know. A CPU that is to go needs no introduction; what is only a remove
 * event is the operating system's.
 */
static void handle_events(void)
{
    uint32_t selector = 0;

    for (;;) {
        uint32_t found = selector;
        uint32_t apic_id;
        uint8_t flags;

        if (!cpuhp_next_event(&found) || found < selector)
            return;
        apic_id = (uint32_t)cpuhp_arch_id(found);
        cpuhp_select(found);
        flags = cpuhp_flags();
        if (flags & CPUHP_FW_REMOVE)
            smm_unplug(found, apic_id);
        else if ((flags & CPUHP_ENABLED) && (flags & CPUHP_INSERT) && !smm_lookup(apic_id))
            add(found, apic_id);
        selector = found + 1;
    }
}

void smm_hotplug(struct smm_cpu *cpu)
{
    struct smm_hotplug_report *r = &smm_mailbox.hotplug;
    uint32_t arrived;

    if (!smm_is_monarch(cpu)) {
        smm_rendezvous_follow(cpu, false, NULL);
        return;
    }
    arrived = smm_rendezvous_lead(cpu, smm_state.hotplug.pull_in, smm_registered(), 0);
    r->monarch_apic_id = cpu->apic_id;
    r->command = inb(APM_CNT);
    r->data = inb(APM_STS);
    r->arrived = arrived;
    r->expected = smm_registered();
    r->added = 0;
    r->refused = 0;
    r->ejected = 0;
    run_hook(SMM_HOTPLUG_GATHERED);
    handle_events();
    run_hook(SMM_HOTPLUG_HANDLED);
    r->runs++;
    smm_rendezvous_leave();
}
