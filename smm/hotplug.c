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
#include "smm/bring_up.h"
#include "smm/default_smbase.h"
#include "smm/mailbox.h"
#include "smm/relocate.h"
#include "smm/rendezvous.h"
#include "smm/state.h"
#include "smm/unplug.h"

void smm_hotplug_hook(enum smm_hotplug_moment moment)
{
    if (smm_mailbox.hotplug_hook[moment])
        smm_mailbox.hotplug_hook[moment](NULL, NULL);
}

static bool is_october(void)
{
    return smm_state.hotplug.protocol == SMM_PROTOCOL_OCTOBER;
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
    smm_bring_up(apic_id, cpu->smbase, slot);
    if (!(smm_state.faults & FAULT_NO_RESTORE) && !is_october())
        default_smbase_return();
    r->added++;
}

/* The next slot with an event from *selector on; behind the last one: false. */
static bool next_event(uint32_t *selector, uint32_t *apic_id, uint8_t *flags)
{
    uint32_t found = *selector;

    if (!cpuhp_next_event(&found) || found < *selector)
        return false;
    *apic_id = (uint32_t)cpuhp_arch_id(found);
    cpuhp_select(found);
    *flags = cpuhp_flags();
    *selector = found;
    return true;
}

static bool is_new(uint32_t apic_id, uint8_t flags)
{
    return (flags & CPUHP_ENABLED) && (flags & CPUHP_INSERT) && !(flags & CPUHP_FW_REMOVE) &&
           !smm_lookup(apic_id);
}

/*
 * October 2019, step a: whatever a new CPU was sent or does, INIT ends it, also in the
 * no-operation handler; none of them is on its way there when it is replaced.
 */
static void shoot_down(void)
{
    const struct relocate_context *noop = relocate_context_at(DEFAULT_SMBASE);
    uint32_t apic_id;
    uint8_t flags;

    for (uint32_t selector = 0; next_event(&selector, &apic_id, &flags); selector++) {
        if (is_new(apic_id, flags))
            apic_send_init(apic_id);
    }
    smm_mailbox.hotplug.noop_entered = noop->entered;
    smm_mailbox.hotplug.noop_passed = noop->passed;
}

/* Time for new CPUs to come to their first SMI, while all others wait. */
#define FIRST_SMIS_MS 1000

/* New CPUs that the SMI behind this command reaches in the default SMBASE's handler. */
static uint32_t first_smis(void)
{
    uint32_t apic_id, count = 0;
    uint8_t flags;

    if (smm_state.hotplug.pull_in || is_october() || smm_state.hotplug.mode == SMM_DEFAULT_BORROWED)
        return 0;
    for (uint32_t selector = 0; next_event(&selector, &apic_id, &flags); selector++)
        count += is_new(apic_id, flags);
    return count;
}

/*
 * A CPU that takes its first SMI while another one is relocated overwrites that one's save
 * state: there is one for all of them at the default SMBASE. Before the gate opens all of
 * them must be held in the handler. None comes where an SMI stays pending until SIPI (Intel
 * SDM vol. 3, 34.2): then each has the handler for itself anyway.
 */
static void await_first_smis(uint32_t count)
{
    struct smm_hotplug_config *h = &smm_state.hotplug;
    const struct relocate_context *gate = relocate_context_at(DEFAULT_SMBASE);

    if (count > 1 && WAIT_FOR(gate->parked != h->parked_before, FIRST_SMIS_MS))
        (void)WAIT_FOR(gate->parked - h->parked_before >= count, FIRST_SMIS_MS);
}

/*
 * In selector order: requests to eject, and insert events of CPUs that the registry
 * does not know. A CPU that is to go needs no introduction; what is only a remove
 * event is the operating system's.
 */
static void handle_events(void)
{
    uint32_t apic_id;
    uint8_t flags;

    if (is_october())
        shoot_down();
    for (uint32_t selector = 0; next_event(&selector, &apic_id, &flags); selector++) {
        if (flags & CPUHP_FW_REMOVE)
            smm_unplug(selector, apic_id);
        else if (is_new(apic_id, flags))
            add(selector, apic_id);
    }
    /* Step f: the no-operation handler comes back. */
    if (is_october() && !(smm_state.faults & FAULT_NO_RESTORE))
        default_smbase_return();
}

void smm_hotplug(struct smm_cpu *cpu)
{
    struct smm_hotplug_report *r = &smm_mailbox.hotplug;
    uint32_t arrived, coming;

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
    coming = first_smis();
    smm_hotplug_hook(SMM_HOTPLUG_GATHERED);
    await_first_smis(coming);
    handle_events();
    smm_state.hotplug.parked_before = relocate_context_at(DEFAULT_SMBASE)->parked;
    smm_hotplug_hook(SMM_HOTPLUG_HANDLED);
    r->runs++;
    smm_rendezvous_leave();
}
