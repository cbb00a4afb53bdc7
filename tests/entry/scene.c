/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/cpu.h"
#include "hw/pic.h"
#include "kernel/memory.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "tests/entry/scene_internal.h"

#define VECTOR_DB 1

#define KIND_LONG      0
#define KIND_PROTECTED 1
#define KIND_REAL      2

/* Lines of scene.asm. */
extern const uint8_t scene_blob[], scene_blob_end[];
extern const uint8_t scene_body16_smi[], scene_body16_rsm[], scene_body16_lock_rsm[];
extern const uint8_t scene_body32_smi[], scene_body32_rsm[], scene_body32_lock_rsm[];
#ifdef __x86_64__
extern const uint8_t scene_body64_smi[], scene_body64_rsm[], scene_body64_lock_rsm[];
#endif
extern uint32_t scene_kind, scene_has_efer;
extern uint64_t scene_cr0, scene_cr3, scene_cr4, scene_efer, scene_fs_base, scene_gs_base;
extern uint16_t scene_gdtr[], scene_idtr[], scene_ldtr, scene_tr;
extern uint16_t scene_ds, scene_es, scene_fs, scene_gs;
extern uint32_t scene_frame[2], scene_vector;
extern uint64_t scene_where;
extern uint64_t scene_high_regs[8];
void scene_enter(void);

static const struct mode modes[SCENE_MODES] = {
    [SCENE_REAL] = {"real mode", 16, 0, .real = true},
    [SCENE_V86] = {"virtual-8086 mode", 16, 3, .paging = true, .v86 = true},
    [SCENE_PROTECTED] = {"protected mode", 32, 0, .paging = false},
    [SCENE_PROTECTED_USER] = {"protected mode, CPL 3", 32, 3, .paging = false},
    [SCENE_PROTECTED_16] = {"16-bit protected mode", 16, 0, .paging = false},
    [SCENE_PAGED] = {"32-bit paging", 32, 0, .paging = true},
    [SCENE_PAGED_USER] = {"32-bit paging, CPL 3", 32, 3, .paging = true},
    [SCENE_PAE] = {"PAE paging", 32, 0, .paging = true, .pae = true},
    [SCENE_PAE_USER] = {"PAE paging, CPL 3", 32, 3, .paging = true, .pae = true},
    [SCENE_COMPAT] = {"compatibility mode", 32, 0, .paging = true, .pae = true, .long_mode = true},
    [SCENE_COMPAT_USER] = {"compatibility mode, CPL 3", 32, 3, .paging = true, .pae = true,
                           .long_mode = true},
    [SCENE_LONG] = {"64-bit mode", 64, 0, .paging = true, .pae = true, .long_mode = true},
    [SCENE_LONG_USER] = {"64-bit mode, CPL 3", 64, 3, .paging = true, .pae = true,
                         .long_mode = true},
};

static struct scene_tables *t;
static uint8_t *high_blob; /* a second copy above 1 MiB */

const char *scene_mode_name(enum scene_mode mode)
{
    return modes[mode].name;
}

bool scene_mode_exists(enum scene_mode mode)
{
#ifdef __x86_64__
    return mode < SCENE_MODES;
#else
    return mode < SCENE_COMPAT;
#endif
}

bool scene_mode_is_long(enum scene_mode mode)
{
    return modes[mode].long_mode;
}

unsigned int scene_mode_bits(enum scene_mode mode)
{
    return modes[mode].bits;
}

unsigned int scene_mode_cpl(enum scene_mode mode)
{
    return modes[mode].cpl;
}

static const uint8_t *body(const struct mode *m, enum scene_action action)
{
    const uint8_t *const bodies[][3] = {
        {scene_body16_smi, scene_body16_rsm, scene_body16_lock_rsm},
        {scene_body32_smi, scene_body32_rsm, scene_body32_lock_rsm},
#ifdef __x86_64__
        {scene_body64_smi, scene_body64_rsm, scene_body64_lock_rsm},
#endif
    };

    return bodies[m->bits / 32][action == SCENE_GUARDED_SMI ? SCENE_SMI : action];
}

/* IP of the action, in the copy of the blob that this mode uses. */
static uint64_t action_ip(const struct mode *m, enum scene_action action,
                          const struct scene_state *s)
{
    uint32_t offset = (uint32_t)(body(m, action) - scene_blob);

    if (m->bits == 16)
        return LOW_BLOB + offset - s->seg[SEG_CS].base;
    if (m->bits == 32)
        return low32(high_blob) + offset - s->seg[SEG_CS].base;
    return SCENE_HIGH + low32(high_blob) + offset;
}

/* What scene_enter() pops last, ending with IRET. */
static void set_frame(const struct mode *m, enum scene_action action, const struct scene_state *s)
{
    uint32_t words[32], n = 0;
    uint32_t *place = (uint32_t *)t->frame;

    if (m->long_mode) {
        static const uint8_t order[] = {15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 3, 2, 1, 0};

        for (; n < sizeof(order); n++)
            t->frame[n] = s->reg[order[n]];
        t->frame[n++] = action_ip(m, action, s);
        t->frame[n++] = s->seg[SEG_CS].selector;
        t->frame[n++] = s->flags;
        t->frame[n++] = s->reg[REG_SP];
        t->frame[n] = s->seg[SEG_SS].selector;
        scene_frame[0] = low32(t->frame);
        scene_frame[1] = 0;
        return;
    }
    words[n++] = m->v86 ? 0 : s->seg[SEG_GS].selector;
    words[n++] = m->v86 ? 0 : s->seg[SEG_FS].selector;
    words[n++] = m->v86 ? 0 : s->seg[SEG_ES].selector;
    words[n++] = m->v86 ? 0 : s->seg[SEG_DS].selector;
    for (int i = REG_DI; i >= REG_AX; i--)
        words[n++] = (uint32_t)s->reg[i];
    words[n++] = (uint32_t)action_ip(m, action, s);
    words[n++] = s->seg[SEG_CS].selector;
    words[n++] = (uint32_t)s->flags;
    scene_frame[0] = low32(place);
    scene_frame[1] = SEL_FLAT;
    if (m->cpl) {
        words[n++] = (uint32_t)s->reg[REG_SP];
        words[n++] = s->seg[SEG_SS].selector;
        words[n++] = s->seg[SEG_ES].selector;
        words[n++] = s->seg[SEG_DS].selector;
        words[n++] = s->seg[SEG_FS].selector;
        words[n++] = s->seg[SEG_GS].selector;
    } else {
        /* IRET does not change the stack: it lies on the scene's own. */
        place = (uint32_t *)(uintptr_t)(STACK_TOP - 4 * n);
        scene_frame[0] = (uint32_t)s->reg[REG_SP] - 4 * n;
        scene_frame[1] = s->seg[SEG_SS].selector;
    }
    memcpy(place, words, 4 * n);
}

static void load(const struct mode *m, const struct scene_state *s)
{
    uint64_t base;

    scene_kind = m->long_mode ? KIND_LONG : m->real ? KIND_REAL : KIND_PROTECTED;
    scene_has_efer = witness_cpu_has_efer();
    scene_cr0 = s->cr0;
    scene_cr3 = s->cr3;
    scene_cr4 = s->cr4;
    scene_efer = s->efer;
    base = s->gdtr_base;
    scene_gdtr[0] = s->gdtr_limit;
    memcpy(&scene_gdtr[1], &base, sizeof(base));
    base = s->idtr_base;
    scene_idtr[0] = s->idtr_limit;
    memcpy(&scene_idtr[1], &base, sizeof(base));
    scene_ldtr = s->ldtr.selector;
    scene_tr = s->tr.selector;
    scene_ds = s->seg[SEG_DS].selector;
    scene_es = s->seg[SEG_ES].selector;
    scene_fs = s->seg[SEG_FS].selector;
    scene_gs = s->seg[SEG_GS].selector;
    scene_fs_base = s->seg[SEG_FS].base;
    scene_gs_base = s->seg[SEG_GS].base;
    write_cr2((unsigned long)s->cr2);
    write_dr0((unsigned long)s->dr[0]);
    write_dr1((unsigned long)s->dr[1]);
    write_dr2((unsigned long)s->dr[2]);
    write_dr3((unsigned long)s->dr[3]);
    write_dr6((unsigned long)s->dr6);
    write_dr7((unsigned long)s->dr7);
}

static void move_from_dr7(void *arg)
{
    *(unsigned long *)arg = read_dr7();
}

/* The scene pushed all it saw downwards from STACK_TOP. */
static void collect(const struct mode *m, struct scene_result *r)
{
    unsigned long dr7;
    static const uint8_t segments[] = {SEG_DS, SEG_ES, SEG_FS, SEG_GS, SEG_SS, SEG_CS};
    const uint32_t *p32 = (const uint32_t *)STACK_TOP;
    const uint64_t *p64 = (const uint64_t *)STACK_TOP;

    if (m->bits == 64) {
        r->flags = *--p64;
        for (unsigned int i = 0; i < REG_COUNT; i++)
            r->reg[i] = *--p64;
        r->reg[REG_SP] += 5 * 8; /* it was the sixth push */
    } else {
        r->flags = *--p32;
        for (unsigned int i = REG_AX; i <= REG_DI; i++)
            r->reg[i] = *--p32;
        r->reg[REG_SP] += 4; /* before PUSHAD */
        memcpy(&r->reg[REG_R8], scene_high_regs, sizeof(scene_high_regs));
    }
    for (unsigned int i = 0; i < sizeof(segments); i++)
        r->selector[segments[i]] = (uint16_t)(m->bits == 64 ? *--p64 : *--p32);
    r->cr2 = read_cr2();
    /* The debug exception clears GD. */
    r->guarded = trap_catch(move_from_dr7, &dr7).caught;
    r->dr[0] = read_dr0();
    r->dr[1] = read_dr1();
    r->dr[2] = read_dr2();
    r->dr[3] = read_dr3();
    r->dr6 = read_dr6();
    r->dr7 = read_dr7();
    write_dr7(DR7_RESET);
    write_dr6(DR6_RESET);
    r->vector = scene_vector;
    r->where = scene_where;
}

static void prepare(void)
{
    uint32_t size = (uint32_t)(scene_blob_end - scene_blob);

    if (!t) {
        t = page_alloc(sizeof(*t));
        high_blob = page_alloc(PAGE_SIZE);
        pic_mask_all();
    }
    memcpy((void *)LOW_BLOB, scene_blob, size);
    memcpy(high_blob, scene_blob, size);
    memset((void *)LOW_STACK, 0xcc, PAGE_SIZE);
    memset(t, 0, sizeof(*t));
#ifdef __x86_64__
    t->gdt[SEL_NATIVE / 8] = descriptor(0, 0xffffffff, ATTR_CODE | ATTR_L | ATTR_G);
#else
    t->gdt[SEL_NATIVE / 8] = descriptor(0, 0xffffffff, ATTR_CODE | ATTR_D | ATTR_G);
#endif
    t->gdt[SEL_FLAT / 8] = descriptor(0, 0xffffffff, ATTR_DATA | ATTR_D | ATTR_G);
    t->gdt[SEL_CODE32 / 8] = descriptor(0, 0xffffffff, ATTR_CODE | ATTR_D | ATTR_G);
    t->gdt[SEL_CODE16 / 8] = descriptor(LOW_BLOB, 0xffff, ATTR_CODE);
    t->gdt[SEL_DATA16 / 8] = descriptor(0, 0xffff, ATTR_DATA);
}

void scene_play(enum scene_mode mode, enum scene_action action, unsigned int variant,
                enum witness_leave leave, const struct witness_edit *edits, struct scene_result *r)
{
    const struct mode *m = &modes[mode];
    struct scene_state *s = &r->loaded;
    struct witness_spoil spoil;
    unsigned long flags = irq_save();

    memset(r, 0, sizeof(*r));
    r->variant = variant;
    r->leave = leave;
    prepare();
    scene_gates(m, t);
    scene_compose(m, variant, low32(high_blob), t, s);
    if (action == SCENE_GUARDED_SMI)
        s->dr7 = DR7_RESET | DR7_GD;
    if (leave == WITNESS_GUARDED) /* which writes DR7, see struct witness_spoil */
        s->dr7 = DR7_RESET;
    r->action = action_ip(m, action, s);
    s->ip = r->action + 2; /* behind OUT imm8 */
    set_frame(m, action, s);
    spoil = scene_spoil(s);
    witness_begin(leave, &spoil, edits);
    witness_attend();
    load(m, s);
    scene_vector = UINT32_MAX;
    scene_where = 0;
    scene_enter();
    collect(m, r);
    witness_get(0, &r->smi[0]);
    witness_get(1, &r->smi[1]);
    /* A CPU that a stray #DB has brought here may be in SMM still: only a reset helps. */
    if (r->vector != VECTOR_DB && r->smi[1].count == 0)
        witness_dismiss();
    irq_restore(flags);
}
