/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CR4 forbids programs at privilege level 3 is forbidden after RSM as before the SMI.
 */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/attack/user_call.h"

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

static uint32_t vector_of(const struct rule *r)
{
    struct trap_caught t = user_call(r->code);

    return t.caught ? t.vector : NONE;
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

    REQUIRE_SMM();
    user_call_prepare();
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
