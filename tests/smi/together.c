/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An SMI, an NMI and an interrupt, sent to another CPU at the same time: it takes each, once. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"

#define AP         1
#define VECTOR_NMI 2
#define ROUNDS     10 /* of every order */
#define EVENTS     3

static const uint32_t what[EVENTS] = {APIC_DM_SMI, APIC_DM_NMI, APIC_DM_FIXED | VECTOR_TEST};
static const uint8_t orders[][EVENTS] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                         {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

#define ORDERS (sizeof(orders) / sizeof(orders[0]))

static volatile uint32_t nmis, interrupts, ready, stop;

static void on_nmi(struct trap_frame *frame)
{
    (void)frame;
    nmis++;
}

static void on_interrupt(struct trap_frame *frame)
{
    (void)frame;
    interrupts++;
    apic_eoi();
}

static uint64_t busy(void *arg)
{
    (void)arg;
    sti();
    ready = 1;
    while (!stop)
        cpu_pause();
    cli();
    return 0;
}

static uint64_t asleep(void *arg)
{
    (void)arg;
    ready = 1;
    while (!stop)
        trap_sleep();
    cli();
    return 0;
}

/* With nothing in between; no function, whose call would give the other CPU time. */
static void send(uint32_t id, const uint8_t *order)
{
    volatile uint32_t *page = (uint32_t *)(uintptr_t)(rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDRESS);

    page[APIC_ICR_HIGH / 4] = id << 24;
    page[APIC_ICR / 4] = what[order[0]] | APIC_ICR_ASSERT;
    page[APIC_ICR / 4] = what[order[1]] | APIC_ICR_ASSERT;
    page[APIC_ICR / 4] = what[order[2]] | APIC_ICR_ASSERT;
}

static void check(smp_function fn)
{
    const volatile uint32_t *smis = &smm_report_of(smp_apic_id(AP))->entries;
    uint32_t before = *smis, sent = 0;

    nmis = interrupts = ready = stop = 0;
    smp_call_start(AP, fn, NULL);
    REQUIRE_TRUE("ready", WAIT_FOR(ready, PATIENCE_MS), "the CPU gets there");
    for (unsigned int i = 0; i < ROUNDS * ORDERS; i++) {
        const uint8_t *order = orders[i % ORDERS];

        test_context("order %u%u%u", order[0], order[1], order[2]);
        send(smp_apic_id(AP), order);
        sent++;
        REQUIRE_TRUE("smi", WAIT_FOR(*smis - before == sent, PATIENCE_MS), "the SMI is taken");
        REQUIRE_TRUE("nmi", WAIT_FOR(nmis == sent, PATIENCE_MS), "the NMI is taken");
        REQUIRE_TRUE("interrupt", WAIT_FOR(interrupts == sent, PATIENCE_MS),
                     "the interrupt is taken");
    }
    stop = 1;
    apic_icr(smp_apic_id(AP), what[2] | APIC_ICR_ASSERT); /* in case it sleeps */
    REQUIRE_TRUE("goes-on", smp_call_wait(AP, NULL), "and the CPU goes on");
    EXPECT_EQ("smi-once", *smis - before, sent, "every SMI was one");
    EXPECT_EQ("nmi-once", nmis, sent, "and every NMI");
    EXPECT_RANGE("interrupt-once", interrupts, sent, sent + 1, "and every interrupt");
}

TEST(
    smi, together, "an SMI, an NMI and an interrupt that come together are taken, each once",
    SPEC(
        "Intel SDM vol. 3, Table 6-2: what is not taken at a boundary stays pending; 34.3.1, 34.8"),
    NEEDS("smp=2"))
{
    REQUIRE_SMM();
    irq_set_handler(VECTOR_NMI, on_nmi);
    irq_set_handler(VECTOR_TEST, on_interrupt);
    check(busy);
    check(asleep);
    CONTEXT_CLEAR();
    irq_set_handler(VECTOR_NMI, NULL);
    irq_set_handler(VECTOR_TEST, NULL);
}
