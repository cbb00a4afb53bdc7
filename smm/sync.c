/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smm/sync.h"

#include "smm/mailbox.h"
#include "smm/rendezvous.h"
#include "smm/state.h"

static void lead(struct smm_cpu *cpu)
{
    struct smm_sync *s = &smm_mailbox.sync;
    bool traditional = s->mode == SMM_SYNC_TRADITIONAL;

    s->monarch = cpu->apic_id;
    s->expected = smm_state.cpus;
    s->waiting = 1;
    s->joined = smm_rendezvous_lead(cpu, s->pull_in && traditional, traditional ? s->sure : 0,
                                    traditional ? s->patience_ms : 0);
    s->waiting = 0;
    s->work(cpu, s->argument);
    s->done++;
    s->mode = SMM_SYNC_NONE;
    smm_rendezvous_leave();
}

void smm_synchronise(struct smm_cpu *cpu)
{
    const struct smm_sync *s = &smm_mailbox.sync;

    if (smm_is_monarch(cpu))
        lead(cpu);
    else
        smm_rendezvous_follow(cpu, s->pull_in && s->writer == cpu->apic_id, &s->mode);
}
