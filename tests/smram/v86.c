/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/smram/v86.h"

#ifndef __x86_64__
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "lib/string.h"
#include "lib/trap.h"
#include "tests/attack/user.h"
#include "tests/entry/scene_tables.h"

#define CODE_BASE    0x70000U /* where v86.asm has its segment; one page */
#define SEGMENT_CODE 0x08
#define SEGMENT_DATA 0x10
#define VECTOR_DONE  0x80
#define GATE_DPL3    (3U << 5)
#define TSS_BYTES    104U
#define FLAT         0xfffffU

/* Known to v86.asm, which also reads esp0 at offset 4 of the TSS. */
struct v86_access {
    uint32_t segment, offset, forged;
    uint32_t got, done; /* answers */
};

void v86_access(struct v86_access *a);
extern const uint8_t v86_done[], v86_failed[], v86_code[], v86_code_end[];

static uint64_t gdt[4];
static struct idt_gate idt[IDT_VECTORS];
uint32_t v86_tss[TSS_BYTES / 4];
struct descriptor_pointer v86_gdtr, v86_idtr;

/* The CPU marks the TSS as busy, so that it must be made anew every time. */
static void prepare(struct v86_access *a, uint32_t at, uint32_t forged)
{
    uintptr_t entries[IDT_VECTORS];

    gdt[SEGMENT_CODE / 8] = descriptor(0, FLAT, ATTR_CODE | ATTR_D | ATTR_G);
    gdt[SEGMENT_DATA / 8] = descriptor(0, FLAT, ATTR_DATA | ATTR_D | ATTR_G);
    gdt[3] = descriptor((uint32_t)(uintptr_t)v86_tss, TSS_BYTES - 1, ATTR_TSS);
    for (uint32_t i = 0; i < IDT_VECTORS; i++)
        entries[i] = (uintptr_t)(i == VECTOR_DONE ? v86_done : v86_failed);
    idt_fill(idt, entries, SEGMENT_CODE);
    idt[VECTOR_DONE].type |= GATE_DPL3;
    v86_gdtr = (struct descriptor_pointer){sizeof(gdt) - 1, (uintptr_t)gdt};
    v86_idtr = (struct descriptor_pointer){sizeof(idt) - 1, (uintptr_t)idt};
    v86_tss[2] = SEGMENT_DATA; /* SS0 */
    memcpy((void *)(uintptr_t)CODE_BASE, v86_code, (size_t)(v86_code_end - v86_code));
    *a = (struct v86_access){.segment = at >> 4, .forged = forged};
}

bool v86_outside(uint32_t at, uint32_t forged, uint32_t *got)
{
    struct v86_access a;
    unsigned long flags = irq_save();

    prepare(&a, at, forged);
    user_mode_pages(true);
    v86_access(&a);
    user_mode_pages(false);
    irq_restore(flags);
    *got = a.got;
    return a.done;
}

static void access(void *arg)
{
    v86_access(arg);
}

bool v86_inside(uint32_t at, uint32_t forged, uint32_t *got)
{
    struct v86_access a;

    prepare(&a, at, forged);
    user_mode_call_in_smm(access, &a);
    *got = a.got;
    return a.done;
}
#endif
