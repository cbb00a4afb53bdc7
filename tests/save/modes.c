/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The save area after an SMI in every mode of the CPU, with a value of its own in
 * every register.
 */
#include "firmware/smm.h"
#include "kernel/test.h"
#include "tests/entry/scene.h"
#include "tests/save/fields.h"

#define SPEC_MAP \
    SPEC("AMD APM vol. 2, Table 10-1 (qemu-system-x86_64); Intel SDM vol. 3, Table 34-1 (-i386)")

static struct scene_result results[SCENE_VARIANTS];

static void check_field(const struct save_field *f, enum scene_mode mode)
{
    for (unsigned int i = 0; i < SCENE_VARIANTS; i++) {
        uint64_t mask;
        uint64_t want = save_expected(f, mode, &results[i].loaded, &mask);

        if (!mask)
            continue;
        CONTEXT("%s, values %u", scene_mode_name(mode), i);
        EXPECT_BITS(f->id, save_value(&results[i].smi[0].save, f), mask, want,
                    "its field holds what the register held");
    }
}

static void check_rest(enum scene_mode mode)
{
    uint64_t mask = scene_mode_is_long(mode) ? ~UINT64_C(0) : UINT32_MAX;

    for (unsigned int i = 0; i < SCENE_VARIANTS; i++) {
        const struct scene_result *r = &results[i];
        uint64_t ip = smm_save_get(&r->smi[0].save, SMM_REG_IP) & mask;

        CONTEXT("%s, values %u", scene_mode_name(mode), i);
        /* QEMU before 11.0 takes the SMI one jump (two bytes) late: apm.next_instruction. */
        if (ip == r->loaded.ip + 2)
            ip -= 2;
        EXPECT_EQ("rip", ip, r->loaded.ip, "RIP is that of the instruction to be executed next");
    }
    for (unsigned int i = 0; i < SCENE_VARIANTS; i++) {
        const struct scene_result *r = &results[i];

        CONTEXT("%s, values %u", scene_mode_name(mode), i);
        EXPECT_EQ("smbase.first", smm_save_get(&r->smi[0].save, SMM_REG_SMBASE), r->smi[0].smbase,
                  "the SMBASE field holds the SMBASE in force");
        EXPECT_EQ("smbase.second", smm_save_get(&r->smi[1].save, SMM_REG_SMBASE), r->smi[1].smbase,
                  "and the new one after it was changed");
    }
}

static void check(enum scene_mode mode)
{
    for (unsigned int i = 0; i < SCENE_VARIANTS; i++) {
        scene_play(mode, SCENE_SMI, i, WITNESS_REAL, NULL, &results[i]);
        CONTEXT("%s, values %u", scene_mode_name(mode), i);
        REQUIRE_EQ("taken", results[i].smi[0].count, 1, "the SMI arrives at the new SMBASE, once");
    }
    for (const struct save_field *f = save_fields(); f->id; f++)
        check_field(f, mode);
    check_rest(mode);
    CONTEXT_CLEAR();
}

TEST(save, real, "every field of the save area, interrupted in real mode", SPEC_MAP, NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_REAL);
}

TEST(save, v86, "every field of the save area, interrupted in virtual-8086 mode", SPEC_MAP,
     NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_V86);
}

TEST(save, protected, "every field of the save area, interrupted in protected mode", SPEC_MAP,
     NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_PROTECTED);
    check(SCENE_PROTECTED_USER);
    check(SCENE_PROTECTED_16);
}

TEST(save, paged, "every field of the save area, interrupted under 32-bit and PAE paging", SPEC_MAP,
     NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_PAGED);
    check(SCENE_PAGED_USER);
    check(SCENE_PAE);
    check(SCENE_PAE_USER);
}

TEST(save, compat, "every field of the save area, interrupted in compatibility mode", SPEC_MAP,
     NEEDS("arch=x86_64"))
{
    REQUIRE_SMM();
    check(SCENE_COMPAT);
    check(SCENE_COMPAT_USER);
}

TEST(save, long, "every field of the save area, interrupted in 64-bit mode", SPEC_MAP,
     NEEDS("arch=x86_64"))
{
    REQUIRE_SMM();
    check(SCENE_LONG);
    check(SCENE_LONG_USER);
}
