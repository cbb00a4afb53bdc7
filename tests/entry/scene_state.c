/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that a scene loads. */
#include "hw/cpu.h"
#include "lib/string.h"
#include "tests/entry/scene_internal.h"

/* A value that no other (n, variant) shares; variant 1 is the complement of variant 0. */
static uint64_t pattern(unsigned int n, unsigned int variant)
{
    uint64_t value = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);

    value ^= value >> 29;
    return variant ? ~value : value;
}

static uint64_t *descriptor_of(struct scene_tables *t, uint16_t selector)
{
    return (selector & SEL_TI ? t->ldt : t->gdt) + selector / 8;
}

static void set_segment(struct scene_tables *t, struct scene_segment *s, uint16_t selector,
                        uint64_t base, uint32_t limit, uint16_t attributes)
{
    *s = (struct scene_segment){selector, attributes, limit, base};
    *descriptor_of(t, selector) = descriptor((uint32_t)base, limit, attributes);
}

/* LDTR and TR, whose descriptors have a second half in long mode. */
static void set_system_segments(const struct mode *m, unsigned int variant, struct scene_tables *t,
                                struct scene_state *s)
{
    uint64_t high = m->long_mode ? SCENE_HIGH : 0;

    set_segment(t, &s->ldtr, SEL_LDT, high | low32(t->ldt), LDT_SIZE * 8 - 1 - 8 * variant,
                ATTR_LDT);
    set_segment(t, &s->tr, SEL_TSS, high | low32(t->tss), TSS_LIMIT + variant, ATTR_TSS);
    t->gdt[SEL_LDT / 8 + 1] = t->gdt[SEL_TSS / 8 + 1] = high >> 32;
    s->gdtr_base = high | low32(t->gdt);
    s->gdtr_limit = (uint16_t)(SEL_DATA + 3 * 8 - 1 + 16 * variant);
    s->idtr_base = high | low32(t->idt);
    s->idtr_limit = (uint16_t)((SCENE_DONE + 1) * (m->long_mode ? 16 : 8) - 1 + 32 * (1 - variant));
    s->idtr_limit += 0xa000 * variant; /* no gate lies there, but the register has 16 bits */
    if (m->real) {
        s->idtr_base = LOW_IVT;
        s->idtr_limit = variant ? 0xffff : 0x3ff;
    }
}

/* Selectors of the four data segments: two in the GDT, two in the LDT, and the other way round. */
static void set_data(const struct mode *m, unsigned int variant, struct scene_tables *t,
                     struct scene_state *s)
{
    static const uint8_t order[] = {SEG_DS, SEG_FS, SEG_ES, SEG_GS};
    static const struct {
        uint32_t limit;
        uint16_t attributes;
    } kind[] = {
        {0x00012345, ATTR_DATA},
        {0xabcdefff, ATTR_DATA_RO | ATTR_G | ATTR_AVL},
        {0x00000fff, ATTR_DATA | ATTR_DOWN | ATTR_D},
        {0x000f1e2d, ATTR_CODE | ATTR_D | ATTR_AVL},
    };

    for (unsigned int i = 0; i < 4; i++) {
        unsigned int k = (i + 3 * variant) % 4;
        uint16_t selector = (uint16_t)((i < 2) == !variant ? SEL_DATA + 8 * (i % 2)
                                                           : (8 + 8 * (i % 2)) | SEL_TI);
        uint32_t base = (uint32_t)pattern(32 + i, variant);

        if (m->bits == 64 && (order[i] == SEG_DS || order[i] == SEG_ES))
            set_segment(t, &s->seg[order[i]], selector | m->cpl, 0, 0xffffffff,
                        (uint16_t)(ATTR_DATA | ATTR_D | ATTR_G | ATTR_DPL(m->cpl) |
                                   (variant ? ATTR_AVL : 0)));
        else
            set_segment(t, &s->seg[order[i]], selector | m->cpl, base, kind[k].limit,
                        (uint16_t)(kind[k].attributes | ATTR_DPL(m->cpl)));
    }
}

static void set_real_segments(const struct mode *m, unsigned int variant, struct scene_state *s)
{
    for (unsigned int i = 0; i < SEG_COUNT; i++) {
        uint16_t selector = (uint16_t)pattern(40 + i, variant);

        if (i == SEG_CS)
            selector = (uint16_t)((LOW_BLOB >> 4) - 0x1d - 0x81 * variant);
        if (i == SEG_SS)
            selector = (uint16_t)(LOW_STACK >> 4);
        s->seg[i] = (struct scene_segment){selector, ATTR_DATA | ATTR_DPL(m->cpl), 0xffff,
                                           (uint32_t)selector << 4};
    }
}

static void set_segments(const struct mode *m, unsigned int variant, uint32_t blob,
                         struct scene_tables *t, struct scene_state *s)
{
    uint16_t dpl = ATTR_DPL(m->cpl);

    if (m->real || m->v86) {
        set_real_segments(m, variant, s);
        return;
    }
    set_data(m, variant, t, s);
    if (m->bits == 64) {
        set_segment(t, &s->seg[SEG_CS], SEL_CS | m->cpl, 0, 0xffffffff,
                    ATTR_CODE | ATTR_L | ATTR_G | dpl);
        set_segment(t, &s->seg[SEG_SS], SEL_SS | m->cpl, 0, 0xffffffff,
                    ATTR_DATA | ATTR_D | ATTR_G | dpl);
        s->seg[SEG_FS].base = pattern(50, variant) & ~SCENE_HIGH;
        s->seg[SEG_GS].base = pattern(51, variant) | SCENE_HIGH;
    } else if (m->bits == 32) {
        set_segment(t, &s->seg[SEG_CS], SEL_CS | m->cpl, blob - 0x0fedcb - variant, 0x0fedcfff,
                    ATTR_CODE | ATTR_D | ATTR_G | dpl | (variant ? ATTR_AVL : 0));
        set_segment(t, &s->seg[SEG_SS], SEL_SS | m->cpl, variant ? 0x45678920 : 0x87654320,
                    variant ? 0xcba98fff : 0x9abcdfff, ATTR_DATA | ATTR_D | ATTR_G | dpl);
    } else {
        set_segment(t, &s->seg[SEG_CS], SEL_CS, LOW_BLOB - 0x0dcb - variant, 0xffff, ATTR_CODE);
        set_segment(t, &s->seg[SEG_SS], SEL_SS, LOW_STACK - 0x0dc0, 0xffff, ATTR_DATA | ATTR_AVL);
    }
}

#define CR0_SOME (CR0_MP | CR0_EM | CR0_TS | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD)
#define CR4_SOME \
    (CR4_TSD | CR4_DE | CR4_PSE | CR4_MCE | CR4_PGE | CR4_PCE | CR4_OSFXSR | CR4_OSXMMEXCPT)

uint32_t scene_more_cr4;

static void set_control(const struct mode *m, unsigned int variant, struct scene_state *s)
{
    s->cr0 = CR0_ET | (variant ? 0 : CR0_SOME) | (m->real ? 0 : CR0_PE) | (m->paging ? CR0_PG : 0);
    s->cr4 = (variant ? 0 : CR4_SOME) | (m->pae ? CR4_PAE : 0);
    if (!m->paging)
        s->cr4 |= scene_more_cr4;
    if (m->paging && !m->pae)
        s->cr4 |= CR4_PSE;
    else if (m->paging && !variant)
        s->cr4 &= ~(uint64_t)CR4_PSE; /* which CR4_PAE overrides */
    s->cr2 = m->bits == 64 ? pattern(60, variant) : (uint32_t)pattern(60, variant);
    if (!m->paging)
        s->cr3 = (uint32_t)pattern(61, variant) & ~0xfe7U;
    else if (m->long_mode)
        s->cr3 = scene_root_long() | (variant ? 0x10 : 0x08);
    else
        s->cr3 = (m->pae ? scene_root_pae() : scene_root_32()) | (variant ? 0x10 : 0x08);
    if (witness_cpu_has_efer()) {
        s->efer = rdmsr(MSR_EFER);
#ifdef __x86_64__
        s->efer = variant ? 0 : EFER_SCE | EFER_NXE;
        if (m->long_mode)
            s->efer |= EFER_LME | EFER_LMA;
        else if (!m->paging && !variant)
            s->efer |= EFER_LME; /* enabled, not active */
#endif
    }
    s->flags = EFLAGS_ONE | (m->cpl || m->v86 ? EFLAGS_IOPL : 0);
    s->flags |= variant ? EFLAGS_CF | EFLAGS_AF | EFLAGS_SF | EFLAGS_OF | EFLAGS_ID
                        : EFLAGS_PF | EFLAGS_ZF | EFLAGS_IF | EFLAGS_DF | EFLAGS_NT | EFLAGS_AC |
                              EFLAGS_IOPL;
    if (m->v86)
        s->flags |= EFLAGS_VM;
}

static void set_debug(unsigned int variant, struct scene_state *s)
{
    for (unsigned int i = 0; i < 4; i++)
        s->dr[i] = (variant ? 0x0ff00000 : 0x0fe00000) + 0x1230 * (i + 1);
    s->dr6 = variant ? 0xffff4ffa : 0xffffaff5;
    /* Data breakpoints of all lengths and both kinds, where nobody comes. */
    s->dr7 = variant ? 0x577d0655 : 0xd7f506aa;
}

static void set_registers(const struct mode *m, unsigned int variant, struct scene_state *s)
{
    for (unsigned int i = 0; i < REG_COUNT; i++) {
        s->reg[i] = pattern(i, variant);
        if (m->bits != 64 && i < REG_R8)
            s->reg[i] = (uint32_t)s->reg[i];
    }
    /* It is written to APM_CNT, where 2, 3 and 4 mean something. */
    s->reg[REG_AX] = (s->reg[REG_AX] & ~UINT64_C(0xff)) | (variant ? 0xa5 : 0x5a);
    if (m->bits == 64)
        s->reg[REG_SP] = SCENE_HIGH + STACK_TOP;
    else
        s->reg[REG_SP] = (uint32_t)(STACK_TOP - s->seg[SEG_SS].base);
    if (m->bits == 16)
        s->reg[REG_SP] |= variant ? 0xedcb0000 : 0x12340000;
}

void scene_compose(const struct mode *m, unsigned int variant, uint32_t blob,
                   struct scene_tables *t, struct scene_state *s)
{
    set_system_segments(m, variant, t, s);
    set_segments(m, variant, blob, t, s);
    set_control(m, variant, s);
    set_debug(variant, s);
    set_registers(m, variant, s);
}

struct witness_spoil scene_spoil(const struct scene_state *s)
{
    return (struct witness_spoil){
        .cr0 = (~(uint32_t)s->cr0 & (CR0_SOME & ~CR0_NW)) | CR0_ET,
        .cr3 = 0x5a5a5000,
        .cr4 = (~(uint32_t)s->cr4 & CR4_SOME) | (~(uint32_t)s->cr4 & CR4_PAE),
        .efer = ~(uint32_t)s->efer & (EFER_SCE | EFER_NXE),
        .dr6 = DR6_RESET | (~(uint32_t)s->dr6 & 0xe00f),
        .flags = (~(uint32_t)s->flags &
                  (EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_DF |
                   EFLAGS_OF | EFLAGS_IOPL | EFLAGS_NT | EFLAGS_AC | EFLAGS_ID)) |
                 EFLAGS_ONE,
    };
}
