/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same from user mode: privilege level 3 has its own way through the MMU.  There by SYSRET and
 * back by SYSCALL (64 bit), or SYSEXIT and SYSENTER (32 bit): no descriptor is read on the way.
 */
#include "tests/attack/user.h"

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/io.h"
#include "kernel/test.h"
#include "tests/attack/target.h"

#define PTE_PRESENT UINT64_C(1)
#define PTE_USER    UINT64_C(4)
#define ENTRIES     512U

extern uint8_t kernel_page_root[];

static uint64_t *table_at(uint64_t entry)
{
    return (uint64_t *)(uintptr_t)(entry & UINT64_C(0x000ffffffffff000));
}

static void mark(uint64_t *table, uint32_t n, bool user)
{
    for (uint32_t i = 0; i < n; i++) {
        if (table[i] & PTE_PRESENT)
            table[i] = user ? table[i] | PTE_USER : table[i] & ~PTE_USER;
    }
}

/* The kernel's own page tables (kernel/paging.c) have large pages below 4 GiB. */
void user_mode_pages(bool user)
{
    unsigned long cr3 = read_cr3();
#ifdef __x86_64__
    uint64_t *top = table_at(cr3);
    uint64_t *pointers = table_at(top[0]);

    mark(top, 1, user);
    mark(pointers, 4, user);
#else
    uint64_t *pointers = (uint64_t *)(uintptr_t)(cr3 & ~31UL);
#endif

    for (uint32_t i = 0; i < 4; i++)
        mark(table_at(pointers[i]), ENTRIES, user);
    write_cr3(cr3);
}

#ifdef __x86_64__
__attribute__((noinline)) void user_mode_access(struct user_access *a)
{
    unsigned long rax = a->at, rdx = a->forged;
    uint64_t cs;

    __asm__ volatile("mov %%cs, %0" : "=r"(cs));
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
    wrmsr(MSR_STAR, cs << 32 | (cs + 0x20) << 48);
    __asm__ volatile("mov %%rax, %%rsi; mov %%rdx, %%rdi\n\t"
                     "lea 2f(%%rip), %%rax; mov %%rax, %%rdx; shr $32, %%rdx\n\t"
                     "mov %[lstar], %%ecx; wrmsr\n\t"
                     "mov %%ss, %%r8d; pushfq; pop %%r11; lea 1f(%%rip), %%rcx; sysretq\n"
                     "1: mov (%%rsi), %%eax; mov %%edi, 8(%%rsi); mov %%cs, %%edx; syscall\n"
                     "2: mov %%r8d, %%ss"
                     : "+a"(rax), "+d"(rdx)
                     : [lstar] "i"(MSR_LSTAR)
                     : "rcx", "rsi", "rdi", "r8", "r11", "memory", "cc");
    a->got = (uint32_t)rax;
    a->selector = (uint32_t)rdx;
}
#else
__attribute__((noinline)) void user_mode_access(struct user_access *a)
{
    unsigned long eax = a->at, edx = a->forged;
    uint32_t cs;

    __asm__ volatile("mov %%cs, %0" : "=r"(cs));
    wrmsr(MSR_SYSENTER_CS, cs);
    __asm__ volatile("mov %%eax, %%esi; mov %%edx, %%edi\n\t"
                     "mov %[to], %%ecx; mov $2f, %%eax; xor %%edx, %%edx; wrmsr\n\t"
                     "mov %[sp], %%ecx; mov %%esp, %%eax; wrmsr\n\t"
                     "mov %%ss, %%ebx; mov %%esp, %%ecx; mov $1f, %%edx; sysexit\n"
                     "1: mov (%%esi), %%eax; mov %%edi, 8(%%esi); mov %%cs, %%edx; sysenter\n"
                     "2: mov %%ebx, %%ss"
                     : "+a"(eax), "+d"(edx)
                     : [to] "i"(MSR_SYSENTER_EIP), [sp] "i"(MSR_SYSENTER_ESP)
                     : "ebx", "ecx", "esi", "edi", "memory", "cc");
    a->got = (uint32_t)eax;
    a->selector = (uint32_t)edx;
}
#endif

struct user_access user_mode_outside(uint32_t at, uint32_t forged)
{
    struct user_access a = {.at = at, .forged = forged};
    unsigned long flags = irq_save();

    user_mode_pages(true);
    user_mode_access(&a);
    user_mode_pages(false);
    irq_restore(flags);
    return a;
}

struct call {
    void (*function)(void *);
    void *arg;
};

static uint64_t SMM_CODE call_in_smm(struct smm_cpu *cpu, void *arg)
{
    const struct call *c = arg;
    unsigned long cr3 = read_cr3();

    (void)cpu;
    write_cr3((uintptr_t)kernel_page_root);
    c->function(c->arg);
    write_cr3(cr3);
    return 0;
}

void user_mode_call_in_smm(void (*access)(void *), void *arg)
{
    struct call c = {access, arg};

    user_mode_pages(true);
    smm_run(call_in_smm, &c);
    user_mode_pages(false);
}

TEST(attack, user_mode, "a program at privilege level 3 neither reads nor changes SMRAM",
     SPEC("QEMU bafc90bdc5: TSEG is hidden from CPUs outside SMM; Intel SDM vol. 2, SYSEXIT, "
          "SYSRET"),
     NEEDS("boot=own"))
{
    static volatile uint32_t ram[3] = {0x8bad1dea, 0, 0};
    static const uint32_t offsets[] = {0, 0x1ff4, 0x5004, TARGET_SIZE - 12};
    struct user_access a;

    target_prepare();
    a = user_mode_outside((uint32_t)(uintptr_t)ram, 0x5ad5ad5a);
    REQUIRE_EQ("level", a.selector & 3, 3, "the access is made at privilege level 3");
    REQUIRE_EQ("ram-read", a.got, ram[0], "which can read ordinary memory");
    REQUIRE_EQ("ram-written", ram[2], 0x5ad5ad5a, "and write it");
    for (uint32_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        uint32_t at = target_base() + offsets[i];

        CONTEXT("4 bytes at %#x, CPL 3 outside SMM", at);
        EXPECT_EQ("hidden", user_mode_outside(at, 0x5ad5ad5a).got, 0xffffffff,
                  "SMRAM reads as ones");
        EXPECT_TARGET_UNTOUCHED("untouched", "and is unchanged");
    }
    CONTEXT_CLEAR();
}
