/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local APICs over a migration: registers, what is pending, what is counting. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/migrate/migrate.h"

#define APIC "Intel SDM vol. 3, \"Advanced Programmable Interrupt Controller (APIC)\""
#define HERE "host=migrate boot=own smp=2 accel=tcg "

#define CPUS  2
#define LOW   (VECTOR_TEST + 1) /* one priority class for all vectors of tests */
#define OTHER (VECTOR_TEST + 2)

#define NOBODY        0xfeU /* no CPU has this id */
#define DFR_CLUSTER   0x0fffffffU
#define APIC_RESERVED 0x3a0

static const uint16_t registers[] = {
    APIC_ID,        APIC_VERSION,   APIC_TPR,         APIC_LDR,           APIC_SVR,
    APIC_ESR,       APIC_LVT_TIMER, APIC_LVT_THERMAL, APIC_LVT_PERF,      APIC_LVT_LINT0,
    APIC_LVT_LINT1, APIC_LVT_ERROR, APIC_ICR,         APIC_TIMER_INITIAL, APIC_TIMER_DIVIDE,
};

#define REGISTERS (sizeof(registers) / sizeof(registers[0]))

static struct state {
    uint32_t value[REGISTERS];
    uint32_t bits[3][8]; /* ISR, TMR, IRR */
    uint32_t dfr, icr_high, current;
    uint64_t base;
} before[CPUS], after[CPUS];

static uint64_t look(void *arg)
{
    struct state *s = arg;

    for (size_t i = 0; i < REGISTERS; i++)
        s->value[i] = apic_read(registers[i]);
    for (unsigned int i = 0; i < 8; i++) {
        s->bits[0][i] = apic_read(APIC_ISR + 0x10 * i);
        s->bits[1][i] = apic_read(APIC_TMR + 0x10 * i);
        s->bits[2][i] = apic_read(APIC_IRR + 0x10 * i);
    }
    s->dfr = apic_is_x2apic() ? 0 : apic_read(APIC_DFR);
    s->icr_high = apic_is_x2apic() ? 0 : apic_read(APIC_ICR_HIGH);
    s->current = apic_read(APIC_TIMER_CURRENT);
    s->base = rdmsr(MSR_APIC_BASE);
    return 0;
}

/* Values that differ from CPU to CPU and from those after reset. */
static uint64_t fill(void *arg)
{
    uint32_t n = *(uint32_t *)arg;

    apic_icr(NOBODY, LOW);
    if (!apic_is_x2apic()) {
        apic_write(APIC_DFR, DFR_CLUSTER);
        apic_write(APIC_LDR, (n + 5) << 24);
        apic_write(APIC_ICR_HIGH, 0x5a000000);
        (void)apic_read(APIC_RESERVED); /* an error for ESR */
        apic_write(APIC_ESR, 0);
    }
    apic_write(APIC_TPR, 0x10 + n);
    apic_write(APIC_LVT_THERMAL, APIC_LVT_MASKED | (0x90 + n));
    apic_write(APIC_LVT_PERF, APIC_LVT_MASKED | (0xa0 + n));
    apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED | APIC_DM_SMI);
    apic_write(APIC_LVT_LINT1, APIC_DM_NMI);
    apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED | (0xb0 + n));
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | (0xc0 + n));
    apic_write(APIC_TIMER_DIVIDE, n ? 0x2 : 0xa); /* 8, 128 */
    apic_write(APIC_TIMER_INITIAL, 0xfffffff0U - n);
    return 0;
}

static void look_at_all(struct state *s)
{
    for (uint32_t n = 0; n < CPUS; n++) {
        if (!smp_call(n, look, &s[n], NULL))
            ERROR("CPU %u does not answer", n);
    }
}

static void check_registers(void)
{
    look_at_all(before);
    migrate();
    look_at_all(after);
    for (uint32_t n = 0; n < CPUS; n++) {
        for (size_t i = 0; i < REGISTERS; i++) {
            CONTEXT("CPU %u, register %#x", n, registers[i]);
            /* The request to look is an IPI, by the BSP's ICR. */
            if (registers[i] != APIC_ICR || n)
                EXPECT_EQ("register", after[n].value[i], before[n].value[i],
                          "every register reads as before");
        }
        CONTEXT("CPU %u", n);
        EXPECT_EQ("icr-high", after[n].icr_high, before[n].icr_high, "so does ICR's upper half");
        EXPECT_EQ("dfr", after[n].dfr, before[n].dfr, "DFR reads as before");
        EXPECT_EQ("base", after[n].base, before[n].base, "IA32_APIC_BASE reads as before");
        EXPECT_MEM("bits", after[n].bits, before[n].bits, sizeof(before[n].bits),
                   "ISR, TMR and IRR read as before");
        EXPECT_RANGE("timer", after[n].current, 1, before[n].current - 1,
                     "the timer counts on from where it was");
    }
    CONTEXT_CLEAR();
}

static volatile uint32_t taken[16];

static void on_test(struct trap_frame *frame)
{
    taken[frame->vector - VECTOR_TEST]++;
    apic_eoi();
}

/* IPIs in both destination modes still find their CPU. */
static void check_destinations(void)
{
    uint32_t ldr = after[1].value[3];

    for (unsigned int logical = 0; logical < 2; logical++) {
        uint32_t dest = apic_is_x2apic() ? ldr : ldr >> 24;

        taken[1] = 0;
        CONTEXT("%s destination", logical ? "logical" : "physical");
        apic_icr(logical ? dest : smp_apic_id(1), LOW | (logical ? APIC_ICR_LOGICAL : 0));
        EXPECT_TRUE("ipi", WAIT_FOR(taken[1], PATIENCE_MS), "an IPI to CPU 1 reaches it");
    }
    CONTEXT_CLEAR();
}

static void over_migration(void)
{
    irq_set_handler(LOW, on_test);
    irq_set_handler(OTHER, on_test);
    for (uint32_t n = 0; n < CPUS; n++)
        smp_call(n, fill, &n, NULL);
    /* Pending on the BSP, whose interrupts are off. */
    apic_icr(smp_apic_id(0), LOW);
    apic_icr(smp_apic_id(0), OTHER | APIC_ICR_LEVEL | APIC_ICR_ASSERT);
    check_registers();
    taken[1] = taken[2] = 0;
    sti();
    __asm__ volatile("nop; nop; jmp 1f; 1:" : : : "memory");
    cli();
    EXPECT_EQ("pending", taken[1], 1, "what was pending is delivered, once");
    EXPECT_EQ("pending", taken[2], 1, "each vector");
    check_destinations();
}

TEST(migrate, apic, "local APICs keep their registers, what is pending and what they count",
     SPEC(MIGRATION APIC), NEEDS(HERE))
{
    if (!smp_start_all())
        ERROR("an AP is missing");
    over_migration();
}

static uint64_t to_x2apic(void *arg)
{
    (void)arg;
    apic_x2apic_enable();
    return 0;
}

TEST(migrate, x2apic, "the same in x2APIC mode", SPEC(MIGRATION APIC ", \"Extended XAPIC\""),
     NEEDS(HERE "cpu=max qemu>=9.0"))
{
    if (!apic_x2apic_supported())
        SKIP("the CPU has no x2APIC mode");
    if (!smp_start_all())
        ERROR("an AP is missing");
    for (uint32_t n = CPUS; n-- > 0;)
        smp_call(n, to_x2apic, NULL, NULL);
    over_migration();
}

static volatile uint32_t depth, nested;

/* In service, and not yet acknowledged, while the machine moves. */
static void on_moving(struct trap_frame *frame)
{
    (void)frame;
    depth++;
    migrate();
    apic_icr(smp_apic_id(0), LOW);
    sti();
    __asm__ volatile("nop; nop; jmp 1f; 1:" : : : "memory");
    cli();
    nested = taken[1];
    apic_eoi();
}

TEST(migrate, apic_in_service, "an interrupt in service is that on the other side, until its EOI",
     SPEC(MIGRATION APIC ", \"Interrupt Acceptance for Fixed Interrupts\""), NEEDS(HERE))
{
    if (!smp_start_all())
        ERROR("an AP is missing");
    irq_set_handler(OTHER, on_moving);
    irq_set_handler(LOW, on_test);
    apic_icr(smp_apic_id(0), OTHER);
    sti();
    __asm__ volatile("nop; nop; jmp 1f; 1:" : : : "memory");
    __asm__ volatile("nop; nop; jmp 1f; 1:" : : : "memory");
    cli();
    EXPECT_EQ("once", depth, 1, "the handler was called once");
    EXPECT_EQ("held", nested, 0, "another one of its class waits for the EOI");
    EXPECT_EQ("later", taken[1], 1, "and comes then");
}

static volatile uint32_t moved_base, go_on;

/* Its local APIC is not used as long as it is elsewhere. */
static uint64_t elsewhere(void *arg)
{
    uint64_t base = rdmsr(MSR_APIC_BASE), seen;

    cli();
    wrmsr(MSR_APIC_BASE, base + *(uint32_t *)arg);
    moved_base = 1;
    while (!go_on)
        cpu_pause();
    seen = rdmsr(MSR_APIC_BASE);
    wrmsr(MSR_APIC_BASE, base);
    return seen - base;
}

TEST(migrate, apic_base, "a local APIC that software has moved is where it was",
     SPEC(MIGRATION APIC ", \"Relocating the Local APIC Registers\""), NEEDS(HERE))
{
    uint32_t distance = 0x00123000;
    uint64_t seen = 0;

    if (!smp_start_all())
        ERROR("an AP is missing");
    smp_call_start(1, elsewhere, &distance);
    REQUIRE_TRUE("moves", WAIT_FOR(moved_base, PATIENCE_MS), "the AP moves its APIC");
    migrate();
    go_on = 1;
    REQUIRE_TRUE("answers", smp_call_wait(1, &seen), "the AP goes on");
    EXPECT_EQ("base", seen, distance, "IA32_APIC_BASE reads as before");
}
