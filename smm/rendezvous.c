/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smm/rendezvous.h"

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "smm/mailbox.h"
#include "smm/state.h"
#include "smm/unplug.h"

/* Session that each registered CPU joined last; the running one is generation + 1. */
static volatile uint32_t joined[SMM_MAX_CPUS];
static volatile uint32_t generation;

bool smm_is_monarch(const struct smm_cpu *cpu)
{
    if (smm_state.elected.valid)
        return cpu->apic_id == smm_state.elected.apic_id;
    return rdmsr(MSR_APIC_BASE) & APIC_BASE_BSP;
}

static bool has_joined(uint32_t index)
{
    return joined[index] == generation + 1;
}

static uint32_t count_joined(void)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < smm_state.cpus; i++)
        n += smm_mailbox.cpu[i].present && has_joined(i);
    return n;
}

/*
 * A CPU that has joined needs no SMI, it would latch a second one. One that is
 * still on its way out of the last session does: it comes back by the latched SMI.
 */
static void pull_in(uint32_t index)
{
    if (smm_mailbox.cpu[index].present && !has_joined(index))
        apic_send_smi(smm_mailbox.cpu[index].apic_id);
}

/* The BSP is registered first. */
static uint32_t monarch_index(void)
{
    return smm_state.elected.valid ? smm_lookup(smm_state.elected.apic_id)->index : 0;
}

static uint32_t join(const struct smm_cpu *cpu)
{
    uint32_t mine = generation;

    joined[cpu->index] = mine + 1;
    return mine;
}

void smm_rendezvous_follow(struct smm_cpu *cpu, bool call_monarch, const volatile uint32_t *open)
{
    uint32_t mine = join(cpu);

    /* The monarch clears it before it ends the session: too late for this one. */
    if (open && !*open) {
        joined[cpu->index] = 0;
        return;
    }
    if (call_monarch)
        pull_in(monarch_index());
    (void)WAIT_FOR(generation != mine || cpu->leaving, 3 * PATIENCE_FOR(smm_state.cpus));
    if (cpu->leaving)
        smm_unplug_wait(cpu);
}

uint32_t smm_rendezvous_lead(const struct smm_cpu *cpu, bool call_others, uint32_t sure,
                             uint32_t patience_ms)
{
    join(cpu);
    for (uint32_t i = 0; call_others && i < smm_state.cpus; i++)
        pull_in(i);
    (void)WAIT_FOR(count_joined() >= sure, PATIENCE_FOR(smm_state.cpus));
    (void)WAIT_FOR(count_joined() >= smm_registered(), patience_ms);
    return count_joined();
}

void smm_rendezvous_leave(void)
{
    __atomic_add_fetch(&generation, 1, __ATOMIC_SEQ_CST);
}
