/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keeps pages from being used does so after RSM as before the SMI: CR0.WP, CR4.SMEP, SMAP and
 * PKE with EFLAGS.AC and PKRU, EFER.NXE. All at privilege level 0, on one large page of its own.
 */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/memory.h"
#include "kernel/test.h"
#include "kernel/trap.h"

#define NONE      0xffU
#define VECTOR_PF 14U

#define CPUID_7_EBX_SMEP BIT(7)
#define CPUID_7_EBX_SMAP BIT(20)
#define CPUID_7_ECX_PKU  BIT(3)
#define CR4_PKE          BIT(22)

#define LARGE_PAGE 0x200000U
#define PTE_WRITE  UINT64_C(2)
#define PTE_USER   UINT64_C(4)
#define PTE_LARGE  UINT64_C(0x81) /* and present */
#define PTE_KEY_1  (UINT64_C(1) << 59)
#define PTE_NX     (UINT64_C(1) << 63)

#define PKRU_AD1 4U /* key 1: no access */
#define PKRU_WD1 8U /* key 1: no writes */

static uint8_t *page; /* begins with RET */

static void read_page(void *arg)
{
    (void)arg;
    (void)*(volatile uint8_t *)page;
}

static void write_page(void *arg)
{
    (void)arg;
    *(volatile uint8_t *)page = 0xc3;
}

static void execute_page(void *arg)
{
    (void)arg;
    __asm__ volatile("call *%0" : : "r"(page) : "memory");
}

/* Intel SDM vol. 3, 4.6 "Access Rights". */
static const struct protection {
    const char *name;
    void (*access)(void *);
    uint64_t pte;
    uint32_t cr0, cr4; /* of WP, SMEP, SMAP and PKE */
    bool ac;
    uint32_t pkru;
    uint32_t vector;
} protections[] = {
    {"write, WP", write_page, 0, CR0_WP, 0, false, 0, VECTOR_PF},
    {"write", write_page, 0, 0, 0, false, 0, NONE},
    {"execute, NX", execute_page, PTE_WRITE | PTE_NX, 0, 0, false, 0, VECTOR_PF},
    {"execute", execute_page, PTE_WRITE, 0, 0, false, 0, NONE},
    {"execute user page, SMEP", execute_page, PTE_USER, 0, CR4_SMEP, false, 0, VECTOR_PF},
    {"execute user page", execute_page, PTE_USER, 0, 0, false, 0, NONE},
    {"read user page, SMEP", read_page, PTE_USER, 0, CR4_SMEP, false, 0, NONE},
    {"read user page, SMAP", read_page, PTE_USER, 0, CR4_SMAP, false, 0, VECTOR_PF},
    {"read user page, SMAP, AC", read_page, PTE_USER, 0, CR4_SMAP, true, 0, NONE},
    {"read user page", read_page, PTE_USER, 0, 0, false, 0, NONE},
    {"execute user page, SMAP", execute_page, PTE_USER, 0, CR4_SMAP, false, 0, NONE},
#ifdef __x86_64__
    {"read, AD", read_page, PTE_USER | PTE_KEY_1, 0, CR4_PKE, false, PKRU_AD1, VECTOR_PF},
    {"read, WD", read_page, PTE_USER | PTE_KEY_1, 0, CR4_PKE, false, PKRU_WD1, NONE},
    {"write, WD and WP", write_page, PTE_USER | PTE_WRITE | PTE_KEY_1, CR0_WP, CR4_PKE, false,
     PKRU_WD1, VECTOR_PF},
    {"read, another key's AD", read_page, PTE_USER, 0, CR4_PKE, false, PKRU_AD1, NONE},
    {"read, AD without PKE", read_page, PTE_USER | PTE_KEY_1, 0, 0, false, PKRU_AD1, NONE},
#endif
};

static uint64_t SMM_CODE nothing(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return 0;
}

/* In the kernel's own tables (kernel/paging.c): 2 MiB pages below 4 GiB. */
static void set_page(uint64_t pte)
{
    uintptr_t at = (uintptr_t)page;
#ifdef __x86_64__
    uint64_t *top = (uint64_t *)(read_cr3() & ~(uintptr_t)(PAGE_SIZE - 1));
    uint64_t *pointers = (uint64_t *)(uintptr_t)(top[0] & ~UINT64_C(0xfff));

    /* Every level has a say; below these all other pages are the supervisor's. */
    top[0] |= PTE_USER;
    pointers[at >> 30] |= PTE_USER;
#else
    uint64_t *pointers = (uint64_t *)(read_cr3() & ~31UL);
#endif
    uint64_t *directory = (uint64_t *)(uintptr_t)(pointers[at >> 30] & ~UINT64_C(0xfff));

    directory[at / LARGE_PAGE % 512] = at | PTE_LARGE | pte;
    write_cr3(read_cr3());
}

static void set_ac(bool on)
{
    unsigned long flags = read_flags() & ~(unsigned long)EFLAGS_AC;

    __asm__ volatile("push %0; popf" : : "r"(on ? flags | EFLAGS_AC : flags) : "memory", "cc");
}

static void set_pkru(uint32_t value)
{
    __asm__ volatile("wrpkru" : : "a"(value), "c"(0), "d"(0) : "memory");
}

struct outcome {
    uint32_t vector;
    unsigned long error;
};

static struct outcome try_access(const struct protection *p)
{
    struct trap_caught t = trap_catch(p->access, NULL);

    return (struct outcome){t.caught ? t.vector : NONE, t.caught ? t.error : 0};
}

static bool cpu_has(const struct protection *p)
{
    struct cpuid_regs r;

    if (p->pte & PTE_NX) {
        cpuid(0x80000001, 0, &r);
        return r.edx & CPUID_80000001_EDX_NX;
    }
    if (!p->cr4 && !(p->pte & PTE_KEY_1))
        return true;
    cpuid(0, 0, &r);
    if (r.eax < 7)
        return false;
    cpuid(7, 0, &r);
    return (!(p->cr4 & CR4_SMEP) || (r.ebx & CPUID_7_EBX_SMEP)) &&
           (!(p->cr4 & CR4_SMAP) || (r.ebx & CPUID_7_EBX_SMAP)) &&
           (!(p->cr4 & CR4_PKE || p->pte & PTE_KEY_1) || (r.ecx & CPUID_7_ECX_PKU));
}

static void check(const struct protection *p)
{
    unsigned long cr0 = read_cr0(), cr4 = read_cr4();
    bool nx = p->pte & PTE_NX, keys = p->cr4 & CR4_PKE || p->pte & PTE_KEY_1;
    uint64_t efer = nx ? rdmsr(MSR_EFER) : 0;
    struct outcome before, after;

    if (nx)
        wrmsr(MSR_EFER, efer | EFER_NXE);
    if (keys) {
        write_cr4(cr4 | CR4_PKE);
        set_pkru(p->pkru);
    }
    set_page(p->pte);
    write_cr4((cr4 & ~(unsigned long)(CR4_SMEP | CR4_SMAP | CR4_PKE)) | p->cr4);
    write_cr0((cr0 & ~(unsigned long)CR0_WP) | p->cr0);
    set_ac(p->ac);
    before = try_access(p);
    set_ac(p->ac);
    smm_run(nothing, NULL);
    after = try_access(p);
    set_ac(false);
    write_cr0(cr0);
    if (keys) {
        write_cr4(cr4 | CR4_PKE);
        set_pkru(0);
    }
    write_cr4(cr4);
    set_page(PTE_WRITE);
    if (nx)
        wrmsr(MSR_EFER, efer);
    CONTEXT("%s", p->name);
    EXPECT_EQ("before", before.vector, p->vector, "before the SMI the page is protected or not");
    EXPECT_EQ("after", after.vector, p->vector, "after RSM it is as before");
    EXPECT_EQ("error", after.error, before.error, "and for the same reason");
}

TEST(rsm, page_protection, "what CR0, CR4, EFER, AC and PKRU protect is protected after RSM, too",
     SPEC("Intel SDM vol. 3, 4.6 Access Rights, 34.3.2, 34.4.1; AMD APM vol. 2, 10.3.5, 10.4"),
     NEEDS("cpu=max"))
{
    uintptr_t memory = (uintptr_t)page_alloc(2 * LARGE_PAGE);

    REQUIRE_SMM();
    page = (uint8_t *)((memory + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1));
    *page = 0xc3;
    for (unsigned int i = 0; i < sizeof(protections) / sizeof(protections[0]); i++) {
        if (cpu_has(&protections[i]))
            check(&protections[i]);
    }
    CONTEXT_CLEAR();
}
