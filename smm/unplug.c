/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smm/unplug.h"

#include <stddef.h>

#include "hw/cpu.h"
#include "hw/cpuhp.h"
#include "hw/deadline.h"
#include "lib/string.h"
#include "smm/mailbox.h"
#include "smm/rendezvous.h"
#include "smm/state.h"

void smm_unplug_wait(struct smm_cpu *cpu)
{
    cpu->held = 1;
    for (;;)
        hlt();
}

void smm_unplug(uint32_t selector, uint32_t apic_id)
{
    struct smm_hotplug_report *r = &smm_mailbox.hotplug;
    struct smm_cpu *cpu = smm_lookup(apic_id);
    uint32_t n = r->ejected;

    /* The monarch must not eject itself, whoever asks for it. */
    if (n >= SMM_HOTPLUG_MAX || apic_id == r->monarch_apic_id)
        return;
    memset(&r->eject[n], 0, sizeof(r->eject[n]));
    r->eject[n].selector = selector;
    r->eject[n].apic_id = apic_id;
    r->eject[n].known = cpu != NULL;
    if (cpu) {
        cpu->leaving = 1;
        r->eject[n].held = WAIT_FOR(cpu->held, PATIENCE_MS);
    }
    cpuhp_select(selector);
    cpuhp_write_flags(CPUHP_EJECT);
    r->eject[n].flags = cpuhp_flags();
    if (cpu && !(r->eject[n].flags & CPUHP_ENABLED))
        smm_unregister(cpu);
    r->ejected++;
}
