/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RSM brings everything back: the handler spoils all that it may, and the interrupted
 * code finds nothing changed, neither in the registers it can read nor, by way of a
 * second SMI, in those that only a save area shows.
 */
#include "firmware/smm.h"
#include "kernel/test.h"
#include "tests/entry/scene.h"
#include "tests/save/fields.h"

#define SPEC_RSM \
    SPEC("Intel SDM vol. 3, 34.3.2 Exiting From SMM; vol. 2, RSM; AMD APM vol. 2, 10.4")

static const char *const leave_names[] = {"real mode", "protected mode", "64-bit mode"};

/* What the code that was interrupted finds. */
static void check_registers(enum scene_mode mode, const struct scene_result *r)
{
    const struct scene_state *s = &r->loaded;
    uint64_t wide = scene_mode_bits(mode) == 64 ? UINT64_MAX : UINT32_MAX;
    unsigned int registers = scene_mode_is_long(mode) ? REG_COUNT : REG_R8;
    /* PUSHF shows neither. */
    uint64_t hidden_flags = UINT64_C(1) << 16 | UINT64_C(1) << 17;

    EXPECT_EQ("goes_on", r->vector, SCENE_DONE, "the interrupted code goes on to its end");
    for (unsigned int i = 0; i < registers; i++) {
        uint64_t mask = i < REG_R8 ? wide : UINT64_MAX;

        EXPECT_BITS("general", r->reg[i], mask, s->reg[i] & mask,
                    "the general registers are as before");
    }
    EXPECT_EQ("flags", r->flags & ~hidden_flags, s->flags & ~hidden_flags,
              "the flags are as before");
    for (unsigned int i = 0; i < SEG_COUNT; i++)
        EXPECT_EQ("selectors", r->selector[i], s->seg[i].selector,
                  "the segment selectors are as before");
    EXPECT_EQ("cr2", r->cr2, s->cr2, "CR2 is as before");
    for (unsigned int i = 0; i < 4; i++)
        EXPECT_EQ("dr", r->dr[i], s->dr[i], "DR0 to DR3 are as before");
    EXPECT_EQ("dr6", r->dr6, s->dr6, "DR6 is as before");
    EXPECT_EQ("dr7", r->dr7, s->dr7, "DR7 is as before");
}

/* What the second SMI saves. */
static void check_save(enum scene_mode mode, const struct scene_result *r)
{
    uint64_t wide = scene_mode_is_long(mode) ? UINT64_MAX : UINT32_MAX;
    uint64_t ip = smm_save_get(&r->smi[1].save, SMM_REG_IP) & wide;

    for (const struct save_field *f = save_fields(); f->id; f++) {
        uint64_t mask = save_lasting(f, mode);

        if (mask)
            EXPECT_BITS(f->id, save_value(&r->smi[1].save, f), mask,
                        save_value(&r->smi[0].save, f) & mask,
                        "a second SMI finds it as the first did");
    }
    /* Four bytes on; or one jump more, as in save.*: QEMU before 11.0 is late. */
    if (ip == r->loaded.ip + 6)
        ip -= 2;
    EXPECT_EQ("rip", ip, r->loaded.ip + 4, "execution went on where it had been interrupted");
}

static void check(enum scene_mode mode)
{
    for (unsigned int i = 0; i < SCENE_VARIANTS * WITNESS_LEAVES; i++) {
        enum witness_leave leave = i % WITNESS_LEAVES;
        struct scene_result r;

        scene_play(mode, SCENE_SMI, i / WITNESS_LEAVES, leave, NULL, &r);
        CONTEXT("%s, values %u, RSM in %s", scene_mode_name(mode), r.variant, leave_names[leave]);
        REQUIRE_EQ("first", r.smi[0].count, 1, "the first SMI is taken, once");
        check_registers(mode, &r);
        REQUIRE_EQ("second", r.smi[1].count, 1,
                   "the second SMI is taken, once, and where the first wanted it");
        check_save(mode, &r);
        EXPECT_EQ("counted", r.smi[1].smi_count, r.smi[0].smi_count + 1,
                  "between them MSR_SMI_COUNT has counted one SMI");
    }
    CONTEXT_CLEAR();
}

TEST(rsm, real, "RSM goes back to real mode with everything as it was", SPEC_RSM, NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_REAL);
}

TEST(rsm, v86, "RSM goes back to virtual-8086 mode with everything as it was", SPEC_RSM, NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_V86);
}

TEST(rsm, protected, "RSM goes back to protected mode with everything as it was", SPEC_RSM,
     NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_PROTECTED);
    check(SCENE_PROTECTED_USER);
    check(SCENE_PROTECTED_16);
}

TEST(rsm, paged, "RSM goes back to 32-bit and PAE paging with everything as it was", SPEC_RSM,
     NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_PAGED);
    check(SCENE_PAGED_USER);
    check(SCENE_PAE);
    check(SCENE_PAE_USER);
}

TEST(rsm, compat, "RSM goes back to compatibility mode with everything as it was", SPEC_RSM,
     NEEDS("arch=x86_64"))
{
    REQUIRE_SMM();
    check(SCENE_COMPAT);
    check(SCENE_COMPAT_USER);
}

TEST(rsm, long, "RSM goes back to 64-bit mode with everything as it was", SPEC_RSM,
     NEEDS("arch=x86_64"))
{
    REQUIRE_SMM();
    check(SCENE_LONG);
    check(SCENE_LONG_USER);
}
