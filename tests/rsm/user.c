/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CR4 forbids programs at privilege level 3 is forbidden after RSM as before the SMI. There by
 * SYSRET, back by SYSCALL, or by the exception, for which there has to be a TSS.
 */
#include "tests/attack/user.h"
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"

#ifdef __x86_64__

#define NONE      0xffU
#define VECTOR_UD 6U
#define VECTOR_GP 13U

#define CPUID_7_EBX_FSGSBASE BIT(0)
#define CPUID_7_ECX_UMIP     BIT(2)

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

static void store_gdt(void)
{
    struct table_pointer p;

    __asm__ volatile("sgdt %0" : "=m"(p));
}

static void store_msw(void)
{
    unsigned long value;

    __asm__ volatile("smsw %0" : "=r"(value));
}

static void read_time(void)
{
    (void)rdtsc();
}

static void read_fs(void)
{
    unsigned long value;

    __asm__ volatile("rdfsbase %0" : "=r"(value));
}

/* Intel SDM vol. 3, 2.5 "Control Registers". */
static const struct rule {
    const char *name;
    void (*code)(void);
    uint32_t cr4;
    uint32_t vector;
} rules[] = {
    {"SGDT, UMIP", store_gdt, CR4_UMIP, VECTOR_GP},      {"SGDT", store_gdt, 0, NONE},
    {"SMSW, UMIP", store_msw, CR4_UMIP, VECTOR_GP},      {"SMSW", store_msw, 0, NONE},
    {"RDTSC, TSD", read_time, CR4_TSD, VECTOR_GP},       {"RDTSC", read_time, 0, NONE},
    {"RDFSBASE, FSGSBASE", read_fs, CR4_FSGSBASE, NONE}, {"RDFSBASE", read_fs, 0, VECTOR_UD},
};

#define CR4_RULES (CR4_UMIP | CR4_TSD | CR4_FSGSBASE)

static uint64_t SMM_CODE nothing(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return 0;
}

/* The code has the kernel's stack: all pages are the user's, too. */
static void in_user_mode(void *code)
{
    __asm__ volatile("lea 2f(%%rip), %%rax; mov %%rax, %%rdx; shr $32, %%rdx\n\t"
                     "mov %[lstar], %%ecx; wrmsr\n\t"
                     "mov %%ss, %%r12d; pushfq; pop %%r11; lea 1f(%%rip), %%rcx; sysretq\n"
                     "1: call *%[code]; syscall\n"
                     "2: mov %%r12d, %%ss"
                     :
                     : [lstar] "i"(MSR_LSTAR), [code] "b"(code)
                     : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "memory",
                       "cc");
}

static uint32_t vector_of(const struct rule *r)
{
    struct trap_caught t;
    uint16_t ss;

    __asm__ volatile("mov %%ss, %0" : "=r"(ss));
    user_mode_pages(true);
    t = trap_catch(in_user_mode, (void *)(uintptr_t)r->code);
    user_mode_pages(false);
    __asm__ volatile("mov %0, %%ss" : : "r"(ss));
    return t.caught ? t.vector : NONE;
}

/* Our GDT with a TSS behind it, whose stack is for exceptions from level 3. */
static void load_tss(void)
{
    static uint8_t stack[4096] __attribute__((aligned(16)));
    static uint32_t tss[26];
    static uint64_t gdt[32];
    struct table_pointer p;
    uint64_t base = (uintptr_t)tss, top = (uintptr_t)(stack + sizeof(stack));
    unsigned int n;

    __asm__ volatile("sgdt %0" : "=m"(p));
    n = (p.limit + 1U) / 8;
    if (n + 2 > sizeof(gdt) / sizeof(gdt[0]))
        ERROR("a GDT of %u entries", n);
    memcpy(gdt, (void *)(uintptr_t)p.base, p.limit + 1U);
    tss[1] = (uint32_t)top; /* RSP0 */
    tss[2] = (uint32_t)(top >> 32);
    gdt[n] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 | UINT64_C(0x89) << 40 |
             (base >> 24 & 0xff) << 56;
    gdt[n + 1] = base >> 32;
    p.base = (uintptr_t)gdt;
    p.limit = (uint16_t)((n + 2) * 8 - 1);
    __asm__ volatile("lgdt %0; ltr %1" : : "m"(p), "r"((uint16_t)(n * 8)) : "memory");
}

static uint32_t cpu_cr4(void)
{
    struct cpuid_regs r;

    cpuid(0, 0, &r);
    if (r.eax < 7)
        return CR4_TSD;
    cpuid(7, 0, &r);
    return CR4_TSD | (r.ecx & CPUID_7_ECX_UMIP ? CR4_UMIP : 0) |
           (r.ebx & CPUID_7_EBX_FSGSBASE ? CR4_FSGSBASE : 0);
}

TEST(rsm, user_mode, "what CR4 forbids at privilege level 3 is forbidden after RSM, too",
     SPEC("Intel SDM vol. 3, 2.5, 34.3.2, 34.4.1; AMD APM vol. 2, Table 10-1: CR4"),
     NEEDS("arch=x86_64 cpu=max boot=own"))
{
    unsigned long cr4 = read_cr4() & ~(unsigned long)CR4_RULES;
    uint16_t cs;

    REQUIRE_SMM();
    load_tss();
    __asm__ volatile("mov %%cs, %0" : "=r"(cs));
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
    wrmsr(MSR_STAR, (uint64_t)cs << 32 | ((uint64_t)cs + 0x20) << 48);
    for (unsigned int i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        uint32_t before, after;

        if (rules[i].cr4 & ~cpu_cr4())
            continue;
        write_cr4(cr4 | rules[i].cr4);
        before = vector_of(&rules[i]);
        smm_run(nothing, NULL);
        after = vector_of(&rules[i]);
        write_cr4(cr4);
        CONTEXT("%s", rules[i].name);
        EXPECT_EQ("before", before, rules[i].vector, "before the SMI CR4 decides");
        EXPECT_EQ("after", after, rules[i].vector, "after RSM it does as before");
    }
    CONTEXT_CLEAR();
}

#endif
