/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/msr/start.h"

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"

extern const uint8_t start_begin[], start_end[], start_here[];

/* Every field is a label of start.asm. */
#define FIELD(name) extern const uint8_t start_##name[]
FIELD(fx);
FIELD(arrived_count);
FIELD(apic);
FIELD(has_xsave);
FIELD(msr_count);
FIELD(msrs);
FIELD(xcr0);
FIELD(gpr);
FIELD(segments);
FIELD(flags);
FIELD(ip);
FIELD(gdtr);
FIELD(idtr);
FIELD(cr);
FIELD(dr);
FIELD(apic_page);

static void *at(uint8_t vector, const uint8_t *label)
{
    return (void *)((uintptr_t)vector * PAGE_SIZE + (uint32_t)(label - start_begin));
}

static bool has_xsave(void)
{
    struct cpuid_regs r;

    cpuid(1, 0, &r);
    return r.ecx & CPUID_1_ECX_XSAVE;
}

void start_prepare(uint8_t vector, const uint32_t *msrs, unsigned int count)
{
    uint32_t *entry = at(vector, start_msrs);

    memset((void *)((uintptr_t)vector * PAGE_SIZE), 0xcc, PAGE_SIZE);
    memcpy((void *)((uintptr_t)vector * PAGE_SIZE), start_begin,
           (uint32_t)(start_end - start_begin));
    /* An entry behind the first byte, a prefix, would write half of the first register. */
    memset(at(vector, start_gpr), 0xcc, sizeof(((struct start_report *)0)->gpr));
    *(uint32_t *)at(vector, start_apic) = (uint32_t)(rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDRESS);
    *(uint32_t *)at(vector, start_has_xsave) = has_xsave();
    *(uint32_t *)at(vector, start_msr_count) = count;
    for (unsigned int i = 0; i < count; i++)
        entry[3 * i] = msrs[i];
}

uint32_t start_arrived(uint8_t vector)
{
    return *(volatile uint32_t *)at(vector, start_arrived_count);
}

void start_get(uint8_t vector, struct start_report *r)
{
    const uint32_t *entry = at(vector, start_msrs);

    memcpy(r->gpr, at(vector, start_gpr), sizeof(r->gpr));
    memcpy(r->segment, at(vector, start_segments), sizeof(r->segment));
    memcpy(&r->flags, at(vector, start_flags), sizeof(r->flags));
    memcpy(&r->ip, at(vector, start_ip), sizeof(r->ip));
    r->ip -= (uint16_t)(start_here - start_begin);
    memcpy(&r->gdtr_limit, at(vector, start_gdtr), 2);
    memcpy(&r->gdtr_base, (uint8_t *)at(vector, start_gdtr) + 2, 4);
    memcpy(&r->idtr_limit, at(vector, start_idtr), 2);
    memcpy(&r->idtr_base, (uint8_t *)at(vector, start_idtr) + 2, 4);
    memcpy(r->cr, at(vector, start_cr), sizeof(r->cr));
    memcpy(r->dr, at(vector, start_dr), sizeof(r->dr));
    for (unsigned int i = 0; i < START_MSRS; i++)
        r->msr[i] = entry[3 * i + 1] | (uint64_t)entry[3 * i + 2] << 32;
    memcpy(&r->xcr0, at(vector, start_xcr0), sizeof(r->xcr0));
    memcpy(r->fx, at(vector, start_fx), sizeof(r->fx));
    memcpy(r->apic, at(vector, start_apic_page), sizeof(r->apic));
}

bool start_cpu(uint32_t n, uint8_t vector)
{
    uint32_t before = start_arrived(vector);

    apic_start_cpu(smp_apic_id(n), vector);
    return WAIT_FOR(start_arrived(vector) != before, PATIENCE_MS);
}

uint32_t start_return(uint32_t n)
{
    uint32_t id = smp_apic_id(n);

    smp_forget(n);
    n = smp_start_one(id);
    if (n == UINT32_MAX)
        ERROR("the CPU with APIC id %u does not come back", id);
    return n;
}

void start_expect_apic_reset(const struct start_report *r)
{
    static const struct {
        uint16_t reg;
        uint32_t value;
    } expected[] = {
        {APIC_TPR, 0},
        {APIC_LDR, 0},
        {APIC_DFR, 0xffffffff},
        {APIC_SVR, 0xff},
        {APIC_LVT_TIMER, APIC_LVT_MASKED},
        {APIC_LVT_THERMAL, APIC_LVT_MASKED},
        {APIC_LVT_PERF, APIC_LVT_MASKED},
        {APIC_LVT_LINT0, APIC_LVT_MASKED},
        {APIC_LVT_LINT1, APIC_LVT_MASKED},
        {APIC_LVT_ERROR, APIC_LVT_MASKED},
        {APIC_TIMER_DIVIDE, 0},
        {APIC_TIMER_INITIAL, 0},
        {APIC_TIMER_CURRENT, 0},
        {APIC_ICR, 0},
        {APIC_ICR_HIGH, 0},
    };

    for (unsigned int i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        CONTEXT("register %#x", expected[i].reg);
        EXPECT_EQ("registers", r->apic[expected[i].reg / 16], expected[i].value,
                  "the registers have their reset values");
    }
    for (unsigned int i = 0; i < 8; i++) {
        CONTEXT("vectors %#x to %#x", i * 32, i * 32 + 31);
        EXPECT_EQ("isr", r->apic[APIC_ISR / 16 + i], 0, "ISR is empty");
        EXPECT_EQ("tmr", r->apic[APIC_TMR / 16 + i], 0, "TMR is empty");
        EXPECT_EQ("irr", r->apic[APIC_IRR / 16 + i], 0, "IRR is empty");
    }
    CONTEXT_CLEAR();
}
