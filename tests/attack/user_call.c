/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions at privilege level 3: there by SYSRET, back by SYSCALL, or by the exception, for which
 * there has to be a TSS.
 */
#include "tests/attack/user_call.h"

#include "hw/cpu.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/attack/user.h"

#ifdef __x86_64__

#define USER_DATA UINT64_C(0x00cff3000000ffff) /* present, level 3, writable */
#define USER_CODE UINT64_C(0x00affb000000ffff) /* the same, executable, 64-bit */

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

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

/*
 * Our GDT with three descriptors behind it: a TSS, whose stack is for what interrupts level 3, and
 * data and code of that level, to which IRET returns. Result: the selector in front of these two,
 * as SYSRET has it (Intel SDM vol. 2, "SYSRET").
 */
static uint16_t load_gdt(void)
{
    static uint8_t stack[4096] __attribute__((aligned(16)));
    static uint32_t tss[26];
    static uint64_t gdt[32];
    struct table_pointer p;
    uint64_t base = (uintptr_t)tss, top = (uintptr_t)(stack + sizeof(stack));
    unsigned int n;

    __asm__ volatile("sgdt %0" : "=m"(p));
    n = (p.limit + 1U) / 8;
    if (n + 4 > sizeof(gdt) / sizeof(gdt[0]))
        ERROR("a GDT of %u entries", n);
    memcpy(gdt, (void *)(uintptr_t)p.base, p.limit + 1U);
    tss[1] = (uint32_t)top; /* RSP0 */
    tss[2] = (uint32_t)(top >> 32);
    gdt[n] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 | UINT64_C(0x89) << 40 |
             (base >> 24 & 0xff) << 56;
    gdt[n + 1] = base >> 32;
    gdt[n + 2] = USER_DATA;
    gdt[n + 3] = USER_CODE;
    p.base = (uintptr_t)gdt;
    p.limit = (uint16_t)((n + 4) * 8 - 1);
    __asm__ volatile("lgdt %0; ltr %1" : : "m"(p), "r"((uint16_t)(n * 8)) : "memory");
    return (uint16_t)((n + 1) * 8);
}

void user_call_prepare(void)
{
    uint16_t cs, user = load_gdt();

    __asm__ volatile("mov %%cs, %0" : "=r"(cs));
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
    wrmsr(MSR_STAR, (uint64_t)cs << 32 | (uint64_t)user << 48);
}

struct trap_caught user_call(void (*code)(void))
{
    struct trap_caught t;
    uint16_t ss;

    __asm__ volatile("mov %%ss, %0" : "=r"(ss));
    user_mode_pages(true);
    t = trap_catch(in_user_mode, (void *)(uintptr_t)code);
    user_mode_pages(false);
    __asm__ volatile("mov %0, %%ss" : : "r"(ss));
    return t;
}

#endif
