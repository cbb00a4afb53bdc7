/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where SIPI starts a CPU, whom it starts, and the local APIC after INIT. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/msr/start.h"

#define AP 1

static void require_aps(void)
{
    if (!smp_start_all())
        ERROR("the APs do not come up");
}

TEST(msr, sipi_vector, "SIPI with vector VV starts the CPU in real mode at VV000h",
     SPEC("Intel SDM vol. 3, 8.4.3, 8.4.4.1"), NEEDS("smp=2 boot=own"))
{
    /* Every bit of the vector, in ordinary memory that nobody uses. */
    static const uint8_t vectors[] = {0x0a, 0x15, 0x2a, 0x40, 0x55, 0x60, 0x81};

    require_aps();
    for (unsigned int i = 0; i < sizeof(vectors); i++)
        start_prepare(vectors[i], NULL, 0);
    for (unsigned int i = 0; i < sizeof(vectors); i++) {
        struct start_report r;

        CONTEXT("vector %#x", vectors[i]);
        REQUIRE_TRUE("started", start_cpu(AP, vectors[i]), "the CPU arrives in that page");
        start_get(vectors[i], &r);
        EXPECT_EQ("cs", r.segment[1], vectors[i] << 8, "with CS = VV00h");
        EXPECT_EQ("ip", r.ip, 0, "and IP = 0");
        for (unsigned int j = 0; j < sizeof(vectors); j++)
            EXPECT_EQ("once", start_arrived(vectors[j]), j <= i, "once, and in no other page");
    }
}

static uint64_t count_up(void *arg)
{
    return ++*(volatile uint32_t *)arg;
}

TEST(msr, sipi_running, "SIPI has no effect on a CPU that does not wait for it",
     SPEC("Intel SDM vol. 3, 8.4.4.1; 26.6.2: SIPIs are discarded in the active and HLT states"),
     NEEDS("smp=2 boot=own"))
{
    uint32_t calls = 0;
    struct start_report r;

    require_aps();
    start_prepare(0x60, NULL, 0);
    start_prepare(0x61, NULL, 0);
    for (int i = 0; i < 3; i++)
        apic_send_sipi(smp_apic_id(AP), 0x60);
    EXPECT_TRUE("answers", smp_call(AP, count_up, &calls, NULL) && calls == 1,
                "the CPU goes on with what it did");
    EXPECT_EQ("ignored", start_arrived(0x60), 0, "it has not been at the SIPI's vector");
    /* A SIPI that was kept would now compete with the second one. */
    REQUIRE_TRUE("started", start_cpu(AP, 0x61), "INIT and another SIPI start it");
    start_get(0x61, &r);
    EXPECT_EQ("cs", r.segment[1], 0x6100, "at the second SIPI's vector");
    EXPECT_EQ("forgotten", start_arrived(0x60), 0, "the first SIPI has been discarded");
}

static volatile uint32_t in_service;

static void no_eoi(struct trap_frame *frame)
{
    (void)frame;
    in_service++;
}

/* Not as INIT leaves them: one interrupt is in service, one is requested. */
static uint64_t spoil_apic(void *arg)
{
    (void)arg;
    (void)apic_read(0x000); /* a reserved register: an error, for ESR */
    apic_icr(apic_id(), APIC_DM_FIXED | APIC_ICR_ASSERT | APIC_ICR_LEVEL | VECTOR_TEST);
    sti();
    __asm__ volatile("nop; jmp 1f; 1: nop; jmp 2f; 2:" : : : "memory");
    cli();
    apic_write(APIC_TPR, 0x20);
    apic_write(APIC_LDR, 0x5a000000);
    apic_write(APIC_DFR, 0x0fffffff);
    apic_write(APIC_SVR, APIC_SVR_ENABLE | 0x3f);
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | 0x31);
    apic_write(APIC_LVT_THERMAL, APIC_LVT_MASKED | 0x32);
    apic_write(APIC_LVT_PERF, APIC_LVT_MASKED | 0x33);
    apic_write(APIC_LVT_LINT0, 0x34);
    apic_write(APIC_LVT_LINT1, 0x35);
    apic_write(APIC_LVT_ERROR, 0x36);
    apic_write(APIC_TIMER_DIVIDE, 0x0b);
    apic_write(APIC_TIMER_INITIAL, 0xfffffff0);
    apic_icr(apic_id(), APIC_DM_FIXED | APIC_ICR_ASSERT | 0x12); /* stays below the TPR */
    return 0;
}

TEST(msr, init_apic, "INIT sets the local APIC to its state after reset, but for the APIC id",
     SPEC("Intel SDM vol. 3, 10.4.7.3 Local APIC State After an INIT Reset, 10.4.7.1"),
     NEEDS("smp=2 boot=own"))
{
    struct start_report r;

    require_aps();
    irq_set_handler(VECTOR_TEST, no_eoi);
    if (!smp_call(AP, spoil_apic, NULL, NULL) || in_service != 1)
        ERROR("the AP does not answer, or not to the interrupt");
    start_prepare(0x60, NULL, 0);
    REQUIRE_TRUE("started", start_cpu(AP, 0x60), "INIT and SIPI start the AP");
    start_get(0x60, &r);
    EXPECT_EQ("id", r.apic[APIC_ID / 16] >> 24, smp_apic_id(AP), "the APIC id is kept");
    EXPECT_EQ("registers", r.apic[APIC_ESR / 16], 0, "ESR is 0, whatever it held before");
    start_expect_apic_reset(&r);
}

/* No CPU has it by itself. */
#define OTHER_ID 0x51U

static uint64_t change_id(void *arg)
{
    (void)arg;
    apic_write(APIC_ID, OTHER_ID << 24);
    return apic_read(APIC_ID) >> 24;
}

TEST(msr, init_apic_id, "INIT leaves an APIC id that software has changed",
     SPEC("Intel SDM vol. 3, 10.4.7.3: but for the APIC id; 10.4.6: some models let it be changed"),
     NEEDS("smp=2 boot=own"))
{
    uint64_t id = 0;
    struct start_report r;

    require_aps();
    if (apic_is_x2apic())
        SKIP("the id cannot be changed in x2APIC mode");
    if (!smp_call(AP, change_id, NULL, &id))
        ERROR("the AP does not answer");
    if (id != OTHER_ID)
        SKIP("the id cannot be changed");
    start_prepare(0x60, NULL, 0);
    apic_send_init(OTHER_ID);
    apic_send_sipi(OTHER_ID, 0x60);
    REQUIRE_TRUE("started", WAIT_FOR(start_arrived(0x60), PATIENCE_MS),
                 "INIT and SIPI to that id start the CPU");
    start_get(0x60, &r);
    EXPECT_EQ("id", r.apic[APIC_ID / 16] >> 24, OTHER_ID, "it is the CPU's id behind them, too");
}

static volatile uint32_t halting;

static uint64_t halt(void *arg)
{
    (void)arg;
    cli();
    halting = 1;
    for (;;)
        __asm__ volatile("hlt");
    return 0;
}

TEST(msr, sipi_once, "INIT and a single SIPI start a CPU that halts, and one that has had an INIT",
     SPEC("Intel SDM vol. 3, 8.4.3: INIT leaves an AP waiting for SIPI; 8.4.4.1: the second one is "
          "for the case that the first was missed"),
     NEEDS("smp=2 boot=own"))
{
    require_aps();
    start_prepare(0x60, NULL, 0);
    start_prepare(0x61, NULL, 0);
    smp_call_start(AP, halt, NULL);
    if (!WAIT_FOR(halting, PATIENCE_MS))
        ERROR("the AP does not answer");
    apic_send_init(smp_apic_id(AP));
    apic_send_sipi(smp_apic_id(AP), 0x60);
    REQUIRE_TRUE("halted", WAIT_FOR(start_arrived(0x60), PATIENCE_MS), "a CPU that halts starts");
    apic_send_init(smp_apic_id(AP));
    apic_send_init(smp_apic_id(AP));
    apic_send_sipi(smp_apic_id(AP), 0x61);
    EXPECT_TRUE("waiting", WAIT_FOR(start_arrived(0x61), PATIENCE_MS), "one that waits, too");
    EXPECT_EQ("once", start_arrived(0x60), 1, "and it started once each time");
}
