/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/hotplug/watch.h"

#include <stdbool.h>
#include <stddef.h>

#include "firmware/smm.h"
#include "kernel/memory.h"
#include "lib/string.h"
#include "smm/relocate.h"
#include "tests/hotplug/steps.h"

static struct watch *watch;

static const uint8_t *SMM_CODE handler(void)
{
    return (const uint8_t *)(uintptr_t)(DEFAULT_SMBASE + SMM_ENTRY_OFFSET);
}

static bool SMM_CODE holds(const uint8_t *start, const uint8_t *end)
{
    return memcmp(handler(), start, (size_t)(end - start)) == 0;
}

static bool SMM_CODE os_data(void)
{
    const uint8_t *memory = (const uint8_t *)(uintptr_t)DEFAULT_SMBASE;

    for (uint32_t i = 0; i < SMM_SCRATCH_SIZE; i++) {
        if (memory[i] != os_byte(i))
            return false;
    }
    return true;
}

static uint64_t SMM_CODE at_begin(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    watch->os_data_at_begin = os_data();
    watch->noop_at_begin = holds(noop_start, noop_end);
    watch->relocation_at_begin = holds(relocate_start, relocate_end);
    watch->gate_at_begin = relocate_context_at(DEFAULT_SMBASE)->gate;
    return 0;
}

static uint64_t SMM_CODE at_gate(struct smm_cpu *cpu, void *arg)
{
    const struct relocate_context *gate = relocate_context_at(DEFAULT_SMBASE);

    (void)cpu;
    (void)arg;
    watch->relocation_at_gate += holds(relocate_start, relocate_end);
    watch->gate_opened += gate->gate == RELOCATE_OPEN;
    watch->gate_apic_ids |= 1U << (gate->apic_id & 31);
    return 0;
}

static uint64_t SMM_CODE at_end(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    watch->os_data_at_end = os_data();
    watch->noop_at_end = holds(noop_start, noop_end);
    watch->gate_at_end = relocate_context_at(DEFAULT_SMBASE)->gate;
    watch->inside_at_end = 0;
    for (uint32_t i = 0; i < smm_state.cpus; i++)
        watch->inside_at_end += smm_mailbox.cpu[i].inside;
    return 0;
}

void watch_begin(struct watch *w)
{
    memset(w, 0, sizeof(*w));
    watch = w;
    smm_mailbox.hotplug_hook[SMM_HOTPLUG_GATHERED] = at_begin;
    smm_mailbox.hotplug_hook[SMM_HOTPLUG_GATE] = at_gate;
    smm_mailbox.hotplug_hook[SMM_HOTPLUG_HANDLED] = at_end;
}

void watch_end(void)
{
    for (int i = 0; i < SMM_HOTPLUG_MOMENTS; i++)
        smm_mailbox.hotplug_hook[i] = NULL;
}
