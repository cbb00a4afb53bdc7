/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is not in the save area: an SMI leaves it alone, what the handler does to it lasts. */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/entry/scene.h"

#define SPEC_NOT_SAVED \
    SPEC("Intel SDM vol. 3, 34.4.1, 34.16; vol. 2, RSM: MSRs; AMD APM vol. 2, 10.3.5")

static struct msr_case {
    uint32_t msr;
    bool optional;            /* not every CPU has it: what is written does not last there */
    uint64_t outside, inside; /* written before the SMI, and by the handler */
    uint64_t read, seen;      /* what they read before the SMI, and in SMM */
    uint64_t before;
} msrs[] = {
    {.msr = MSR_STAR, .outside = 0x00230018deadbee0, .inside = 0x0013000812345670},
    {.msr = MSR_SYSENTER_CS, .outside = 0xbee8, .inside = 0x1230},
    {.msr = MSR_SYSENTER_ESP, .outside = 0x89abcde0, .inside = 0x12345670},
    {.msr = MSR_SYSENTER_EIP, .outside = 0x76543210, .inside = 0x0fedcba0},
    {.msr = MSR_PAT, .outside = 0x0001040506070001, .inside = 0x0700010506040600},
#define MTRR_VARIABLE(n)                                                      \
    {.msr = MSR_MTRR_PHYSBASE(n),                                             \
     .outside = 0xc0000000 + 0x1000000 * (n),                                 \
     .inside = 0xd0000000 + 0x1000000 * (n)},                                 \
    {                                                                         \
        .msr = MSR_MTRR_PHYSMASK(n), .outside = 0xf0000000 - 0x1000000 * (n), \
        .inside = 0xe0000000 - 0x1000000 * (n)                                \
    }
    MTRR_VARIABLE(0),
    MTRR_VARIABLE(1),
    MTRR_VARIABLE(2),
    MTRR_VARIABLE(3),
    MTRR_VARIABLE(4),
    MTRR_VARIABLE(5),
    MTRR_VARIABLE(6),
    MTRR_VARIABLE(7),
#define MTRR_FIXED(msr_, seed)                                                           \
    {                                                                                    \
        .msr = (msr_), .outside = UINT64_C(0x0605060406010600) ^ (seed)*UINT64_C(0x101), \
        .inside = UINT64_C(0x0404060606060505) ^ (seed)*UINT64_C(0x101)                  \
    }
    MTRR_FIXED(MSR_MTRR_FIX64K, 0),
    MTRR_FIXED(MSR_MTRR_FIX16K(0), 1),
    MTRR_FIXED(MSR_MTRR_FIX16K(1), 4),
    MTRR_FIXED(MSR_MTRR_FIX4K(0), 0),
    MTRR_FIXED(MSR_MTRR_FIX4K(1), 1),
    MTRR_FIXED(MSR_MTRR_FIX4K(2), 4),
    MTRR_FIXED(MSR_MTRR_FIX4K(3), 5),
    MTRR_FIXED(MSR_MTRR_FIX4K(4), 0),
    MTRR_FIXED(MSR_MTRR_FIX4K(5), 1),
    MTRR_FIXED(MSR_MTRR_FIX4K(6), 4),
    MTRR_FIXED(MSR_MTRR_FIX4K(7), 5),
    {.msr = MSR_MTRR_DEF_TYPE, .outside = 0x806, .inside = 0xc06},
    {.msr = MSR_MISC_ENABLE, .outside = 1, .inside = 0, .optional = true},
    {.msr = MSR_MCG_STATUS, .outside = 5, .inside = 2, .optional = true},
    {.msr = MSR_MCG_CTL, .outside = 0, .inside = UINT64_MAX, .optional = true},
    {.msr = MSR_MC0_CTL, .outside = 0, .inside = UINT64_MAX, .optional = true},
    {.msr = MSR_TSC_AUX, .outside = 0x1234abcd, .inside = 0x765432ff, .optional = true},
#ifdef __x86_64__
    {.msr = MSR_LSTAR, .outside = 0xffff8123456789ab, .inside = 0x00007edcba987654},
    {.msr = MSR_CSTAR, .outside = 0xffff8ba987654321, .inside = 0x0000723456789abc},
    {.msr = MSR_SFMASK, .outside = 0x00047700, .inside = 0x00000200},
    {.msr = MSR_KERNEL_GS_BASE, .outside = 0x00005a5a5a5a5a5a, .inside = 0xffffa5a5a5a5a5a5},
#endif
};

#define MSRS (sizeof(msrs) / sizeof(msrs[0]))

static uint64_t SMM_CODE visit_msrs(struct smm_cpu *cpu, void *change)
{
    (void)cpu;
    for (unsigned int i = 0; i < MSRS; i++) {
        msrs[i].seen = rdmsr(msrs[i].msr);
        if (change)
            wrmsr(msrs[i].msr, msrs[i].inside);
    }
    return 0;
}

TEST(rsm, msrs, "MSRs are not saved: entry and RSM leave them alone, what the handler writes lasts",
     SPEC_NOT_SAVED, NEEDS(""))
{
    REQUIRE_SMM();
    for (unsigned int i = 0; i < MSRS; i++) {
        msrs[i].before = rdmsr(msrs[i].msr);
        wrmsr(msrs[i].msr, msrs[i].outside);
        msrs[i].read = rdmsr(msrs[i].msr);
        if (msrs[i].optional && msrs[i].read != msrs[i].outside)
            msrs[i].outside = msrs[i].inside = msrs[i].read;
    }
    smm_run(visit_msrs, NULL);
    for (unsigned int i = 0; i < MSRS; i++) {
        CONTEXT("MSR %#x", msrs[i].msr);
        EXPECT_EQ("entry", msrs[i].seen, msrs[i].read, "in SMM they are as before");
        EXPECT_EQ("kept", rdmsr(msrs[i].msr), msrs[i].read, "and after RSM, too");
    }
    smm_run(visit_msrs, (void *)1);
    for (unsigned int i = 0; i < MSRS; i++) {
        CONTEXT("MSR %#x", msrs[i].msr);
        EXPECT_EQ("written", rdmsr(msrs[i].msr), msrs[i].inside,
                  "what the handler has written lasts");
        wrmsr(msrs[i].msr, msrs[i].before);
    }
    CONTEXT_CLEAR();
}

/* Intel SDM vol. 1, "FXSAVE Area" */
#define FX_ST  32
#define FX_XMM 160
#ifdef __x86_64__
#define FX_END 416 /* XMM0 to XMM15 */
#else
#define FX_END 288 /* XMM0 to XMM7 */
#endif

struct fx {
    uint8_t bytes[512];
} __attribute__((aligned(16)));

static void fill(struct fx *fx, uint8_t seed)
{
    memset(fx, 0, sizeof(*fx));
    for (unsigned int i = FX_ST; i < FX_END; i++) {
        if (i >= FX_XMM || i % 16 < 10)
            fx->bytes[i] = (uint8_t)(i * 37 + seed);
    }
    *(uint16_t *)fx->bytes = seed & 1 ? 0x0a7f : 0x067f;        /* FCW */
    *(uint16_t *)(fx->bytes + 2) = 0x2900;                      /* FSW */
    fx->bytes[4] = 0xff;                                        /* no register is empty */
    *(uint32_t *)(fx->bytes + 24) = seed & 1 ? 0x9fa0 : 0x5f80; /* MXCSR */
}

static inline __attribute__((always_inline)) void fx_load(const struct fx *fx)
{
    write_cr4(read_cr4() | CR4_OSFXSR);
    __asm__ volatile("fxrstor (%0)" : : "r"(fx) : "memory");
}

static void expect_fx(const char *id, const struct fx *want, const char *sentence)
{
    static struct fx got;

    __asm__ volatile("fxsave (%0)" : : "r"(&got) : "memory");
    test_context("control words");
    EXPECT_MEM(id, got.bytes, want->bytes, 5, sentence);
    test_context("MXCSR");
    EXPECT_MEM(id, got.bytes + 24, want->bytes + 24, 4, sentence);
    test_context("x87 and XMM registers");
    EXPECT_MEM(id, got.bytes + FX_ST, want->bytes + FX_ST, FX_END - FX_ST, sentence);
    CONTEXT_CLEAR();
}

static uint64_t SMM_CODE load_in_smm(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    if (arg)
        fx_load(arg);
    return 0;
}

TEST(rsm, fpu, "x87 and SSE state is not saved: left alone, and what the handler loads lasts",
     SPEC_NOT_SAVED, NEEDS(""))
{
    static struct fx outside, inside;
    unsigned long cr4 = read_cr4();

    REQUIRE_SMM();
    fill(&outside, 11);
    fill(&inside, 84);
    fx_load(&outside);
    smm_run(load_in_smm, NULL);
    expect_fx("kept", &outside, "after RSM it is as before the SMI");
    smm_run(load_in_smm, &inside);
    expect_fx("loaded", &inside, "after RSM it is what the handler has loaded");
    write_cr4(cr4);
}

static uint64_t SMM_CODE write_debug(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    write_dr0(0x55555550);
    write_dr1(0x66666660);
    write_dr2(0x77777770);
    write_dr3(0x08888880);
    return 0;
}

TEST(rsm, debug_addresses, "DR0 to DR3 are not saved: what the handler writes lasts",
     SPEC_NOT_SAVED, NEEDS(""))
{
    REQUIRE_SMM();
    write_dr0(0);
    write_dr1(0);
    write_dr2(0);
    write_dr3(0);
    smm_run(write_debug, NULL);
    EXPECT_EQ("dr0", read_dr0(), 0x55555550, "DR0 is what the handler wrote");
    EXPECT_EQ("dr1", read_dr1(), 0x66666660, "DR1 is what the handler wrote");
    EXPECT_EQ("dr2", read_dr2(), 0x77777770, "DR2 is what the handler wrote");
    EXPECT_EQ("dr3", read_dr3(), 0x08888880, "DR3 is what the handler wrote");
}
