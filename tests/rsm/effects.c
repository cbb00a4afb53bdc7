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

#define CPUID_1_ECX_AVX BIT(28)

#define CR0_FPU (CR0_MP | CR0_EM | CR0_TS)

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

#define CPUID_80000001_EDX_FFXSR BIT(25)
#define EFER_FFXSR               BIT(14)

/* CPUID 80000001h: ECX for SVM, EDX for the others. */
static uint32_t more_efer(void)
{
    struct cpuid_regs r;
    uint32_t bits = EFER_SCE;

    cpuid(0x80000001, 0, &r);
    bits |= r.ecx & CPUID_80000001_ECX_SVM ? EFER_SVME : 0;
    bits |= r.edx & CPUID_80000001_EDX_NX ? EFER_NXE : 0;
    bits |= r.edx & CPUID_80000001_EDX_FFXSR ? EFER_FFXSR : 0;
    return bits;
}

TEST(rsm, efer_bits, "every bit of EFER is restored, be it set or clear",
     SPEC("AMD APM vol. 2, Table 10-1: EFER, 10.4; Intel SDM vol. 3, Table 34-3: IA32_EFER"),
     NEEDS("arch=x86_64 cpu=max"))
{
    uint64_t efer = rdmsr(MSR_EFER);
    uint32_t all = more_efer();

    REQUIRE_SMM();
    /* All of them, each alone, and none. */
    for (uint32_t left = all, bits = all;; bits = left & -left, left &= left - 1) {
        uint64_t before, after;

        wrmsr(MSR_EFER, (efer & ~(uint64_t)all) | bits);
        before = rdmsr(MSR_EFER);
        smm_run(nothing, NULL);
        after = rdmsr(MSR_EFER);
        wrmsr(MSR_EFER, efer);
        CONTEXT("EFER bits %#x", bits);
        EXPECT_BITS("written", before, all, bits, "EFER is what was written");
        EXPECT_EQ("restored", after, before, "and is so after RSM");
        if (!bits)
            break;
    }
    CONTEXT_CLEAR();
}
