/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CR0, CR4 and EFER switch on and off works after RSM as before the SMI: that the
 * registers read the same does not yet say that the CPU acts on them.
 */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "kernel/trap.h"

#define NONE      0xffU
#define VECTOR_UD 6U
#define VECTOR_NM 7U

#define CPUID_1_ECX_AVX     BIT(28)
#define CPUID_7_EBX_FSGSBAS BIT(0)
#define CPUID_7_EBX_SMEP    BIT(7)
#define CPUID_7_EBX_SMAP    BIT(20)
#define CPUID_7_ECX_UMIP    BIT(2)
#define CPUID_7_ECX_PKU     BIT(3)
#define CPUID_7_ECX_PKS     BIT(31)

#define CR0_FPU (CR0_MP | CR0_EM | CR0_TS)
#define CR4_PKE BIT(22)
#define CR4_PKS BIT(24)

/* NOLINTBEGIN(bugprone-macro-parentheses): a string literal. */
#define INSTRUCTION(name, text)                \
    static void name(void *arg)                \
    {                                          \
        (void)arg;                             \
        __asm__ volatile(text : : : "memory"); \
    }

/* NOLINTEND(bugprone-macro-parentheses) */

INSTRUCTION(x87, "fnop")
INSTRUCTION(wait, "fwait")
INSTRUCTION(sse, "xorps %%xmm0, %%xmm0")
INSTRUCTION(avx, "vxorps %%ymm0, %%ymm0, %%ymm0")
INSTRUCTION(gif, "stgi")

static void get_xcr0(void *arg)
{
    (void)arg;
    __asm__ volatile("xgetbv" : : "c"(0) : "eax", "edx");
}

static void move_from_dr4(void *arg)
{
    unsigned long value;

    __asm__ volatile("mov %%dr4, %0" : "=r"(value));
    *(unsigned long *)arg = value;
}

static void set_xcr0(uint32_t value)
{
    __asm__ volatile("xsetbv" : : "c"(0), "a"(value), "d"(0) : "memory");
}

enum feature { ALWAYS, XSAVE, AVX, SVM };

static bool cpu_has(enum feature f)
{
    struct cpuid_regs r;

    if (f == ALWAYS)
        return true;
    if (f == SVM) {
        cpuid(0x80000000, 0, &r);
        if (r.eax < 0x80000001)
            return false;
        cpuid(0x80000001, 0, &r);
        return r.ecx & CPUID_80000001_ECX_SVM;
    }
    cpuid(1, 0, &r);
    return (r.ecx & CPUID_1_ECX_XSAVE) && (f == XSAVE || (r.ecx & CPUID_1_ECX_AVX));
}

/* Intel SDM vol. 3, Table 2-2, 2.5; vol. 1, 13.3; AMD APM vol. 3, STGI. */
static const struct effect {
    const char *name;
    void (*instruction)(void *);
    enum feature feature;
    uint32_t cr0, cr4, efer; /* bits set; the others of each kind are clear */
    uint32_t vector;
} effects[] = {
    {"x87", x87, ALWAYS, 0, 0, 0, NONE},
    {"x87, TS", x87, ALWAYS, CR0_TS, 0, 0, VECTOR_NM},
    {"x87, EM", x87, ALWAYS, CR0_EM, 0, 0, VECTOR_NM},
    {"WAIT, TS", wait, ALWAYS, CR0_TS, 0, 0, NONE},
    {"WAIT, MP", wait, ALWAYS, CR0_MP, 0, 0, NONE},
    {"WAIT, MP and TS", wait, ALWAYS, CR0_MP | CR0_TS, 0, 0, VECTOR_NM},
    {"SSE", sse, ALWAYS, 0, 0, 0, VECTOR_UD},
    {"SSE, OSFXSR", sse, ALWAYS, 0, CR4_OSFXSR, 0, NONE},
    {"SSE, OSFXSR and TS", sse, ALWAYS, CR0_TS, CR4_OSFXSR, 0, VECTOR_NM},
    {"SSE, OSFXSR and EM", sse, ALWAYS, CR0_EM, CR4_OSFXSR, 0, VECTOR_UD},
    {"XGETBV", get_xcr0, XSAVE, 0, 0, 0, VECTOR_UD},
    {"XGETBV, OSXSAVE", get_xcr0, XSAVE, 0, CR4_OSXSAVE, 0, NONE},
    {"AVX, OSXSAVE", avx, AVX, 0, CR4_OSFXSR | CR4_OSXSAVE, 0, NONE},
    {"AVX", avx, AVX, 0, CR4_OSFXSR, 0, VECTOR_UD},
    {"DR4", move_from_dr4, ALWAYS, 0, 0, 0, NONE},
    {"DR4, DE", move_from_dr4, ALWAYS, 0, CR4_DE, 0, VECTOR_UD},
    {"STGI", gif, SVM, 0, 0, 0, VECTOR_UD},
    {"STGI, SVME", gif, SVM, 0, 0, EFER_SVME, NONE},
};

static uint64_t SMM_CODE nothing(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return 0;
}

static uint32_t vector_of(const struct effect *e)
{
    unsigned long result;
    struct trap_caught t = trap_catch(e->instruction, &result);

    return t.caught ? t.vector : NONE;
}

static void check(const struct effect *e)
{
    unsigned long cr0 = read_cr0(), cr4 = read_cr4();
    uint64_t efer = cpu_has(SVM) ? rdmsr(MSR_EFER) : 0;
    uint32_t before, after;

    if (e->feature == AVX) {
        write_cr4(cr4 | CR4_OSXSAVE);
        set_xcr0(7);
    }
    write_cr4((cr4 & ~(unsigned long)(CR4_OSFXSR | CR4_OSXSAVE | CR4_DE)) | e->cr4);
    if (cpu_has(SVM))
        wrmsr(MSR_EFER, (efer & ~(uint64_t)EFER_SVME) | e->efer);
    write_cr0((cr0 & ~(unsigned long)CR0_FPU) | e->cr0);
    before = vector_of(e);
    smm_run(nothing, NULL);
    after = vector_of(e);
    if (cpu_has(SVM))
        wrmsr(MSR_EFER, efer);
    write_cr0(cr0);
    write_cr4(cr4);
    CONTEXT("%s", e->name);
    EXPECT_EQ("before", before, e->vector, "before the SMI the bits decide about the exception");
    EXPECT_EQ("after", after, e->vector, "after RSM they do as before");
}

TEST(rsm, effects, "what CR0, CR4 and EFER switch on or off is so after RSM as before the SMI",
     SPEC("Intel SDM vol. 3, 34.3.2; AMD APM vol. 2, 10.4: RSM restores CR0, CR4 and EFER"),
     NEEDS("cpu=max"))
{
    REQUIRE_SMM();
    for (unsigned int i = 0; i < sizeof(effects) / sizeof(effects[0]); i++) {
        if (cpu_has(effects[i].feature))
            check(&effects[i]);
    }
    CONTEXT_CLEAR();
}

/* Bits of CR4 that the scenes leave out, as far as the CPU has them. */
static uint32_t more_cr4(void)
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
    uint32_t all = more_cr4();

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
