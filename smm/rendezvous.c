/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smm/rendezvous.h"

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "smm/mailbox.h"
#include "smm/state.h"

static volatile uint32_t arrived, generation;

bool smm_is_monarch(void)
{
    return rdmsr(MSR_APIC_BASE) & APIC_BASE_BSP;
}

static void pull_in_others(const struct smm_cpu *self)
{
    for (uint32_t i = 0; i < smm_state.cpus; i++) {
        if (smm_mailbox.cpu[i].present && i != self->index)
            apic_send_smi(smm_mailbox.cpu[i].apic_id);
    }
}

uint32_t smm_rendezvous_enter(const struct smm_cpu *cpu, bool pull_in)
{
    uint32_t mine = generation;

    __atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
    if (!smm_is_monarch()) {
        (void)WAIT_FOR(generation != mine, 2 * PATIENCE_MS);
        return 0;
    }
    if (pull_in)
        pull_in_others(cpu);
    (void)WAIT_FOR(arrived >= smm_state.cpus, PATIENCE_MS);
    return arrived;
}

void smm_rendezvous_leave(void)
{
    arrived = 0;
    __atomic_add_fetch(&generation, 1, __ATOMIC_SEQ_CST);
}
