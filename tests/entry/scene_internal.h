/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared between the scene's files only. */
#ifndef TESTS_ENTRY_SCENE_INTERNAL_H
#define TESTS_ENTRY_SCENE_INTERNAL_H

#include "tests/entry/scene.h"
#include "tests/entry/scene_tables.h"

/* Below 1 MiB: real mode and VM86 need it. The blob, its stack, real mode's vectors. */
#define LOW_BLOB  0x50000U /* scene.asm knows it as SCENE_LOW */
#define LOW_STACK 0x51000U
#define LOW_IVT   0x53000U
#define STACK_TOP (LOW_STACK + 0xff0U)

/* The scene's GDT. */
#define SEL_NATIVE 0x08 /* as in the kernel's: boot/modes.inc */
#define SEL_FLAT   0x10
#define SEL_CODE32 0x18
#define SEL_CODE16 0x20
#define SEL_DATA16 0x28
#define SEL_TSS    0x30 /* two entries in long mode */
#define SEL_LDT    0x40 /* two entries in long mode */
#define SEL_CS     0x50
#define SEL_SS     0x58
#define SEL_DATA   0x60 /* two data segments; two more in the LDT */
#define GDT_SIZE   32
#define LDT_SIZE   8
#define SEL_TI     4 /* in the LDT */

#define TSS_SP0    1  /* 32-bit words */
#define TSS_SS0    2  /* legacy */
#define TSS_IST1   9  /* long */
#define TSS_IOMAP  25 /* upper half: offset of the I/O map */
#define TSS_BITMAP 104
#define TSS_LIMIT  (TSS_BITMAP + 32)

struct mode {
    const char *name;
    uint8_t bits, cpl;
    bool paging, pae, v86, real, long_mode;
};

/* Below 4 GiB, and once more from SCENE_HIGH on in long mode. */
struct scene_tables {
    uint64_t gdt[GDT_SIZE], ldt[LDT_SIZE], idt[2 * (SCENE_DONE + 1)];
    uint32_t tss[(TSS_LIMIT + 4) / 4];
    uint64_t frame[32];
    uint8_t stack[512] __attribute__((aligned(16)));
};

static inline uint32_t low32(const void *p)
{
    return (uint32_t)(uintptr_t)p;
}

/* Fills *s with the values of a variant, and the tables with what goes with them. */
void scene_compose(const struct mode *m, unsigned int variant, uint32_t blob,
                   struct scene_tables *t, struct scene_state *s);

/* Everything else than the state holds, as far as RSM has to bring it back. */
struct witness_spoil scene_spoil(const struct scene_state *s);

/* IDT or real mode's vectors, and the TSS: the ways back to the kernel. */
void scene_gates(const struct mode *m, struct scene_tables *t);

#endif
