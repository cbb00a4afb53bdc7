/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers of the XSAVE kind and the local APIC: no save area holds them. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"

#define SPEC_NOT_SAVED SPEC("Intel SDM vol. 3, 34.4.1, 34.16; AMD APM vol. 2, 10.3.5")

#define CPUID_1_ECX_AVX  BIT(28)
#define CPUID_7_ECX_PKU  BIT(3)
#define CR4_PKE          BIT(22)
#define XCR0_X87_SSE     3U
#define XCR0_X87_SSE_AVX 7U
#define YMM_SIZE         32

#ifdef __x86_64__
#define YMM_NUMBERS   "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
#define YMM_REGISTERS 16
#else
#define YMM_NUMBERS   "0,1,2,3,4,5,6,7"
#define YMM_REGISTERS 8
#endif

static uint64_t SMM_CODE nothing(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return 0;
}

static bool cpu_has_xsave(void)
{
    struct cpuid_regs r;

    cpuid(1, 0, &r);
    return r.ecx & CPUID_1_ECX_XSAVE;
}

static void set_xcr0(uint32_t value)
{
    __asm__ volatile("xsetbv" : : "c"(0), "a"(value), "d"(0) : "memory");
}

static uint64_t get_xcr0(void)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low | (uint64_t)high << 32;
}

TEST(rsm, xcr0, "XCR0 is not saved: an SMI leaves it alone", SPEC_NOT_SAVED, NEEDS("cpu=max"))
{
    unsigned long cr4 = read_cr4();

    REQUIRE_SMM();
    if (!cpu_has_xsave())
        SKIP("the CPU model has no XSAVE");
    write_cr4(cr4 | CR4_OSXSAVE);
    set_xcr0(XCR0_X87_SSE);
    smm_run(nothing, NULL);
    EXPECT_EQ("kept", get_xcr0(), XCR0_X87_SSE, "it is after RSM what was written before");
    write_cr4(cr4);
}

TEST(rsm, avx, "AVX registers are not saved: an SMI leaves them alone", SPEC_NOT_SAVED,
     NEEDS("cpu=max"))
{
    static uint8_t want[YMM_REGISTERS * YMM_SIZE], got[YMM_REGISTERS * YMM_SIZE];
    unsigned long cr4 = read_cr4();
    struct cpuid_regs r;

    REQUIRE_SMM();
    cpuid(1, 0, &r);
    if (!cpu_has_xsave() || !(r.ecx & CPUID_1_ECX_AVX))
        SKIP("the CPU model has no AVX");
    for (unsigned int i = 0; i < sizeof(want); i++)
        want[i] = (uint8_t)(i * 37 + i / 256 + 5);
    write_cr4(cr4 | CR4_OSFXSR | CR4_OSXSAVE);
    set_xcr0(XCR0_X87_SSE_AVX);
    __asm__ volatile(".irp n," YMM_NUMBERS "; vmovdqu 32*\\n(%0), %%ymm\\n; .endr"
                     :
                     : "r"(want)
                     : "memory");
    smm_run(nothing, NULL);
    __asm__ volatile(".irp n," YMM_NUMBERS "; vmovdqu %%ymm\\n, 32*\\n(%0); .endr"
                     :
                     : "r"(got)
                     : "memory");
    write_cr4(cr4);
    EXPECT_MEM("kept", got, want, sizeof(want), "all YMM registers are as before the SMI");
}

TEST(rsm, pkru, "PKRU is not saved: an SMI leaves it alone", SPEC_NOT_SAVED,
     NEEDS("arch=x86_64 cpu=max"))
{
    unsigned long cr4 = read_cr4();
    struct cpuid_regs r;
    uint32_t value = 0x5a5a5a54, high;

    REQUIRE_SMM();
    cpuid(0, 0, &r);
    if (r.eax < 7)
        SKIP("the CPU model has no protection keys");
    cpuid(7, 0, &r);
    if (!(r.ecx & CPUID_7_ECX_PKU))
        SKIP("the CPU model has no protection keys");
    write_cr4(cr4 | CR4_PKE);
    __asm__ volatile("wrpkru" : : "a"(value), "c"(0), "d"(0) : "memory");
    smm_run(nothing, NULL);
    __asm__ volatile("rdpkru" : "=a"(value), "=d"(high) : "c"(0));
    __asm__ volatile("wrpkru" : : "a"(0), "c"(0), "d"(0) : "memory");
    write_cr4(cr4);
    EXPECT_EQ("kept", value, 0x5a5a5a54, "it is after RSM what was written before");
}

/* Registers that neither time nor an SMI by APM_CNT changes. */
static const uint16_t registers[] = {
    APIC_ID,         APIC_TPR,          APIC_PPR,
    APIC_LDR,        APIC_DFR,          APIC_SVR,
    APIC_ESR,        APIC_ICR,          APIC_ICR_HIGH,
    APIC_LVT_TIMER,  APIC_LVT_PERF,     APIC_LVT_THERMAL,
    APIC_LVT_LINT0,  APIC_LVT_LINT1,    APIC_LVT_ERROR,
    APIC_ISR,        APIC_ISR + 0x20,   APIC_IRR + 0x20,
    APIC_TMR + 0x20, APIC_TIMER_DIVIDE, APIC_TIMER_INITIAL,
};

#define REGISTERS (sizeof(registers) / sizeof(registers[0]))

static const struct {
    uint16_t reg;
    uint32_t value;
} loaded[] = {
    {APIC_TPR, 0x70},
    {APIC_LDR, 0x5a000000},
    {APIC_SVR, APIC_SVR_ENABLE | 0x3f},
    {APIC_LVT_TIMER, APIC_LVT_MASKED | 0x31},
    {APIC_LVT_THERMAL, APIC_LVT_MASKED | 0x32},
    {APIC_LVT_PERF, APIC_LVT_MASKED | 0x33},
    {APIC_LVT_LINT0, APIC_LVT_MASKED | 0x34},
    {APIC_LVT_LINT1, APIC_LVT_MASKED | 0x35},
    {APIC_LVT_ERROR, APIC_LVT_MASKED | 0x36},
    {APIC_TIMER_DIVIDE, 0x09},
};

#define LOADED (sizeof(loaded) / sizeof(loaded[0]))

static void SMM_CODE read_apic(uint32_t *to)
{
    for (unsigned int i = 0; i < REGISTERS; i++)
        to[i] = apic_read(registers[i]);
}

static uint64_t SMM_CODE read_in_smm(struct smm_cpu *cpu, void *to)
{
    (void)cpu;
    read_apic(to);
    return 0;
}

static volatile uint32_t delivered;

static void on_held(struct trap_frame *frame)
{
    (void)frame;
    delivered++;
    apic_eoi();
}

TEST(rsm, apic, "the local APIC's registers are not saved: an SMI leaves them alone",
     SPEC("Intel SDM vol. 3, 34.4.1: APIC internal state; AMD APM vol. 2, 10.3.5: TPR"), NEEDS(""))
{
    uint32_t before[REGISTERS], inside[REGISTERS], after[REGISTERS], old[LOADED];

    REQUIRE_SMM();
    for (unsigned int i = 0; i < LOADED; i++) {
        old[i] = apic_read(loaded[i].reg);
        apic_write(loaded[i].reg, loaded[i].value);
    }
    apic_icr(apic_id(), APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_TEST); /* held by the TPR */
    read_apic(before);
    smm_run(read_in_smm, inside);
    read_apic(after);
    for (unsigned int i = 0; i < REGISTERS; i++) {
        CONTEXT("register %#x", registers[i]);
        EXPECT_EQ("inside", inside[i], before[i], "in SMM they are as before");
        EXPECT_EQ("after", after[i], before[i], "and after RSM");
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("tpr", after[1], 0x70, "the task priority, too");
    for (unsigned int i = 0; i < LOADED; i++)
        apic_write(loaded[i].reg, old[i]);
    irq_set_handler(VECTOR_TEST, on_held);
    sti();
    __asm__ volatile("nop; jmp 1f; 1:" : : : "memory");
    cli();
    irq_set_handler(VECTOR_TEST, NULL);
    EXPECT_EQ("delivered", delivered, 1, "the interrupt that the TPR held comes, once");
}
