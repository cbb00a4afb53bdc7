/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUs over a migration: SMBASE, SMRAM, and CPUs that wait for something. */
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/mch.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "smm/default_smbase.h"
#include "smm/relocate.h"
#include "tests/migrate/migrate.h"
#include "tests/msr/start.h"
#include "tests/smi/count.h"

#define HERE         "host=migrate boot=own "
#define CPUS         3
#define START_VECTOR 0x60

/* SMRAM that is nobody's: the scratch memory, and the A-segment where it is enabled. */
static uint64_t SMM_CODE fill(struct smm_cpu *cpu, void *arg)
{
    uint32_t seed = *(uint32_t *)arg;

    (void)cpu;
    for (uint32_t i = 0; i < SMM_SCRATCH_SIZE; i += 4)
        *(volatile uint32_t *)(uintptr_t)(smm_state.layout.scratch + i) = seed + i * 0x01000193;
    for (uint32_t i = 0; i < SMRAM_A_SIZE; i += 4)
        *(volatile uint32_t *)(uintptr_t)(SMRAM_A_BASE + i) = seed ^ (i * 0x811c9dc5);
    return 0;
}

/* Words that are not what fill() wrote. */
static uint64_t SMM_CODE differences(struct smm_cpu *cpu, void *arg)
{
    uint32_t seed = *(uint32_t *)arg, n = 0;

    (void)cpu;
    for (uint32_t i = 0; i < SMM_SCRATCH_SIZE; i += 4)
        n += *(volatile uint32_t *)(uintptr_t)(smm_state.layout.scratch + i) !=
             seed + i * 0x01000193;
    for (uint32_t i = 0; i < SMRAM_A_SIZE; i += 4)
        n += *(volatile uint32_t *)(uintptr_t)(SMRAM_A_BASE + i) != (seed ^ (i * 0x811c9dc5));
    return n;
}

static uint64_t read_count(void *arg)
{
    (void)arg;
    return rdmsr(MSR_SMI_COUNT);
}

static void check_smbases(const uint64_t *counts)
{
    for (uint32_t n = 0; n < CPUS; n++) {
        struct smm_cpu_report *report = smm_report_of(smp_apic_id(n));
        uint32_t entries = report->entries;
        uint64_t count = 0;

        CONTEXT("CPU %u", n);
        REQUIRE_TRUE("answers", smp_call(n, read_count, NULL, &count), "the CPU runs");
        EXPECT_EQ("count", count, counts[n], "MSR_SMI_COUNT is what it was");
        REQUIRE_TRUE("returns", smm_trigger_on(n, SMM_CMD_PING, 0), "an SMI to it comes back");
        EXPECT_EQ("smbase", report->entries, entries + 1, "it was taken at the CPU's own SMBASE");
        EXPECT_EQ("saved", report->saved_smbase, report->smbase, "the save area has that SMBASE");
        smp_call(n, read_count, NULL, &count);
        EXPECT_EQ("counts", count, counts[n] + 1, "and MSR_SMI_COUNT goes on from there");
    }
    CONTEXT_CLEAR();
}

TEST(migrate, smbase, "every CPU keeps its SMBASE and its count of SMIs, and SMRAM its contents",
     SPEC(MIGRATION "Intel SDM vol. 3, 34.11; vol. 4, MSR_SMI_COUNT"), NEEDS(HERE "smp=3"))
{
    uint64_t counts[CPUS];
    uint32_t seed = 0x13579bdf;

    REQUIRE_SMM();
    firmware_lock_smram();
    for (uint32_t i = 0; i < 300; i++)
        smm_trigger_on(2, SMM_CMD_PING, 0);
    smm_trigger_on(1, SMM_CMD_PING, 0);
    smm_run(fill, &seed);
    for (uint32_t n = 0; n < CPUS; n++)
        smp_call(n, read_count, NULL, &counts[n]);
    migrate();
    check_smbases(counts);
    EXPECT_EQ("smram", smm_run(differences, &seed), 0, "what lies in TSEG and A-segment is kept");
    for (uint32_t n = 0; n < CPUS; n++)
        smp_call(n, read_count, NULL, &counts[n]);
    migrate();
    check_smbases(counts);
}

TEST(migrate, firmware, "a firmware's SMM, not locked, can be taken over on the other side",
     SPEC(MIGRATION "SeaBIOS src/fw/smm.c: SMBASE A0000h for the BSP, 30000h for the others"),
     NEEDS(HERE "smp=3 firmware=seabios"))
{
    struct relocate_context *context = relocate_context_at(DEFAULT_SMBASE);
    uint64_t before = rdmsr(MSR_SMI_COUNT);

    EXPECT_NE("relocated", before, 0, "the firmware has used SMM");
    migrate();
    EXPECT_EQ("count", rdmsr(MSR_SMI_COUNT), before, "MSR_SMI_COUNT is what it was");
    EXPECT_BITS("smi-en", ich9_smi_en(), SMI_EN_GBL_SMI_EN | SMI_EN_APMC_EN,
                SMI_EN_GBL_SMI_EN | SMI_EN_APMC_EN, "SMIs are enabled");
    memset((void *)(uintptr_t)DEFAULT_SMBASE, 0, SMM_SAVE_OFFSET + SMM_SAVE_SIZE);
    relocate_install(DEFAULT_SMBASE); /* with its gate closed: it only counts */
    REQUIRE_TRUE("aps", smp_start_all(), "the APs start");
    for (uint32_t n = 0; n < CPUS; n++) {
        CONTEXT("CPU %u", n);
        EXPECT_TRUE("returns", smm_trigger_on(n, SMM_CMD_PING, 0), "an SMI comes back");
        EXPECT_EQ("smbase", context->entered, n, "the firmware has relocated the BSP, no AP");
    }
    CONTEXT_CLEAR();
    REQUIRE_SMM();
    smi_count_start();
    smm_trigger_on(0, SMM_CMD_PING, 0);
    smi_count_check(SMI_CPU(0));
}

TEST(migrate, wait_for_sipi,
     "a CPU that waits for SIPI does so on the other side: a SIPI starts it",
     SPEC(MIGRATION "Intel SDM vol. 3, 8.4.3"), NEEDS(HERE "smp=3 firmware=virgin"))
{
    start_prepare(START_VECTOR, (const uint32_t[]){MSR_SMI_COUNT}, 1);
    apic_enable();
    apic_send_init(2);
    migrate();
    EXPECT_EQ("waits", start_arrived(START_VECTOR), 0, "nobody has started by himself");
    apic_send_sipi(1, START_VECTOR);
    EXPECT_TRUE("from-reset", WAIT_FOR(start_arrived(START_VECTOR) == 1, PATIENCE_MS),
                "one that has waited since reset starts, without an INIT");
    apic_send_sipi(2, START_VECTOR);
    EXPECT_TRUE("from-init", WAIT_FOR(start_arrived(START_VECTOR) == 2, PATIENCE_MS),
                "and so does one that an INIT made wait");
    migrate();
    apic_send_sipi(1, START_VECTOR);
    apic_send_sipi(2, START_VECTOR);
    migrate();
    EXPECT_EQ("once", start_arrived(START_VECTOR), 2, "a CPU that runs ignores further SIPIs");
}

static volatile uint32_t halted, woken;

static void on_nmi(struct trap_frame *frame)
{
    (void)frame;
    woken++;
}

static uint64_t sleep(void *arg)
{
    (void)arg;
    cli();
    halted = 1;
    hlt();
    halted = 2;
    return 0;
}

TEST(migrate, halted, "a CPU in HLT stays there until something wakes it",
     SPEC(MIGRATION "Intel SDM vol. 2, HLT; vol. 3, 34.10"), NEEDS(HERE "smp=2"))
{
    uint64_t result;

    REQUIRE_SMM();
    irq_set_handler(2, on_nmi);
    smp_call_start(1, sleep, NULL);
    REQUIRE_TRUE("halts", WAIT_FOR(halted, PATIENCE_MS), "the AP goes to sleep");
    migrate();
    migrate();
    EXPECT_EQ("sleeps", halted, 1, "it sleeps on, after two migrations");
    apic_send_nmi(smp_apic_id(1));
    EXPECT_TRUE("wakes", WAIT_FOR(halted == 2, PATIENCE_MS), "an NMI wakes it");
    EXPECT_EQ("once", woken, 1, "once");
    EXPECT_TRUE("returns", smp_call_wait(1, &result), "and it goes on");
    smi_count_start();
    smm_trigger_on(1, SMM_CMD_PING, 0);
    smi_count_check(SMI_CPU(1));
    irq_set_handler(2, 0);
}
