/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/smram/fetches.h"

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "smm/descriptors.h"

#define VECTOR_DB 1
#define VECTOR_UD 6
#define COOKIE    0x5eed1234U
#define BEFORE    0x11U /* in the cell; neither cookie, nor by adding AL or 1 */

extern uint8_t kernel_page_root[];

/* The cell is in the middle; AL is the low byte of its address. */
#define CELL 0x5cU
static uint8_t memory[256] __attribute__((aligned(256)));

/* The same in 32-bit and 64-bit code. */
void fetch_code(uint32_t width, uint8_t *code)
{
    static const uint8_t codes[4][8] = {
        {0xaa},                                           /* stosb */
        {0x88, 0x07},                                     /* mov [edi], al */
        {0xc6, 0x47, 0x00, 0xa7},                         /* mov byte [edi], a7h */
        {0x3e, 0xc7, 0x47, 0x00, 0x34, 0x12, 0xed, 0x5e}, /* mov dword [ds:edi], COOKIE */
    };

    memcpy(code, codes[width == 8 ? 3 : width / 2], width);
}

/* What the instruction leaves in the cell. */
static uint32_t cookie(uint32_t width)
{
    if (width == 8)
        return COOKIE;
    return (BEFORE & ~0xffU) | (width == 4 ? 0xa7 : CELL);
}

struct fetch {
    unsigned long address, cell, cs;
};

/*
 * IRET with TF set: #DB comes behind the instruction that it leads to (SDM vol. 3, 17.3.1.4). Never
 * returns; runs on both sides.
 */
static void SMM_CODE single_step(void *arg)
{
    const struct fetch *f = arg;

#ifdef __x86_64__
    __asm__ volatile(
        "mov %%rsp, %%rax; mov %%ss, %%ecx\n\t"
        "push %%rcx; push %%rax; pushfq; andq $~0x200, (%%rsp); orq $0x100, (%%rsp)\n\t"
        "push %%rdx; push %%rsi\n\t"
        "mov %%rdi, %%rax; mov %%rdi, %%rbx; mov %%rdi, %%rcx; mov %%rdi, %%rdx\n\t"
        "mov %%rdi, %%rsi; mov %%rdi, %%rbp; mov %%rdi, %%r8; mov %%rdi, %%r9\n\t"
        "mov %%rdi, %%r10; mov %%rdi, %%r11; mov %%rdi, %%r12; mov %%rdi, %%r13\n\t"
        "mov %%rdi, %%r14; mov %%rdi, %%r15; iretq"
        :
        : "S"(f->address), "D"(f->cell), "d"(f->cs)
        : "memory");
#else
    __asm__ volatile("pushfl; andl $~0x200, (%%esp); orl $0x100, (%%esp)\n\t"
                     "push %%edx; push %%esi\n\t"
                     "mov %%edi, %%eax; mov %%edi, %%ebx; mov %%edi, %%ecx; mov %%edi, %%edx\n\t"
                     "mov %%edi, %%esi; mov %%edi, %%ebp; iretl"
                     :
                     : "S"(f->address), "D"(f->cell), "d"(f->cs)
                     : "memory");
#endif
    __builtin_unreachable();
}

/* With the kernel's page tables, as SMM's own let nothing run but the SMM image. */
static uint64_t SMM_CODE inside(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    write_cr3((uintptr_t)kernel_page_root);
    single_step(arg);
    return 0;
}

static unsigned long code_selector(enum view view)
{
    unsigned long cs;

    __asm__ volatile("mov %%cs, %0" : "=r"(cs));
#ifndef __x86_64__
    /* SMM_CS ends with the SMM image, and IRET looks. */
    if (view == VIEW_SMM)
        return SMM_CS_LEAVE;
#endif
    (void)view;
    return cs;
}

enum fetched fetch_run(enum view view, uint32_t address, uint32_t width)
{
    uint32_t *cell = (uint32_t *)&memory[CELL];
    struct fetch f = {address, (uintptr_t)cell, code_selector(view)};
    bool caught;
    uint32_t vector, got;
    unsigned long ip;

    *cell = BEFORE;
    if (view == VIEW_SMM) {
        struct smm_run_result r = smm_run_on(smp_self(), inside, &f, true);

        caught = r.done && r.caught;
        vector = r.vector;
        ip = r.ip;
    } else {
        struct trap_caught t = trap_catch(single_step, &f);

        caught = t.caught;
        vector = t.vector;
        ip = t.ip;
    }
    got = *(volatile uint32_t *)cell;
    if (caught && vector == VECTOR_DB && ip == address + width && got == cookie(width))
        return FETCH_RAN;
    return caught && vector == VECTOR_UD && ip == address && got == BEFORE ? FETCH_ONES
                                                                           : FETCH_OTHER;
}

const char *fetched_name(enum fetched f)
{
    static const char names[][24] = {"it ran", "#UD there", "something else ran"};

    return names[f];
}
