/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers of the local APIC that software writes, CR8, and LINT0 as an NMI. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/io.h"
#include "hw/pic.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/apic/nmi.h"
#include "tests/smi/line.h"

#define CPUS 3

/* Delivery modes 000, 010 and 100 only: bit 8 makes reserved ones of these. */
#define LVT_BITS  (0xffU | APIC_DM_SMI | APIC_DM_NMI)
#define LINT_BITS (LVT_BITS | LINT_LOW | APIC_ICR_LEVEL)
#define LINT_LOW  BIT(13) /* input polarity */

/* set: what keeps the register from having an effect; each of the bits goes with it alone. */
static const struct {
    uint32_t reg, set, bits;
} writable[] = {
    {APIC_TPR, 0, 0xff},
    {APIC_LDR, 0, 0xff000000},
    {APIC_SVR, APIC_SVR_ENABLE, 0xff},
    {APIC_LVT_TIMER, APIC_LVT_MASKED, 0xff | APIC_LVT_REPEAT},
    {APIC_LVT_THERMAL, APIC_LVT_MASKED, LVT_BITS},
    {APIC_LVT_PERF, APIC_LVT_MASKED, LVT_BITS},
    {APIC_LVT_LINT0, APIC_LVT_MASKED, LINT_BITS},
    {APIC_LVT_LINT1, APIC_LVT_MASKED, LINT_BITS},
    {APIC_LVT_ERROR, APIC_LVT_MASKED, 0xff},
    {APIC_ICR_HIGH, 0, 0xff000000},
    {APIC_TIMER_INITIAL, 0, 0xffffffff},
    {APIC_TIMER_DIVIDE, 0, 0xb},
};

#define WRITABLE (sizeof(writable) / sizeof(writable[0]))

struct mismatch {
    uint32_t reg, wrote, got; /* the first one; reg 0: none */
};

static uint64_t probe(void *arg)
{
    struct mismatch *m = arg;
    unsigned long flags = irq_save();

    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
    for (size_t i = 0; i < WRITABLE; i++) {
        uint32_t mask = writable[i].bits | writable[i].set, old = apic_read(writable[i].reg);

        for (uint64_t bit = 0; bit <= BIT_64(31); bit = bit ? bit << 1 : 1) {
            uint32_t value = writable[i].set | ((uint32_t)bit & writable[i].bits), got;

            apic_write(writable[i].reg, value);
            got = apic_read(writable[i].reg) & mask;
            if (got != value && !m->reg)
                *m = (struct mismatch){writable[i].reg, value, got};
        }
        apic_write(writable[i].reg, old);
    }
    irq_restore(flags);
    return 0;
}

TEST(apic, registers, "the local APIC's registers hold what is written to them, every bit",
     SPEC("Intel SDM vol. 3, 10.4.1 Table 10-1, 10.5.1, 10.5.4, 10.6.1, 10.6.2.2, 10.8.3.1, 10.9"),
     NEEDS("smp=3 smm=any boot=own"))
{
    if (apic_is_x2apic())
        SKIP("some are others in x2APIC mode");
    if (!smp_start_all())
        ERROR("the APs do not come up");
    for (uint32_t n = 0; n < CPUS; n++) {
        struct mismatch m = {.reg = 0};

        if (!smp_call(n, probe, &m, NULL))
            ERROR("CPU %u does not answer", n);
        CONTEXT("CPU %u, register %#x", n, m.reg);
        EXPECT_EQ("kept", m.got, m.wrote, "every bit reads as it was written");
    }
    CONTEXT_CLEAR();
}

#ifdef __x86_64__
TEST(apic, cr8, "CR8 is the task priority's upper half, both ways",
     SPEC("Intel SDM vol. 3, 10.8.6 \"Task Priority in IA-32e Mode\""), NEEDS("smm=any"))
{
    unsigned long flags = irq_save();

    for (uint64_t v = 0; v < 16; v++) {
        uint64_t got;

        CONTEXT("%#lx", (unsigned long)v);
        __asm__ volatile("mov %0, %%cr8" : : "r"(v) : "memory");
        EXPECT_EQ("tpr", apic_read(APIC_TPR), v << 4, "TPR is 16 times what is written to CR8");
        apic_write(APIC_TPR, (uint32_t)(0xf - v) << 4);
        __asm__ volatile("mov %%cr8, %0" : "=r"(got));
        EXPECT_EQ("cr8", got, 0xf - v, "CR8 reads as bits 7:4 of what is written to TPR");
    }
    CONTEXT_CLEAR();
    apic_write(APIC_TPR, 0);
    irq_restore(flags);
}
#endif

/*
 * Raises the line with LINT0 like this; result: NMIs. More than one are no fault of the APIC: a PIC
 * whose output is high may signal it anew whenever one of its other inputs moves.
 */
static uint32_t raise_with(uint32_t lvt)
{
    uint32_t before = nmi_count_all();

    line_prepare();
    apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
    pic_mask_all();
    pic_init();
    outb(PIC_MASTER_MASK, 0xff & ~BIT(LINE_IRQ));
    apic_write(APIC_LVT_LINT0, lvt);
    line_raise();
    if (!(lvt & APIC_LVT_MASKED))
        (void)WAIT_FOR(nmi_count_all() != before, PATIENCE_MS);
    apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
    __asm__ volatile("jmp 1f; 1: jmp 2f; 2:" : : : "memory");
    line_lower();
    return nmi_count_all() - before;
}

TEST(apic, nmi_lint0, "an NMI by LINT0 arrives, unless the LVT masks it",
     SPEC("Intel SDM vol. 3, 10.5.1 Local Vector Table: LINT0, mask; delivery mode 100b"),
     NEEDS("smm=any boot=own"))
{
    nmi_count_start();
    EXPECT_NE("open", raise_with(APIC_DM_NMI), 0, "one arrives where it is not masked");
    EXPECT_EQ("masked", raise_with(APIC_DM_NMI | APIC_LVT_MASKED), 0, "none while it is");
    EXPECT_NE("again", raise_with(APIC_DM_NMI), 0, "and one when it is no longer");
    pic_mask_all();
    nmi_count_stop();
}
