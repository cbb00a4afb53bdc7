/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MSR_SMI_COUNT and SMBASE over SMIs, INIT and a reset of the machine. */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "smm/default_smbase.h"
#include "smm/relocate.h"
#include "tests/msr/start.h"

#define CPUS         3
#define MANY         300 /* more than eight bits count */
#define START_VECTOR 0x60

static uint64_t read_count(void *arg)
{
    (void)arg;
    return rdmsr(MSR_SMI_COUNT);
}

static uint64_t count_of(uint32_t n)
{
    uint64_t value = 0;

    if (!smp_call(n, read_count, NULL, &value))
        ERROR("CPU %u does not answer", n);
    return value;
}

static uint64_t SMM_CODE count_in_smm(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return rdmsr(MSR_SMI_COUNT);
}

TEST(msr, smi_count, "MSR_SMI_COUNT counts the SMIs that its own CPU has taken",
     SPEC("Intel SDM vol. 4, MSR_SMI_COUNT (34h)"), NEEDS("smp=3"))
{
    uint64_t before[CPUS];

    REQUIRE_SMM();
    for (uint32_t n = 0; n < CPUS; n++) {
        for (uint32_t i = 0; i < CPUS; i++)
            before[i] = count_of(i);
        for (uint32_t i = 1; i <= 5; i++) {
            struct smm_run_result r = smm_run_on(n, count_in_smm, NULL, false);

            CONTEXT("CPU %u, SMI %u", n, i);
            EXPECT_EQ("inside", r.value, before[n] + i, "in SMM it has counted this SMI already");
            EXPECT_EQ("after", count_of(n), before[n] + i, "and RSM does not change it");
        }
        for (uint32_t i = 0; i < CPUS; i++) {
            CONTEXT("SMIs on CPU %u, count of CPU %u", n, i);
            EXPECT_EQ("own", count_of(i), before[i] + (i == n ? 5 : 0),
                      "other CPUs' counters do not move");
        }
    }
    CONTEXT_CLEAR();
    before[1] = count_of(1);
    for (uint32_t i = 0; i < MANY; i++)
        smm_trigger_on(1, SMM_CMD_PING, 0);
    EXPECT_EQ("many", count_of(1), before[1] + MANY, "it counts on beyond a byte");
    EXPECT_BITS("reserved", rdmsr(MSR_SMI_COUNT), 0xffffffff00000000, 0, "bits 63:32 are 0");
}

static void write_count(void *arg)
{
    wrmsr(MSR_SMI_COUNT, *(uint64_t *)arg);
}

static uint64_t SMM_CODE write_in_smm(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    wrmsr(MSR_SMI_COUNT, *(uint64_t *)arg);
    return 0;
}

TEST(msr, smi_count_read_only, "MSR_SMI_COUNT cannot be written",
     SPEC("Intel SDM vol. 4, MSR_SMI_COUNT (34h): R/O"), NEEDS(""))
{
    uint64_t values[] = {0, 0x5a, UINT32_MAX};
    uint64_t before;

    REQUIRE_SMM();
    before = rdmsr(MSR_SMI_COUNT);
    for (unsigned int i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        /* #GP or not: QEMU ignores writes to MSRs that it does not let be written. */
        trap_catch(write_count, &values[i]);
        EXPECT_EQ("kept", rdmsr(MSR_SMI_COUNT), before, "a write does not change it");
    }
    EXPECT_EQ("goes_on", smm_run(count_in_smm, NULL), before + 1, "nor how it counts on");
    for (unsigned int i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        smm_run_on(smp_self(), write_in_smm, &values[i], true);
        EXPECT_EQ("kept-in-smm", rdmsr(MSR_SMI_COUNT), before + 2 + i, "nor a write in SMM");
    }
}

TEST(msr, init_smm, "INIT keeps SMBASE and MSR_SMI_COUNT, and the CPU takes SMIs as before",
     SPEC("Intel SDM vol. 3, 34.11; vol. 4, MSR_SMI_COUNT: since the last RESET; AMD APM vol. 2, "
          "Table 14-1"),
     NEEDS("smp=2 boot=own"))
{
    struct smm_cpu_report *report;
    uint32_t entries, n = 1;
    uint64_t count, bsp;

    REQUIRE_SMM();
    for (int i = 0; i < 3; i++)
        smm_trigger_on(n, SMM_CMD_PING, 0);
    report = smm_report_of(smp_apic_id(n));
    entries = report->entries;
    count = count_of(n);
    bsp = count_of(0);
    start_prepare(START_VECTOR, (const uint32_t[]){MSR_SMI_COUNT}, 1);
    REQUIRE_TRUE("started", start_cpu(n, START_VECTOR), "INIT and SIPI start the AP");
    n = start_return(n); /* a second INIT */
    EXPECT_EQ("count", count_of(n), count, "MSR_SMI_COUNT is what it was before INIT");
    REQUIRE_TRUE("taken", smm_trigger_on(n, SMM_CMD_PING, 0), "an SMI to it comes back");
    EXPECT_EQ("smbase", report->entries, entries + 1, "it was taken at the CPU's own SMBASE");
    EXPECT_EQ("saved", report->saved_smbase, report->smbase, "and the save area holds that SMBASE");
    EXPECT_EQ("counts", count_of(n), count + 1, "and it was counted");
    EXPECT_EQ("others", count_of(0), bsp, "the other CPU's counter does not move");
}

/* The first SMI of every CPU after a reset: to where? */
static void check_default_smbase(void)
{
    struct relocate_context *context = relocate_context_at(DEFAULT_SMBASE);
    const union smm_save *save = (union smm_save *)(uintptr_t)(DEFAULT_SMBASE + SMM_SAVE_OFFSET);

    memset((void *)(uintptr_t)DEFAULT_SMBASE, 0, SMM_SAVE_OFFSET + SMM_SAVE_SIZE);
    relocate_install(DEFAULT_SMBASE); /* with its gate closed: it only counts */
    ich9_smi_en_write(ich9_smi_en() | SMI_EN_APMC_EN | SMI_EN_GBL_SMI_EN);
    for (uint32_t n = 0; n < CPUS; n++) {
        CONTEXT("CPU %u", n);
        REQUIRE_TRUE("returns", smm_trigger_on(n, SMM_CMD_PING, 0), "the first SMI comes back");
        EXPECT_EQ("smbase", context->entered, n + 1, "it is taken at SMBASE 30000h");
        EXPECT_EQ("saved", smm_save_get(save, SMM_REG_SMBASE), DEFAULT_SMBASE,
                  "and the save area says so");
        EXPECT_EQ("counted", count_of(n), 1, "and it is the first that MSR_SMI_COUNT counts");
    }
    CONTEXT_CLEAR();
}

/* Registers that a firmware would have to put back, as RESET leaves them. */
static const struct {
    uint32_t msr;
    uint64_t mask, reset, other;
} defaults[] = {
    {MSR_PAT, UINT64_MAX, 0x0007040600070406, 0x0001040506070001},
    {MSR_MTRR_DEF_TYPE, BIT(11), 0, 0x806},
    {MSR_MTRR_PHYSMASK(0), BIT(11), 0, 0xc0000800},
    {MSR_MTRR_PHYSMASK(7), BIT(11), 0, 0xff000800},
    {MSR_SYSENTER_CS, UINT64_MAX, 0, 0xbee8},
    {MSR_SYSENTER_ESP, UINT64_MAX, 0, 0x89abcde0},
    {MSR_SYSENTER_EIP, UINT64_MAX, 0, 0x76543210},
    {MSR_STAR, UINT64_MAX, 0, 0x00230018deadbee0},
};

#define DEFAULTS (sizeof(defaults) / sizeof(defaults[0]))

static uint64_t spoil_msrs(void *arg)
{
    (void)arg;
    for (unsigned int i = 0; i < DEFAULTS; i++)
        wrmsr(defaults[i].msr, defaults[i].other);
    return 0;
}

static uint64_t read_msrs(void *arg)
{
    uint64_t *values = arg;

    for (unsigned int i = 0; i < DEFAULTS; i++)
        values[i] = rdmsr(defaults[i].msr);
    return 0;
}

TEST(msr, reset_others,
     "a reset of the machine sets PAT, MTRRs, SYSENTER and STAR back, everywhere",
     SPEC("Intel SDM vol. 3, 11.12.4: PAT; 11.11.5: E and V of the MTRRs are 0; Tables 9-1, 9-2: "
          "the others; AMD APM vol. 2, Table 14-1"),
     NEEDS("smp=3 firmware=virgin boot=own"))
{
    if (!smp_start_all())
        ERROR("the APs do not come up");
    for (uint32_t n = 0; n < CPUS; n++) {
        uint64_t values[DEFAULTS];

        if (!smp_call(n, read_msrs, values, NULL))
            ERROR("CPU %u does not answer", n);
        for (unsigned int i = 0; i < DEFAULTS; i++) {
            CONTEXT("CPU %u, MSR %#x", n, defaults[i].msr);
            EXPECT_BITS("reset", values[i], defaults[i].mask, defaults[i].reset,
                        "it has its reset value");
        }
        if (test_boot() == 1)
            smp_call(n, spoil_msrs, NULL, NULL);
    }
    CONTEXT_CLEAR();
    if (test_boot() == 1) {
        test_announce_reset();
        ich9_reset();
    }
}

TEST(msr, reset, "a reset of the machine sets MSR_SMI_COUNT to 0 and SMBASE to 30000h, on all CPUs",
     SPEC("Intel SDM vol. 3, 34.11; vol. 4, MSR_SMI_COUNT; AMD APM vol. 2, Table 14-1"),
     NEEDS("smp=3 firmware=virgin boot=own"))
{
    if (test_boot() == 1) {
        REQUIRE_SMM();
        for (uint32_t n = 0; n < CPUS; n++) {
            smm_trigger_on(n, SMM_CMD_PING, 0);
            CONTEXT("CPU %u", n);
            EXPECT_NE("before", count_of(n), 0, "before the reset the counters are not 0");
        }
        test_announce_reset();
        ich9_reset();
    }
    REQUIRE_TRUE("aps", smp_start_all(), "all APs come up after the reset");
    for (uint32_t n = 0; n < CPUS; n++) {
        CONTEXT("CPU %u", n);
        EXPECT_EQ("count", count_of(n), 0, "MSR_SMI_COUNT is 0 after the reset");
    }
    CONTEXT_CLEAR();
    check_default_smbase();
}
