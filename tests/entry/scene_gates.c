/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways out of a scene: interrupt tables and TSS. */
#include "lib/string.h"
#include "tests/entry/scene_internal.h"

#define STUBS (32 + 1) /* exceptions, and the end of the scene */

extern const uint8_t scene_blob[], scene_stubs16[], scene_stubs32[];
#ifdef __x86_64__
extern const uint8_t scene_stubs64[];
#endif

static void set_gate(struct scene_tables *t, unsigned int vector, unsigned int stub, bool long_mode)
{
    uint32_t entry = low32(scene_stubs32) + stub * 7;
    uint64_t gate = (uint64_t)SEL_CODE32 << 16;

#ifdef __x86_64__
    if (long_mode) {
        entry = low32(scene_stubs64) + stub * 7;
        gate = (uint64_t)SEL_NATIVE << 16 | UINT64_C(1) << 32; /* on IST 1 */
        t->idt[2 * vector + 1] = 0;
    }
#endif
    /* 32-bit (or 64-bit) interrupt gate, DPL 3 */
    gate |= (entry & 0xffff) | (uint64_t)(entry & 0xffff0000) << 32 | UINT64_C(0xee00) << 32;
    t->idt[long_mode ? 2 * vector : vector] = gate;
}

/* The interrupt tables of all modes lead to the same place. */
static void set_idt(const struct mode *m, struct scene_tables *t)
{
    uint16_t *ivt = (uint16_t *)LOW_IVT;

    for (unsigned int i = 0; i < STUBS; i++) {
        unsigned int vector = i < STUBS - 1 ? i : SCENE_DONE;

        set_gate(t, vector, i, m->long_mode);
        ivt[2 * vector] = (uint16_t)(scene_stubs16 - scene_blob + i * 5);
        ivt[2 * vector + 1] = LOW_BLOB >> 4;
    }
}

static void set_tss(const struct mode *m, struct scene_tables *t)
{
    uint32_t stack = low32(t->stack + sizeof(t->stack));

    memset(t->tss, 0, sizeof(t->tss));
    t->tss[TSS_SP0] = stack;
    if (m->long_mode)
        t->tss[TSS_IST1] = stack;
    else
        t->tss[TSS_SS0] = SEL_FLAT;
    t->tss[TSS_IOMAP] = TSS_BITMAP << 16;
    t->tss[TSS_LIMIT / 4] = 0xff;
}

void scene_gates(const struct mode *m, struct scene_tables *t)
{
    set_idt(m, t);
    set_tss(m, t);
}
