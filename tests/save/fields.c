/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/save/fields.h"

#include "lib/string.h"
#include "tests/entry/scene_tables.h"

#define SIZE(type, field) sizeof(((struct type *)0)->field)
#define FIELD(name, map, field, state, promise)                                                   \
    {                                                                                             \
        name, offsetof(struct map, field), SIZE(map, field), offsetof(struct scene_state, state), \
            SIZE(scene_state, state), promise                                                     \
    }
#define IN64(name, field, state, promise) FIELD(name, smm_save64, field, state, promise)
#define IN32(name, field, state, promise) FIELD(name, smm_save32, field, state, promise)

/* NOLINTBEGIN(bugprone-macro-parentheses): names of members cannot have any. */

/* AMD APM vol. 2, Table 10-1: everything is laid out. */
#define SEGMENT64(name, field, state, attributes_)                    \
    IN64(name ".selector", field.selector, state.selector, SAVE_ALL), \
        IN64(name ".base", field.base, state.base, SAVE_ALL),         \
        IN64(name ".limit", field.limit, state.limit, SAVE_ALL),      \
        IN64(name ".attributes", field.attributes, state.attributes, attributes_)

static const struct save_field fields64[] = {
    IN64("rax", rax, reg[REG_AX], SAVE_GENERAL),
    IN64("rcx", rcx, reg[REG_CX], SAVE_GENERAL),
    IN64("rdx", rdx, reg[REG_DX], SAVE_GENERAL),
    IN64("rbx", rbx, reg[REG_BX], SAVE_GENERAL),
    IN64("rsp", rsp, reg[REG_SP], SAVE_GENERAL),
    IN64("rbp", rbp, reg[REG_BP], SAVE_GENERAL),
    IN64("rsi", rsi, reg[REG_SI], SAVE_GENERAL),
    IN64("rdi", rdi, reg[REG_DI], SAVE_GENERAL),
    IN64("r8", r8, reg[8], SAVE_HIGH_REG),
    IN64("r9", r9, reg[9], SAVE_HIGH_REG),
    IN64("r10", r10, reg[10], SAVE_HIGH_REG),
    IN64("r11", r11, reg[11], SAVE_HIGH_REG),
    IN64("r12", r12, reg[12], SAVE_HIGH_REG),
    IN64("r13", r13, reg[13], SAVE_HIGH_REG),
    IN64("r14", r14, reg[14], SAVE_HIGH_REG),
    IN64("r15", r15, reg[15], SAVE_HIGH_REG),
    IN64("rflags", rflags, flags, SAVE_LOW_32),
    IN64("cr0", cr0, cr0, SAVE_LOW_32),
    IN64("cr3", cr3, cr3, SAVE_ALL),
    IN64("cr4", cr4, cr4, SAVE_LOW_32),
    IN64("efer", efer, efer, SAVE_ALL),
    IN64("dr6", dr6, dr6, SAVE_LOW_32),
    IN64("dr7", dr7, dr7, SAVE_LOW_32),
    SEGMENT64("es", es, seg[SEG_ES], SAVE_ATTRIBUTE),
    SEGMENT64("cs", cs, seg[SEG_CS], SAVE_ATTRIBUTE),
    SEGMENT64("ss", ss, seg[SEG_SS], SAVE_ATTRIBUTE),
    SEGMENT64("ds", ds, seg[SEG_DS], SAVE_ATTRIBUTE),
    SEGMENT64("fs", fs, seg[SEG_FS], SAVE_ATTRIBUTE),
    SEGMENT64("gs", gs, seg[SEG_GS], SAVE_ATTRIBUTE),
    SEGMENT64("ldtr", ldtr, ldtr, SAVE_ALL),
    SEGMENT64("tr", tr, tr, SAVE_TR),
    IN64("gdtr.base", gdtr_base, gdtr_base, SAVE_ALL),
    IN64("gdtr.limit", gdtr_limit, gdtr_limit, SAVE_ALL),
    IN64("idtr.base", idtr_base, idtr_base, SAVE_ALL),
    IN64("idtr.limit", idtr_limit, idtr_limit, SAVE_ALL),
    {.id = NULL},
};

/*
 * Intel SDM vol. 3, Table 34-1. CR4 and the hidden parts are saved, but not laid out;
 * the LDTR selector's place is reserved in one manual, something else in the other.
 */
#define HIDDEN32(name, field, state)                                 \
    IN32(name ".base", field.base, state.base, SAVE_NOTHING),        \
        IN32(name ".limit", field.limit, state.limit, SAVE_NOTHING), \
        IN32(name ".attributes", field.attributes, state.attributes, SAVE_NOTHING)

/* NOLINTEND(bugprone-macro-parentheses) */

static const struct save_field fields32[] = {
    IN32("eax", eax, reg[REG_AX], SAVE_ALL),
    IN32("ecx", ecx, reg[REG_CX], SAVE_ALL),
    IN32("edx", edx, reg[REG_DX], SAVE_ALL),
    IN32("ebx", ebx, reg[REG_BX], SAVE_ALL),
    IN32("esp", esp, reg[REG_SP], SAVE_ALL),
    IN32("ebp", ebp, reg[REG_BP], SAVE_ALL),
    IN32("esi", esi, reg[REG_SI], SAVE_ALL),
    IN32("edi", edi, reg[REG_DI], SAVE_ALL),
    IN32("eflags", eflags, flags, SAVE_ALL),
    IN32("cr0", cr0, cr0, SAVE_ALL),
    IN32("cr3", cr3, cr3, SAVE_ALL),
    IN32("cr4", cr4, cr4, SAVE_NOTHING),
    IN32("dr6", dr6, dr6, SAVE_ALL),
    IN32("dr7", dr7, dr7, SAVE_ALL),
    IN32("es.selector", es, seg[SEG_ES].selector, SAVE_SELECTOR),
    IN32("cs.selector", cs, seg[SEG_CS].selector, SAVE_SELECTOR),
    IN32("ss.selector", ss, seg[SEG_SS].selector, SAVE_SELECTOR),
    IN32("ds.selector", ds, seg[SEG_DS].selector, SAVE_SELECTOR),
    IN32("fs.selector", fs, seg[SEG_FS].selector, SAVE_SELECTOR),
    IN32("gs.selector", gs, seg[SEG_GS].selector, SAVE_SELECTOR),
    IN32("tr.selector", tr, tr.selector, SAVE_SELECTOR),
    IN32("ldtr.selector", ldtr, ldtr.selector, SAVE_NOTHING),
    HIDDEN32("es", es_hidden, seg[SEG_ES]),
    HIDDEN32("cs", cs_hidden, seg[SEG_CS]),
    HIDDEN32("ss", ss_hidden, seg[SEG_SS]),
    HIDDEN32("ds", ds_hidden, seg[SEG_DS]),
    HIDDEN32("fs", fs_hidden, seg[SEG_FS]),
    HIDDEN32("gs", gs_hidden, seg[SEG_GS]),
    HIDDEN32("ldtr", ldtr_hidden, ldtr),
    HIDDEN32("tr", tr_hidden, tr),
    IN32("gdtr.base", gdtr_base, gdtr_base, SAVE_NOTHING),
    IN32("gdtr.limit", gdtr_limit, gdtr_limit, SAVE_NOTHING),
    IN32("idtr.base", idtr_base, idtr_base, SAVE_NOTHING),
    IN32("idtr.limit", idtr_limit, idtr_limit, SAVE_NOTHING),
    {.id = NULL},
};

const struct save_field *save_fields(void)
{
    return witness_map_is_amd64() ? fields64 : fields32;
}

uint64_t save_value(const union smm_save *save, const struct save_field *f)
{
    uint64_t value = 0;

    memcpy(&value, save->bytes + f->offset, f->length);
    return value;
}

static uint64_t promised(enum save_promise promise, enum scene_mode mode)
{
    switch (promise) {
    case SAVE_ALL:
        return UINT64_MAX;
    case SAVE_LOW_32:
        return UINT32_MAX;
    case SAVE_SELECTOR:
        return UINT16_MAX;
    case SAVE_GENERAL:
        return scene_mode_bits(mode) == 64 ? UINT64_MAX : UINT32_MAX;
    case SAVE_HIGH_REG:
        return scene_mode_is_long(mode) ? UINT64_MAX : 0;
    case SAVE_ATTRIBUTE:
        /* Outside of protected mode no manual says which; in VM86 the privilege is 3. */
        if (mode == SCENE_REAL)
            return 0;
        return mode == SCENE_V86 ? ATTR_DPL(3) : UINT64_MAX;
    case SAVE_TR:
        /* LTR marks the descriptor busy; that the hidden part shows it is not stated. */
        return ~(uint64_t)ATTR_TSS_BUSY;
    case SAVE_NOTHING:
        break;
    }
    return 0;
}

static uint64_t all_of(const struct save_field *f)
{
    return UINT64_MAX >> (64 - 8 * f->length);
}

uint64_t save_lasting(const struct save_field *f, enum scene_mode mode)
{
    switch (f->promise) {
    case SAVE_ATTRIBUTE:
    case SAVE_TR:
    case SAVE_NOTHING:
        return all_of(f);
    default:
        return promised(f->promise, mode) & all_of(f);
    }
}

uint64_t save_expected(const struct save_field *f, enum scene_mode mode,
                       const struct scene_state *s, uint64_t *mask)
{
    uint64_t value = 0;

    memcpy(&value, (const uint8_t *)s + f->source, f->source_length);
    *mask = promised(f->promise, mode) & all_of(f);
    return value & *mask;
}
