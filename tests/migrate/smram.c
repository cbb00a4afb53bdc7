/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who sees SMRAM after a migration, and what is locked. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/mch.h"
#include "kernel/test.h"
#include "tests/migrate/migrate.h"
#include "tests/smram/views.h"

#define MIB 0x100000U
#define MCH \
    "Q35 MCH datasheet, SMRAM (9Dh), ESMRAMC (9Eh): D_LCK until reset; QEMU 68c77acfb1, f404220e27"
#define HERE   "firmware=virgin boot=own vga=std host=migrate timeout=40 "
#define LOCKED "locked SMRAM is locked and hidden over migrations, its contents kept"

static void check_frozen(const struct smram_state *s)
{
    for (uint32_t value = 0; value < 256; value += 0x51) {
        CONTEXT("%#x written", value);
        mch_write8(MCH_ESMRAMC, (uint8_t)value);
        EXPECT_BITS("esmramc", mch_read8(MCH_ESMRAMC), 0x87, views_esmramc(s),
                    "ESMRAMC is locked, its value what it was");
        mch_write8(MCH_SMRAM, (uint8_t)(value & ~SMRAM_D_CLS));
        EXPECT_EQ("smram", mch_read8(MCH_SMRAM), views_smram(s) | SMRAM_D_LCK,
                  "SMRAM is locked, its value what it was");
        if (!s->window)
            continue;
        mch_write8(MCH_F_SMBASE, (uint8_t)value);
        EXPECT_EQ("f-smbase", mch_read8(MCH_F_SMBASE), F_SMBASE_LOCKED, "F_SMBASE is locked");
    }
    CONTEXT_CLEAR();
}

TEST(migrate, smram, "SMRAM that is not locked is where it was, open or closed, and stays unlocked",
     SPEC(MIGRATION MCH), NEEDS(HERE))
{
    /* Combinations that differ in every control bit. */
    static const uint8_t states[] = {0x1, 0xd, 0x7, 0x3, 0x8};

    REQUIRE_SMM();
    for (size_t i = 0; i < sizeof(states); i++) {
        uint8_t bits = states[i];
        struct smram_state s = {.g = bits & 1, .h = bits & 2, .t = bits & 4, .open = bits & 8};

        views_place_tseg(&s, i & 1 ? ESMRAMC_TSEG_SZ_2M : ESMRAMC_TSEG_SZ_8M,
                         (i & 1 ? 2 : 8) * MIB);
        views_open();
        views_lay(&s);
        views_set(&s);
        migrate();
        EXPECT_EQ("smram", mch_read8(MCH_SMRAM), views_smram(&s), "SMRAM reads as before");
        EXPECT_BITS("esmramc", mch_read8(MCH_ESMRAMC), 0x87, views_esmramc(&s),
                    "ESMRAMC reads as before");
        views_check(&s, false);
        views_open();
        views_restore();
    }
}

static void locked(struct smram_state s, uint8_t tseg_sz, uint32_t tseg_bytes)
{
    REQUIRE_SMM();
    if (s.window)
        s.window = mch_smbase_window_probe() == SMBASE_WINDOW_OPEN;
    views_place_tseg(&s, tseg_sz, tseg_bytes);
    views_open();
    views_lay(&s);
    mch_write8(MCH_ESMRAMC, views_esmramc(&s));
    mch_write8(MCH_SMRAM, views_smram(&s) | SMRAM_D_LCK);
    if (s.window)
        mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    migrate();
    check_frozen(&s);
    views_check(&s, true);
    migrate();
    check_frozen(&s);
}

TEST(migrate, smram_locked, LOCKED, SPEC(MIGRATION MCH), NEEDS(HERE))
{
    locked((struct smram_state){.g = true, .t = true}, ESMRAMC_TSEG_SZ_8M, 8 * MIB);
}

TEST(migrate, window_locked, "the same with SMRAM at the default SMBASE, locked too",
     SPEC(MIGRATION MCH), NEEDS(HERE "machine>=pc-q35-5.0"))
{
    locked((struct smram_state){.g = true, .t = true, .window = true}, ESMRAMC_TSEG_SZ_8M, 8 * MIB);
}

TEST(migrate, smram_locked_high, "the same with the high segment, TSEG off and the window open",
     SPEC(MIGRATION MCH), NEEDS(HERE))
{
    locked((struct smram_state){.g = true, .h = true}, ESMRAMC_TSEG_SZ_1M, MIB);
}

TEST(migrate, smram_extended, "the same with QEMU's extended TSEG, of an unusual size",
     SPEC(MIGRATION MCH ", 2f295167e0"),
     NEEDS(HERE "machine>=pc-q35-2.10 global=mch.extended-tseg-mbytes=5"))
{
    REQUIRE_EQ("size", mch_ext_tseg_query(), 5, "EXT_TSEG_MBYTES has the size");
    locked((struct smram_state){.g = true, .t = true}, ESMRAMC_TSEG_SZ_EXT, 5 * MIB);
    EXPECT_EQ("size-after", mch_read16(MCH_EXT_TSEG_MBYTES), 5, "and has it after migrations");
}

TEST(migrate, window_unlocked, "F_SMBASE that was only queried can be locked after a migration",
     SPEC(MIGRATION MCH), NEEDS("firmware=virgin boot=own host=migrate machine>=pc-q35-5.0"))
{
    volatile uint32_t *memory = (volatile uint32_t *)SMRAM_WINDOW_BASE;

    REQUIRE_TRUE("open", mch_smbase_window_probe() == SMBASE_WINDOW_OPEN, "the window is open");
    *memory = 0x5ec0de77;
    migrate();
    EXPECT_EQ("still", mch_read8(MCH_F_SMBASE), F_SMBASE_IN_RAM, "the answer still stands");
    EXPECT_EQ("visible", *memory, 0x5ec0de77, "and the memory is there");
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    EXPECT_EQ("locks", mch_read8(MCH_F_SMBASE), F_SMBASE_LOCKED, "it can be locked");
    EXPECT_EQ("hidden", *memory, 0xffffffff, "and hides the memory");
    migrate();
    EXPECT_EQ("stays", *memory, 0xffffffff, "also behind another migration");
    mch_write8(MCH_F_SMBASE, 0);
    EXPECT_EQ("stays-locked", mch_read8(MCH_F_SMBASE), F_SMBASE_LOCKED, "and stays locked");
}
