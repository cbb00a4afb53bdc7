/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processor registers and instructions.
 *
 * Bits and numbers: Intel SDM vol. 3, "Control Registers", "Model-Specific Registers", and vol. 2,
 * CPUID; AMD APM vol. 2, "MSR Cross-Reference" for the C000_xxxx and C001_xxxx numbers.
 */
#ifndef HW_CPU_H
#define HW_CPU_H

#include <stdbool.h>
#include <stdint.h>

#define BIT(n)    (1U << (n))
#define BIT_64(n) (UINT64_C(1) << (n))

/* SDM vol. 3, "Control Registers" */
#define CR0_PE BIT(0)
#define CR0_MP BIT(1)
#define CR0_EM BIT(2)
#define CR0_TS BIT(3)
#define CR0_ET BIT(4)
#define CR0_NE BIT(5)
#define CR0_WP BIT(16)
#define CR0_AM BIT(18)
#define CR0_NW BIT(29)
#define CR0_CD BIT(30)
#define CR0_PG BIT(31)

#define CR4_VME        BIT(0)
#define CR4_PVI        BIT(1)
#define CR4_TSD        BIT(2)
#define CR4_DE         BIT(3)
#define CR4_PSE        BIT(4)
#define CR4_PAE        BIT(5)
#define CR4_MCE        BIT(6)
#define CR4_PGE        BIT(7)
#define CR4_PCE        BIT(8)
#define CR4_OSFXSR     BIT(9)
#define CR4_OSXMMEXCPT BIT(10)
#define CR4_UMIP       BIT(11)
#define CR4_LA57       BIT(12)
#define CR4_VMXE       BIT(13)
#define CR4_FSGSBASE   BIT(16)
#define CR4_PCIDE      BIT(17)
#define CR4_OSXSAVE    BIT(18)
#define CR4_SMEP       BIT(20)
#define CR4_SMAP       BIT(21)

/* SDM vol. 1, "EFLAGS Register" */
#define EFLAGS_CF   BIT(0)
#define EFLAGS_ONE  BIT(1) /* always 1 */
#define EFLAGS_PF   BIT(2)
#define EFLAGS_AF   BIT(4)
#define EFLAGS_ZF   BIT(6)
#define EFLAGS_SF   BIT(7)
#define EFLAGS_TF   BIT(8)
#define EFLAGS_IF   BIT(9)
#define EFLAGS_DF   BIT(10)
#define EFLAGS_OF   BIT(11)
#define EFLAGS_IOPL (3U << 12)
#define EFLAGS_NT   BIT(14)
#define EFLAGS_RF   BIT(16)
#define EFLAGS_VM   BIT(17)
#define EFLAGS_AC   BIT(18)
#define EFLAGS_VIF  BIT(19)
#define EFLAGS_VIP  BIT(20)
#define EFLAGS_ID   BIT(21)

/* SDM vol. 3, "Debug Registers" */
#define DR6_RESET 0xffff0ff0U
#define DR6_BS    BIT(14)
#define DR7_RESET 0x00000400U
#define DR7_G0    BIT(1) /* breakpoint in DR0, for all tasks */
#define DR7_GD    BIT(13)

/* SDM vol. 4 (MSRs) unless the line says otherwise */
#define MSR_TSC 0x00000010

#define MSR_APIC_BASE     0x0000001b
#define APIC_BASE_BSP     BIT(8)
#define APIC_BASE_EXTD    BIT(10) /* x2APIC mode */
#define APIC_BASE_EN      BIT(11)
#define APIC_BASE_ADDRESS UINT64_C(0x000ffffffffff000)

#define MSR_SMI_COUNT       0x00000034 /* 31:0 SMIs since the last reset */
#define MSR_FEATURE_CONTROL 0x0000003a
#define MSR_SMM_MONITOR_CTL 0x0000009b
#define MSR_SMBASE          0x0000009e

#define MSR_MTRRCAP  0x000000fe
#define MTRRCAP_SMRR BIT(11)

#define MSR_SYSENTER_CS      0x00000174
#define MSR_SYSENTER_ESP     0x00000175
#define MSR_SYSENTER_EIP     0x00000176
#define MSR_MCG_STATUS       0x0000017a
#define MSR_MCG_CTL          0x0000017b
#define MSR_MISC_ENABLE      0x000001a0
#define MSR_DEBUGCTL         0x000001d9
#define MSR_SMRR_PHYSBASE    0x000001f2
#define MSR_SMRR_PHYSMASK    0x000001f3
#define MSR_MTRR_PHYSBASE(n) (0x00000200U + 2 * (n))
#define MSR_MTRR_PHYSMASK(n) (0x00000201U + 2 * (n))
#define MSR_MTRR_FIX64K      0x00000250
#define MSR_MTRR_FIX16K(n)   (0x00000258U + (n)) /* n < 2 */
#define MSR_MTRR_FIX4K(n)    (0x00000268U + (n)) /* n < 8 */
#define MSR_PAT              0x00000277
#define MSR_MTRR_DEF_TYPE    0x000002ff
#define MSR_MC0_CTL          0x00000400
#define MSR_X2APIC(reg)      (0x00000800U + ((reg) >> 4)) /* reg: xAPIC offset in bytes */

#define MSR_EFER  0xc0000080
#define EFER_SCE  BIT(0)
#define EFER_LME  BIT(8)
#define EFER_LMA  BIT(10)
#define EFER_NXE  BIT(11)
#define EFER_SVME BIT(12) /* AMD APM vol. 2, "Extended Feature Enable Register" */

#define MSR_STAR           0xc0000081
#define MSR_LSTAR          0xc0000082
#define MSR_CSTAR          0xc0000083
#define MSR_SFMASK         0xc0000084
#define MSR_FS_BASE        0xc0000100
#define MSR_GS_BASE        0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_VM_HSAVE_PA    0xc0010117
#define MSR_TSC_AUX        0xc0000103
#define MSR_HWCR           0xc0010015 /* AMD */
#define MSR_SMM_BASE_AMD   0xc0010111 /* AMD */
#define MSR_SMM_ADDR       0xc0010112 /* AMD */
#define MSR_SMM_MASK       0xc0010113 /* AMD */

/* SDM vol. 2, CPUID */
#define CPUID_1_ECX_X2APIC     BIT(21)
#define CPUID_1_ECX_XSAVE      BIT(26)
#define CPUID_1_EDX_APIC       BIT(9)
#define CPUID_1_EDX_MTRR       BIT(12)
#define CPUID_80000001_ECX_SVM BIT(2) /* AMD */
#define CPUID_80000001_EDX_NX  BIT(20)
#define CPUID_80000001_EDX_LM  BIT(29)

struct cpuid_regs {
    uint32_t eax;
    uint32_t ebx;
    uint32_t ecx;
    uint32_t edx;
};

static inline void cpuid(uint32_t leaf, uint32_t subleaf, struct cpuid_regs *regs)
{
    __asm__ volatile("cpuid"
                     : "=a"(regs->eax), "=b"(regs->ebx), "=c"(regs->ecx), "=d"(regs->edx)
                     : "a"(leaf), "c"(subleaf));
}

/* AMD's Secure Virtual Machine (AMD APM vol. 2, 15.4). */
static inline bool cpu_has_svm(void)
{
    struct cpuid_regs r;

    cpuid(0x80000000, 0, &r);
    if (r.eax < 0x80000001)
        return false;
    cpuid(0x80000001, 0, &r);
    return r.ecx & CPUID_80000001_ECX_SVM;
}

static inline uint64_t rdmsr(uint32_t msr)
{
    uint32_t low;
    uint32_t high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
    return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

/* A pair read_NAME/write_NAME for a control or debug register, as wide as the mode's registers. */
#define CPU_REGISTER(name)                                                  \
    static inline unsigned long read_##name(void)                           \
    {                                                                       \
        unsigned long value;                                                \
                                                                            \
        __asm__ volatile("mov %%" #name ", %0" : "=r"(value) : : "memory"); \
        return value;                                                       \
    }                                                                       \
    static inline void write_##name(unsigned long value)                    \
    {                                                                       \
        __asm__ volatile("mov %0, %%" #name : : "r"(value) : "memory");     \
    }

CPU_REGISTER(cr0)
CPU_REGISTER(cr2)
CPU_REGISTER(cr3)
CPU_REGISTER(cr4)
CPU_REGISTER(dr0)
CPU_REGISTER(dr1)
CPU_REGISTER(dr2)
CPU_REGISTER(dr3)
CPU_REGISTER(dr6)
CPU_REGISTER(dr7)

#undef CPU_REGISTER

static inline unsigned long read_flags(void)
{
    unsigned long flags;

    __asm__ volatile("pushf; pop %0" : "=r"(flags) : : "memory");
    return flags;
}

static inline void write_flags(unsigned long flags)
{
    __asm__ volatile("push %0; popf" : : "r"(flags) : "memory", "cc");
}

static inline uint64_t rdtsc(void)
{
    uint32_t low;
    uint32_t high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static inline void cpu_pause(void)
{
    __asm__ volatile("pause" : : : "memory");
}

static inline void cli(void)
{
    __asm__ volatile("cli" : : : "memory");
}

static inline void sti(void)
{
    __asm__ volatile("sti" : : : "memory");
}

static inline void hlt(void)
{
    __asm__ volatile("hlt" : : : "memory");
}

/* In one go: no interrupt can slip in between and leave the HLT waiting for the next one. */
static inline void sti_hlt(void)
{
    __asm__ volatile("sti; hlt" : : : "memory");
}

/* Lets in the maskable interrupts that wait; STI keeps them away for one more instruction. */
static inline void irq_window(void)
{
    __asm__ volatile("sti; nop; nop; cli" : : : "memory");
}

/* Disables maskable interrupts; returns the flags for irq_restore(). */
static inline unsigned long irq_save(void)
{
    unsigned long flags = read_flags();

    cli();
    return flags;
}

static inline void irq_restore(unsigned long flags)
{
    if (flags & EFLAGS_IF)
        sti();
}

#endif
