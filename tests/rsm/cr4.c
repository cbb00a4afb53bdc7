/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CR4, bit by bit: those that newer CPUs have. */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "tests/entry/scene.h"

#define CPUID_7_EBX_FSGSBAS BIT(0)
#define CPUID_7_EBX_SMEP    BIT(7)
#define CPUID_7_EBX_SMAP    BIT(20)
#define CPUID_7_ECX_UMIP    BIT(2)
#define CPUID_7_ECX_PKU     BIT(3)
#define CPUID_7_ECX_PKS     BIT(31)
#define CR4_PKE             BIT(22)
#define CR4_PKS             BIT(24)
#define CPUID_7_ECX_LA57    BIT(16)

/* Bits of CR4 that the scenes leave out, as far as the CPU has them and the mode admits them: LA57
 * cannot change in long mode. */
static uint32_t more_cr4(bool legacy)
{
    struct cpuid_regs one, seven;
    uint32_t bits = 0;

    cpuid(0, 0, &one);
    if (one.eax < 7)
        return 0;
    cpuid(7, 0, &seven);
    cpuid(1, 0, &one);
    bits |= seven.ebx & CPUID_7_EBX_SMEP ? CR4_SMEP : 0;
    bits |= seven.ebx & CPUID_7_EBX_SMAP ? CR4_SMAP : 0;
    bits |= seven.ecx & CPUID_7_ECX_UMIP ? CR4_UMIP : 0;
    bits |= one.ecx & CPUID_1_ECX_XSAVE ? CR4_OSXSAVE : 0;
#ifdef __x86_64__
    bits |= seven.ebx & CPUID_7_EBX_FSGSBAS ? CR4_FSGSBASE : 0;
    bits |= seven.ecx & CPUID_7_ECX_PKU ? CR4_PKE : 0;
    bits |= seven.ecx & CPUID_7_ECX_PKS ? CR4_PKS : 0;
#endif
    bits |= legacy && seven.ecx & CPUID_7_ECX_LA57 ? CR4_LA57 : 0;
    return bits;
}

static uint64_t SMM_CODE saved_cr4(struct smm_cpu *cpu, void *arg)
{
    (void)arg;
    return smm_save_get(smm_cpu_save(cpu), SMM_REG_CR4);
}

TEST(rsm, cr4_bits, "every bit of CR4 is saved and restored, those of newer CPUs as well",
     SPEC("AMD APM vol. 2, Table 10-1: CR4, 10.4; Intel SDM vol. 3, 34.4.1"), NEEDS("cpu=max"))
{
    unsigned long cr4 = read_cr4();
    uint32_t all = more_cr4(false);

    REQUIRE_SMM();
    if (!all)
        SKIP("the CPU model has none of these features");
    for (uint32_t left = all, bits = all; bits; bits = left & -left, left &= left - 1) {
        uint64_t saved, after;

        write_cr4(cr4 | bits);
        saved = smm_run(saved_cr4, NULL);
        after = read_cr4();
        write_cr4(cr4);
        CONTEXT("CR4 bits %#x", bits);
        EXPECT_EQ("saved", saved, cr4 | bits, "the field of the save area has them");
        EXPECT_EQ("restored", after, cr4 | bits, "and CR4 after RSM");
    }
    CONTEXT_CLEAR();
}

TEST(rsm, cr4_bits_legacy, "the same outside long mode, where LA57 is one of them",
     SPEC("AMD APM vol. 2, Table 10-1: CR4, 10.4; Intel SDM vol. 3, 34.4.1"), NEEDS("cpu=max"))
{
    uint32_t all = more_cr4(true);

    REQUIRE_SMM();
    if (!all)
        SKIP("the CPU model has none of these features");
    for (uint32_t left = all, bits = all; bits; bits = left & -left, left &= left - 1) {
        struct scene_result r;

        scene_more_cr4 = bits;
        scene_play(SCENE_PROTECTED, SCENE_SMI, 1, WITNESS_PROTECTED, NULL, &r);
        CONTEXT("CR4 bits %#x", bits);
        REQUIRE_EQ("done", r.vector, SCENE_DONE, "the interrupted code goes on to its end");
        EXPECT_EQ("entry", r.smi[0].cr4, 0, "on entry CR4 is 0");
        EXPECT_BITS("saved", smm_save_get(&r.smi[0].save, SMM_REG_CR4), UINT32_MAX, r.loaded.cr4,
                    "the field of the save area has them");
        EXPECT_BITS("restored", smm_save_get(&r.smi[1].save, SMM_REG_CR4), UINT32_MAX, r.loaded.cr4,
                    "and so has that of a second SMI");
    }
    CONTEXT_CLEAR();
    scene_more_cr4 = 0;
}
