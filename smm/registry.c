/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smm/state.h"

#include <stddef.h>

#include "hw/apic.h"
#include "lib/string.h"
#include "smm/descriptors.h"
#include "smm/mailbox.h"

extern const uint8_t smm_stub_start[], smm_stub_leave[], smm_stub_end[];
void smm_entry(void);

struct smm_state smm_state;

static struct smm_cpu *cpu_in_tile(uint32_t index)
{
    uint32_t tile = smm_state.layout.tiles + index * SMM_TILE_SIZE;

    return (struct smm_cpu *)(uintptr_t)(tile + SMM_TILE_CPU_OFFSET);
}

/* The tile that an unplugged CPU left, or the first that was never used. */
static uint32_t free_tile(void)
{
    for (uint32_t i = 0; i < smm_state.cpus; i++) {
        if (!cpu_in_tile(i)->registered)
            return i;
    }
    return smm_state.cpus;
}

struct smm_cpu *smm_register(uint32_t apic_id)
{
    uint32_t index = free_tile();
    uint32_t tile = smm_state.layout.tiles + index * SMM_TILE_SIZE;
    struct smm_cpu *cpu = cpu_in_tile(index);
    struct smm_cpu_report *report = &smm_mailbox.cpu[index];

    if (index >= smm_state.layout.max_cpus || index >= SMM_MAX_CPUS)
        return NULL;
    memcpy((void *)(uintptr_t)tile, smm_stub_start, (size_t)(smm_stub_end - smm_stub_start));
    memset(cpu, 0, sizeof(*cpu));
    cpu->tile = tile;
    cpu->cr3 = smm_state.cr3;
    cpu->cr4 = SMM_CR4;
    cpu->efer = smm_state.efer;
    cpu->entry = (uint32_t)(uintptr_t)smm_entry;
    cpu->entry_cs = SMM_CS;
    cpu->gdtr_limit = smm_gdt_limit;
    cpu->gdtr_base = (uint32_t)(uintptr_t)smm_gdt;
    cpu->stack_top = tile + SMM_TILE_STACK_TOP;
    cpu->leave = tile + (uint32_t)(smm_stub_leave - smm_stub_start);
    cpu->leave_cs = SMM_CS_LEAVE;
    cpu->apic_id = apic_id;
    cpu->smbase = smm_smbase(&smm_state.layout, index);
    cpu->index = index;
    cpu->registered = 1;
    memset(report, 0, sizeof(*report));
    report->apic_id = apic_id;
    report->present = 1;
    if (index == smm_state.cpus)
        smm_state.cpus++;
    return cpu;
}

struct smm_cpu *smm_lookup(uint32_t apic_id)
{
    for (uint32_t i = 0; i < smm_state.cpus; i++) {
        struct smm_cpu *cpu = cpu_in_tile(i);

        if (cpu->registered && cpu->apic_id == apic_id)
            return cpu;
    }
    return NULL;
}

struct smm_cpu *smm_who_am_i(void)
{
    return smm_lookup(cpu_initial_apic_id());
}

struct smm_cpu *smm_processor(uint32_t number)
{
    if (number >= smm_state.cpus || !cpu_in_tile(number)->registered)
        return NULL;
    return cpu_in_tile(number);
}

bool smm_switch_bsp(uint32_t apic_id)
{
    if (!smm_lookup(apic_id))
        return false;
    smm_state.elected.apic_id = apic_id;
    smm_state.elected.valid = 1;
    return true;
}

void smm_switch_bsp_back(void)
{
    smm_state.elected.valid = 0;
}

void smm_unregister(struct smm_cpu *cpu)
{
    if (smm_state.elected.valid && smm_state.elected.apic_id == cpu->apic_id)
        smm_switch_bsp_back();
    cpu->registered = 0;
    smm_mailbox.cpu[cpu->index].present = 0;
}

uint32_t smm_registered(void)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < smm_state.cpus; i++)
        n += cpu_in_tile(i)->registered != 0;
    return n;
}
