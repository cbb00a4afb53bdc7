/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the handler writes into a writable field is in force after RSM, and nothing else changes. */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/entry/scene.h"
#include "tests/entry/scene_tables.h"
#include "tests/save/fields.h"

#define SPEC_WRITABLE                                                                    \
    SPEC("Intel SDM vol. 3, 34.4.1 (Table 34-1) and AMD APM vol. 2, Table 10-1: fields " \
         "marked writable")

/* SP moves by this much, within the scene's stack. */
#define SP_SHIFT 0x40

static struct scene_result plain; /* the same scene without an edit */

static struct witness_edit edit_of(const struct save_field *f, uint64_t value)
{
    struct witness_edit e = {.offset = f->offset, .length = f->length};

    memcpy(e.value, &value, f->length);
    return e;
}

/* Plays the scene with one field changed, and looks at all fields afterwards. */
static void change(enum scene_mode mode, const struct save_field *f, uint64_t value)
{
    struct witness_edit edits[2] = {edit_of(f, value)};
    struct scene_result r;

    scene_play(mode, SCENE_SMI, 0, WITNESS_REAL, edits, &r);
    CONTEXT("%s, %s changed", scene_mode_name(mode), f->id);
    REQUIRE_EQ("taken", r.smi[0].count + r.smi[1].count, 2, "both SMIs are taken");
    for (const struct save_field *g = save_fields(); g->id; g++) {
        uint64_t mask = save_lasting(g, mode);
        uint64_t want = g == f ? value : save_value(&plain.smi[1].save, g);

        if (!mask)
            continue;
        if (g == f)
            EXPECT_BITS(g->id, save_value(&r.smi[1].save, g), mask, want & mask,
                        "what is written into the field is in force after RSM");
        else
            EXPECT_BITS("others", save_value(&r.smi[1].save, g), mask, want & mask,
                        "all other registers are as without the change");
    }
    EXPECT_EQ("clean", r.smi[1].flags, EFLAGS_ONE, "the second SMI is entered with EFLAGS = 2");
    EXPECT_EQ("goes_on", r.vector, SCENE_DONE, "the interrupted code goes on");
}

static uint64_t changed(const struct save_field *f, enum scene_mode mode,
                        const struct scene_state *s)
{
    uint64_t mask;
    uint64_t value = save_expected(f, mode, s, &mask);

    if (f->source == offsetof(struct scene_state, reg[REG_SP]))
        return value - SP_SHIFT;
    if (f->source == offsetof(struct scene_state, reg[REG_AX]))
        return ~value & ~UINT64_C(0xff); /* AL goes to APM_CNT once more: 0 means nothing there */
    if (f->source == offsetof(struct scene_state, flags))
        return value ^
               (EFLAGS_CF | EFLAGS_PF | EFLAGS_AF | EFLAGS_ZF | EFLAGS_SF | EFLAGS_DF | EFLAGS_OF |
                EFLAGS_NT | EFLAGS_AC | EFLAGS_ID | EFLAGS_IF | EFLAGS_VIF | EFLAGS_VIP);
    return ~value;
}

static bool writable(const struct save_field *f)
{
    return f->source < offsetof(struct scene_state, reg) + sizeof(((struct scene_state *)0)->reg) ||
           f->source == offsetof(struct scene_state, flags);
}

/* The scene's second OUT and its jump are left out; in 64-bit mode the upper half changes, too. */
#define TO_THE_END 8

static void change_ip(enum scene_mode mode)
{
    bool amd64 = witness_map_is_amd64();
    struct witness_edit edits[2] = {
        {.offset = amd64 ? offsetof(struct smm_save64, rip) : offsetof(struct smm_save32, eip),
         .length = amd64 ? 8 : 4}};
    uint64_t moved = scene_mode_bits(mode) == 64 ? SCENE_HIGH : 0;
    uint64_t ip = plain.action + TO_THE_END - moved;
    struct scene_result r;

    memcpy(edits[0].value, &ip, edits[0].length);
    scene_play(mode, SCENE_SMI, 0, WITNESS_REAL, edits, &r);
    CONTEXT("%s, RIP changed", scene_mode_name(mode));
    EXPECT_EQ("rip.taken", r.smi[0].count, 1, "the first SMI is taken");
    EXPECT_EQ("rip.jumped", r.smi[1].count, 0, "execution goes on at the RIP that was written");
    EXPECT_EQ("rip.vector", r.vector, SCENE_DONE, "and the code there does what it should");
    EXPECT_EQ("rip.end", r.where, plain.where - moved, "where it should");
}

static void check(enum scene_mode mode)
{
    scene_play(mode, SCENE_SMI, 0, WITNESS_REAL, NULL, &plain);
    CONTEXT("%s", scene_mode_name(mode));
    REQUIRE_EQ("taken", plain.smi[0].count + plain.smi[1].count, 2, "both SMIs are taken");
    for (const struct save_field *f = save_fields(); f->id; f++) {
        if (writable(f) && save_lasting(f, mode))
            change(mode, f, changed(f, mode, &plain.loaded));
    }
    change_ip(mode);
    CONTEXT_CLEAR();
}

TEST(rsm, writable_16, "general registers, IP and flags are writable: real and virtual-8086 mode",
     SPEC_WRITABLE, NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_REAL);
    check(SCENE_V86);
}

TEST(rsm, writable_32, "general registers, IP and flags are writable: protected and PAE mode",
     SPEC_WRITABLE, NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_PROTECTED);
    check(SCENE_PAE_USER);
}

TEST(rsm, writable_64, "general registers, R8 to R15 too, RIP and flags are writable: 64-bit mode",
     SPEC_WRITABLE, NEEDS("arch=x86_64"))
{
    REQUIRE_SMM();
    check(SCENE_LONG);
    check(SCENE_LONG_USER);
    check(SCENE_COMPAT);
}
