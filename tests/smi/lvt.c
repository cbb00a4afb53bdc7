/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMIs that the local APIC makes itself, from its vector table: LINT0, LINT1, and not the timer. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/io.h"
#include "hw/pic.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/smi/count.h"
#include "tests/smi/hold.h"
#include "tests/smi/line.h"

#define LVT "Intel SDM vol. 3, 10.5.1 \"Local Vector Table\""

#define VECTOR_NMI 2

struct entry {
    uint32_t reg, value;
};

static uint64_t swap_entry(void *arg)
{
    const struct entry *e = arg;
    uint32_t old = apic_read(e->reg);

    apic_write(e->reg, e->value);
    return old;
}

/* Writes an entry of CPU n; returns what it was. */
static uint32_t set_entry(uint32_t n, uint32_t reg, uint32_t value)
{
    struct entry e = {.reg = reg, .value = value};
    uint64_t old = 0;

    REQUIRE_TRUE("lvt", smp_call(n, swap_entry, &e, &old), "the CPU's LVT can be written");
    return (uint32_t)old;
}

static volatile uint32_t nmis[SMI_CPUS_MAX];

static void on_nmi(struct trap_frame *frame)
{
    uint32_t self = smp_self();

    (void)frame;
    if (self < SMI_CPUS_MAX)
        nmis[self]++;
}

/* LINT1 of every CPU n in set is an SMI, that of the others what else says. */
static void check_lint1(uint64_t set, uint32_t smi, uint32_t else_, uint32_t else_nmis)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        set_entry(n, APIC_LVT_LINT1, set >> n & 1 ? smi : else_);
        nmis[n] = 0;
    }
    smi_count_start();
    host_do("nmi");
    smi_count_check(set);
    for (uint32_t n = 0; n < smp_cpus(); n++)
        EXPECT_EQ("nmis", nmis[n], set >> n & 1 ? 0 : else_nmis,
                  "only CPUs whose LINT1 is an NMI take one");
}

TEST(smi, lint1, "LINT1 is an SMI on the CPUs whose LVT says so, once for every pulse",
     SPEC(LVT ": LINT1 with delivery mode 010"), NEEDS("smp=3 host=nmi"))
{
    uint32_t old[SMI_CPUS_MAX] = {0};

    REQUIRE_SMM();
    irq_set_handler(VECTOR_NMI, on_nmi);
    for (uint32_t n = 0; n < smp_cpus(); n++)
        old[n] = set_entry(n, APIC_LVT_LINT1, APIC_LVT_MASKED);
    for (uint64_t set = 0; set <= SMI_ALL_CPUS; set++) {
        CONTEXT("SMI on CPUs %#llx, the others masked", (unsigned long long)set);
        check_lint1(set, APIC_DM_SMI, APIC_DM_SMI | APIC_LVT_MASKED, 0);
        CONTEXT("SMI on CPUs %#llx, NMI on the others", (unsigned long long)set);
        check_lint1(set, APIC_DM_SMI, APIC_DM_NMI, 1);
    }
    CONTEXT("level-triggered by its LVT, which counts as edge");
    check_lint1(SMI_ALL_CPUS, APIC_DM_SMI | APIC_ICR_LEVEL, 0, 0);
    CONTEXT_CLEAR();
    for (uint32_t n = 0; n < smp_cpus(); n++)
        set_entry(n, APIC_LVT_LINT1, old[n]);
    irq_set_handler(VECTOR_NMI, NULL);
}

TEST(smi, lint1_held, "what comes by LINT1 while its CPU is in SMM is latched there, SMI and NMI",
     SPEC(LVT "; 34.3.1, 34.8: SMIs and NMIs in SMM are latched"), NEEDS("smp=2 host=nmi"))
{
    static const uint32_t modes[] = {APIC_DM_SMI, APIC_DM_NMI};
    uint32_t bsp, old;

    REQUIRE_SMM();
    irq_set_handler(VECTOR_NMI, on_nmi);
    bsp = set_entry(0, APIC_LVT_LINT1, APIC_LVT_MASKED);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        bool smi = modes[i] == APIC_DM_SMI;

        CONTEXT("LINT1 is an %s", smi ? "SMI" : "NMI");
        old = set_entry(1, APIC_LVT_LINT1, modes[i]);
        nmis[1] = 0;
        smi_count_start();
        smi_hold(1);
        host_do("nmi");
        EXPECT_EQ("held", nmis[1], 0, "no NMI is delivered in SMM");
        smi_release(1);
        (void)WAIT_FOR(smi || nmis[1], PATIENCE_MS);
        EXPECT_EQ("nmi", nmis[1], !smi, "an NMI comes behind it, once");
        smi_count_check_each((uint32_t[]){0, 1U + smi});
        set_entry(1, APIC_LVT_LINT1, old);
    }
    CONTEXT_CLEAR();
    set_entry(0, APIC_LVT_LINT1, bsp);
    irq_set_handler(VECTOR_NMI, NULL);
}

TEST(smi, lint0, "LINT0 is an SMI on the BSP if its LVT says so, once for every edge",
     SPEC(LVT ": LINT0 with delivery mode 010"), NEEDS("smp=2"))
{
    uint32_t old;

    REQUIRE_SMM();
    for (unsigned int round = 1; round <= 3; round++) {
        uint32_t masked = round == 2 ? APIC_LVT_MASKED : 0;

        CONTEXT("round %u, %s", round, masked ? "masked" : "not masked");
        line_prepare();
        old = set_entry(0, APIC_LVT_LINT0, APIC_LVT_MASKED);
        pic_mask_all();
        pic_init();
        outb(PIC_MASTER_MASK, 0xff & ~BIT(LINE_IRQ));
        smi_count_start();
        apic_write(APIC_LVT_LINT0, APIC_DM_SMI | masked);
        line_raise();
        /* A look at the count is no access to the PIC, which might raise its output anew. */
        smi_count_check(masked ? 0 : SMI_CPU(0));
        apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
        line_lower();
        pic_mask_all();
        pic_init();
        apic_write(APIC_LVT_LINT0, old);
    }
    CONTEXT_CLEAR();
}

static volatile uint32_t timer_interrupts;

static void on_timer(struct trap_frame *frame)
{
    (void)frame;
    timer_interrupts++;
    apic_eoi();
}

TEST(smi, lvt_timer, "the APIC timer interrupts by vector, whatever a delivery mode would say",
     SPEC(LVT ", Figure 10-8: the timer's entry has no delivery mode field"), NEEDS(""))
{
    REQUIRE_SMM();
    irq_set_handler(VECTOR_TEST, on_timer);
    timer_interrupts = 0;
    smi_count_start();
    apic_write(APIC_LVT_TIMER, APIC_DM_SMI | VECTOR_TEST);
    apic_write(APIC_TIMER_DIVIDE, 0xb);
    apic_write(APIC_TIMER_INITIAL, 1000);
    sti();
    (void)WAIT_FOR(timer_interrupts || smi_count_of(0), PATIENCE_MS);
    cli();
    EXPECT_EQ("interrupt", timer_interrupts, 1, "the vector is delivered");
    EXPECT_EQ("smi", smi_count_of(0), 0, "no SMI is taken");
    apic_write(APIC_TIMER_INITIAL, 0);
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
    irq_set_handler(VECTOR_TEST, NULL);
}
