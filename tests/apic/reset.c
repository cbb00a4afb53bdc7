/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local APICs over a reset of the machine, and the INIT message that is none. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/msr/start.h"
#include "tests/s3/s3.h"

#define RESET "Intel SDM vol. 3, 10.4.7.1 (local APIC after power-up or reset), 10.4.6 (APIC id)"
#define HERE  "smp=2 smm=any firmware=virgin boot=own accel=tcg "
#define AP    1U
/* No CPU has it: a CPU that keeps it over the reset is found under no id. */
#define STRANGE_ID 0x5aU
#define WITNESS    0x60
#define PENDING    0x71

static volatile uint32_t rounds, leave;

/* Registers as no reset leaves them, the id last, for nothing reaches this CPU by its own then;
 * disable, not NULL: and then no APIC any more. */
static uint64_t disturb(void *disable)
{
    apic_enable();
    apic_write(APIC_TPR, 0xf0);
    apic_write(APIC_LDR, 0x21000000);
    apic_write(APIC_DFR, 0x0fffffff);
    apic_write(APIC_LVT_TIMER, 0x000200c1);
    apic_write(APIC_TIMER_DIVIDE, 0xa);
    apic_write(APIC_TIMER_INITIAL, 0x7fffffff);
    apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED | 0x500 | 0x44);
    apic_write(APIC_LVT_LINT1, APIC_DM_NMI);
    apic_write(APIC_LVT_ERROR, 0xc2);
    apic_icr(0, APIC_ICR_SELF | PENDING);
    apic_write(APIC_ID, STRANGE_ID << 24);
    if (disable)
        wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) & ~(uint64_t)APIC_BASE_EN);
    return 0;
}

static void check_reset(void (*reset)(void))
{
    static const uint32_t msrs[] = {MSR_APIC_BASE};
    struct start_report r;

    if (test_boot() == 1) {
        REQUIRE_TRUE("aps", smp_start_all(), "the AP starts");
        REQUIRE_TRUE("ap", smp_call(AP, disturb, (void *)&rounds, NULL),
                     "the AP changes its APIC and disables it");
        cli();
        disturb(NULL);
        reset();
    }
    EXPECT_EQ("bsp-id", apic_id(), cpu_initial_apic_id(), "the BSP has the APIC id of CPUID");
    EXPECT_BITS("bsp-base", rdmsr(MSR_APIC_BASE),
                APIC_BASE_BSP | APIC_BASE_EN | APIC_BASE_EXTD | APIC_BASE_ADDRESS,
                APIC_BASE_BSP | APIC_BASE_EN | 0xfee00000, "and its APIC where it belongs");
    EXPECT_EQ("bsp-tpr", apic_read(APIC_TPR), 0, "its task priority is 0");
    EXPECT_EQ("bsp-dfr", apic_read(APIC_DFR), 0xffffffff, "its logical ids are flat");
    EXPECT_EQ("bsp-ldr", apic_read(APIC_LDR), 0, "and it has none");
    EXPECT_EQ("bsp-error", apic_read(APIC_LVT_ERROR), APIC_LVT_MASKED, "its LVT is masked");
    EXPECT_EQ("bsp-timer", apic_read(APIC_TIMER_INITIAL), 0, "its timer has been stopped");
    EXPECT_EQ("bsp-irr", apic_read(APIC_IRR + PENDING / 32 * 16), 0, "nothing is pending");
    start_prepare(WITNESS, msrs, 1);
    apic_send_sipi(AP, WITNESS);
    REQUIRE_TRUE("starts", WAIT_FOR(start_arrived(WITNESS) == 1, PATIENCE_MS),
                 "SIPI to its own id starts the AP");
    start_get(WITNESS, &r);
    EXPECT_BITS("base", r.msr[0], APIC_BASE_BSP | APIC_BASE_EN | APIC_BASE_EXTD | APIC_BASE_ADDRESS,
                APIC_BASE_EN | 0xfee00000, "its APIC is enabled, where it belongs");
    EXPECT_EQ("id", r.apic[APIC_ID / 16] >> 24, AP, "its APIC id is its own again");
    start_expect_apic_reset(&r);
}

static void by_chipset(void)
{
    test_announce_reset();
    ich9_reset();
}

TEST(apic, reset, "a machine reset gives every local APIC its id and its state after power-up back",
     SPEC(RESET), NEEDS(HERE))
{
    check_reset(by_chipset);
}

TEST(apic, reset_by_wakeup, "waking from S3 does the same",
     SPEC(RESET "; ACPI 6.3, 16.1.3: nothing but memory is kept"), NEEDS(HERE "host=wakeup"))
{
    check_reset(s3_suspend);
}

static uint64_t go_round(void *arg)
{
    (void)arg;
    while (!leave)
        rounds++;
    return rounds;
}

static bool goes_on(void)
{
    uint32_t before = rounds;

    return WAIT_FOR(rounds - before > 1000, PATIENCE_MS);
}

TEST(apic, init_deassert, "INIT with level 0, de-assert, resets no CPU",
     SPEC("Intel SDM vol. 3, 10.6.1: INIT Level De-assert only sets arbitration ids, or nothing"),
     NEEDS("smp=2 smm=any boot=own"))
{
    uint64_t result = 0;

    REQUIRE_TRUE("aps", smp_start_all(), "the AP starts");
    smp_call_start(AP, go_round, NULL);
    REQUIRE_TRUE("round", goes_on(), "the AP goes round");
    for (unsigned int i = 0; i < 8; i++) {
        CONTEXT("message %u", i);
        EXPECT_TRUE("sent", apic_icr(smp_apic_id(AP), APIC_DM_INIT | APIC_ICR_LEVEL), "it is sent");
        EXPECT_TRUE("goes-on", goes_on(), "the AP goes on");
    }
    EXPECT_TRUE("sent-all", apic_icr(0, APIC_DM_INIT | APIC_ICR_LEVEL | APIC_ICR_ALL),
                "one to all including self is sent, the form that manuals know");
    EXPECT_TRUE("goes-on", goes_on(), "both CPUs go on");
    CONTEXT_CLEAR();
    leave = 1;
    EXPECT_TRUE("ends", smp_call_wait(AP, &result), "the AP comes back from where it was");
}
