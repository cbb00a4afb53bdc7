/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMRAM (9Dh) and ESMRAMC (9Eh): defaults, attributes and what D_LCK does to them, on every way
 * that leads to the registers. */
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/test.h"
#include "tests/mch/ways.h"

TEST(mch, reset_values, "SMRAM and ESMRAMC have their defaults after reset",
     SPEC("Q35 MCH datasheet, SMRAM (9Dh) and ESMRAMC (9Eh): default values"),
     NEEDS("firmware=virgin boot=own"))
{
    EXPECT_EQ("smram", mch_read8(MCH_SMRAM), SMRAM_DEFAULT, "SMRAM is 02h");
    EXPECT_EQ("esmramc", mch_read8(MCH_ESMRAMC), ESMRAMC_DEFAULT, "ESMRAMC is 38h");
}

TEST(mch, open_attributes, "before D_LCK, every control bit can be set and cleared",
     SPEC("Q35 MCH datasheet, SMRAM (9Dh) and ESMRAMC (9Eh): attributes"), NEEDS(""))
{
    /* D_OPEN and D_CLS together are forbidden, so one bit at a time. */
    static const uint8_t smram_bits[] = {SMRAM_G_SMRAME, SMRAM_D_OPEN, SMRAM_D_CLS};
    static const uint8_t esmramc_bits[] = {ESMRAMC_T_EN, ESMRAMC_TSEG_SZ_2M, ESMRAMC_TSEG_SZ_8M,
                                           ESMRAMC_H_SMRAME};
    uint8_t smram = mch_read8(MCH_SMRAM);
    uint8_t esmramc = mch_read8(MCH_ESMRAMC);

    if (mch_locked())
        SKIP("the firmware has set D_LCK");
    for (unsigned int i = 0; i < sizeof(smram_bits); i++) {
        uint8_t bit = smram_bits[i];

        CONTEXT("SMRAM bit %#x", bit);
        mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | bit);
        EXPECT_BITS("smram-set", mch_read8(MCH_SMRAM), 0x78, bit, "the bit is set, and no other");
        mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG);
        EXPECT_BITS("smram-clear", mch_read8(MCH_SMRAM), 0x78, 0, "the bit is clear again");
    }
    for (unsigned int i = 0; i < sizeof(esmramc_bits); i++) {
        uint8_t bit = esmramc_bits[i];

        CONTEXT("ESMRAMC bit %#x", bit);
        mch_write8(MCH_ESMRAMC, bit);
        EXPECT_BITS("esmramc-set", mch_read8(MCH_ESMRAMC), 0x87, bit,
                    "the bit is set, and no other");
        mch_write8(MCH_ESMRAMC, 0);
        EXPECT_BITS("esmramc-clear", mch_read8(MCH_ESMRAMC), 0x87, 0, "the bit is clear again");
    }
    CONTEXT_CLEAR();
    mch_write8(MCH_ESMRAMC, esmramc);
    mch_write8(MCH_SMRAM, smram);
}

TEST(mch, read_only_bits, "C_BASE_SEG is 010b and the cache bits are 1, whatever is written",
     SPEC("Q35 MCH datasheet, SMRAM (9Dh): C_BASE_SEG RO; ESMRAMC (9Eh): SM_CACHE, SM_L1, SM_L2 "
          "RO, E_SMERR R/WC"),
     NEEDS(""))
{
    uint8_t smram = mch_read8(MCH_SMRAM);
    uint8_t esmramc = mch_read8(MCH_ESMRAMC);
    uint8_t cache = ESMRAMC_SM_CACHE | ESMRAMC_SM_L1 | ESMRAMC_SM_L2;

    for (unsigned int seg = 0; seg < 8; seg++) {
        CONTEXT("C_BASE_SEG %u", seg);
        mch_write8(MCH_SMRAM, (uint8_t)((smram & ~7U) | seg));
        EXPECT_BITS("c-base-seg", mch_read8(MCH_SMRAM), 7, SMRAM_C_BASE_SEG,
                    "the segment is A0000-BFFFF");
    }
    CONTEXT_CLEAR();
    mch_write8(MCH_SMRAM, smram | BIT(7));
    EXPECT_BITS("bit-7", mch_read8(MCH_SMRAM), BIT(7), 0, "SMRAM's bit 7 is 0");
    mch_write8(MCH_ESMRAMC, (uint8_t)(esmramc & ~cache));
    EXPECT_BITS("cache", mch_read8(MCH_ESMRAMC), cache, cache, "the cache bits stay 1");
    mch_write8(MCH_ESMRAMC, esmramc | ESMRAMC_E_SMERR);
    EXPECT_BITS("e-smerr", mch_read8(MCH_ESMRAMC), ESMRAMC_E_SMERR, 0,
                "writing 1 to E_SMERR clears it, if anything");
    mch_write8(MCH_ESMRAMC, esmramc);
    mch_write8(MCH_SMRAM, smram);
}

/*
 * Writes both registers on one of the ways, ESMRAMC no later than SMRAM, lest a write of SMRAM be
 * what makes ESMRAMC read-only.  In a word, SMRAM lies behind F_SMBASE and ESMRAMC in front of a
 * reserved byte; these keep their content.
 */
static void write_by(uint32_t way, uint8_t smram, uint8_t esmramc)
{
    uint32_t dword = (mch_read32(MCH_F_SMBASE) & 0xff0000ff) | (uint32_t)esmramc << 16 |
                     (uint32_t)smram << 8;

    if (mch_way_size(way) < 4)
        mch_write_way(way, MCH_ESMRAMC, dword >> 16);
    if (mch_way_size(way) == 1)
        mch_write_way(way, MCH_SMRAM, smram);
    else
        mch_write_way(way, MCH_F_SMBASE, dword);
}

/* Tries to change every bit of the locked registers on every way, first is the first. */
static void check_frozen(uint8_t smram, uint8_t esmramc, uint32_t first)
{
    uint8_t frozen_smram = (uint8_t)((smram & ~SMRAM_D_OPEN) | SMRAM_D_LCK);
    uint8_t frozen_esmramc = (uint8_t)(esmramc & 0x87);

    for (uint32_t n = 0; n < MCH_WAYS; n++) {
        uint32_t way = (first + n) % MCH_WAYS;

        CONTEXT("boot %u, locked as %#x %#x, %s", test_boot(), smram, esmramc, mch_way_names[way]);
        /* D_CLS stays as it is, for D_OPEN and D_CLS must never be written together. */
        write_by(way, (uint8_t)(~frozen_smram & ~SMRAM_D_CLS), (uint8_t)~frozen_esmramc);
        EXPECT_BITS("smram", mch_read8(MCH_SMRAM), 0x5f, frozen_smram & 0x5f,
                    "D_OPEN, D_LCK, G_SMRAME and C_BASE_SEG are read-only");
        EXPECT_BITS("esmramc", mch_read8(MCH_ESMRAMC), 0x87, frozen_esmramc,
                    "H_SMRAME, TSEG_SZ and T_EN are read-only");
        write_by(way, SMRAM_C_BASE_SEG | SMRAM_D_CLS, frozen_esmramc);
        EXPECT_BITS("d-cls-set", mch_read8(MCH_SMRAM), SMRAM_D_CLS, SMRAM_D_CLS,
                    "D_CLS is R/W without L: it can still be set");
        write_by(way, SMRAM_C_BASE_SEG, frozen_esmramc);
        EXPECT_BITS("d-cls-clear", mch_read8(MCH_SMRAM), SMRAM_D_CLS, 0, "and cleared");
    }
    CONTEXT_CLEAR();
}

static void enable_ecam(void)
{
    pci_ecam_open();
    REQUIRE_EQ("ecam", pci_ecam_read32(PCI_BDF_MCH, PCI_VENDOR_ID), mch_read32(PCI_VENDOR_ID),
               "the configuration window is there");
}

/* Not only the register: the memory behind it changes hands. */
TEST(mch, every_way, "a write takes effect on whichever way and in whichever width it comes",
     SPEC("PCI Local Bus Specification 3.0, 3.2.2.3.2; PCI Express Base Specification, ECAM; Q35 "
          "MCH datasheet, ESMRAMC (9Eh)"),
     NEEDS("boot=own"))
{
    volatile uint32_t *ram = (volatile uint32_t *)(uintptr_t)(mch_low_ram_top() - 4);

    if (mch_locked())
        SKIP("the firmware has set D_LCK");
    enable_ecam();
    mch_write8(MCH_ESMRAMC, 0);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME);
    *ram = 0x8bad1dea;
    for (unsigned int way = 0; way < MCH_WAYS; way++) {
        CONTEXT("%s, 4 bytes at %#lx", mch_way_names[way], (unsigned long)(uintptr_t)ram);
        write_by(way, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME, ESMRAMC_T_EN);
        EXPECT_EQ("hidden", *ram, 0xffffffff, "T_EN hides TSEG");
        write_by(way, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME, 0);
        EXPECT_EQ("shown", *ram, 0x8bad1dea, "without T_EN it is RAM");
    }
    CONTEXT_CLEAR();
}

TEST(mch, d_lck_freezes, "D_LCK makes the controls of SMRAM and ESMRAMC read-only, until reset",
     SPEC("Q35 MCH datasheet, SMRAM (9Dh): D_LCK; attributes L"),
     NEEDS("firmware=virgin boot=own timeout=40"))
{
    /* Without C_BASE_SEG.  Open or not, with and without what D_CLS closes, all sizes of TSEG. */
    static const struct {
        uint8_t smram;
        uint8_t esmramc;
    } states[] = {
        {SMRAM_G_SMRAME, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_2M},
        {SMRAM_G_SMRAME, ESMRAMC_H_SMRAME | ESMRAMC_TSEG_SZ_8M},
        {SMRAM_G_SMRAME, 0},
        {0, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_1M},
        {SMRAM_G_SMRAME | SMRAM_D_OPEN, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_8M},
        {SMRAM_G_SMRAME | SMRAM_D_OPEN, ESMRAMC_H_SMRAME | ESMRAMC_TSEG_SZ_EXT},
        {SMRAM_D_OPEN, ESMRAMC_H_SMRAME | ESMRAMC_T_EN},
        {SMRAM_G_SMRAME | SMRAM_D_CLS, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_EXT},
        {SMRAM_G_SMRAME | SMRAM_D_CLS, ESMRAMC_H_SMRAME | ESMRAMC_TSEG_SZ_2M},
        {SMRAM_D_CLS, ESMRAMC_TSEG_SZ_8M},
        {SMRAM_G_SMRAME, ESMRAMC_H_SMRAME | ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_EXT},
    };
    uint32_t boot = test_boot();
    uint8_t smram, esmramc;

    if (boot > 1)
        REQUIRE_TRUE("reset", !mch_locked(), "a reset clears D_LCK");
    else if (mch_locked())
        SKIP("the firmware has set D_LCK");
    if (boot > sizeof(states) / sizeof(states[0]))
        return;
    enable_ecam();
    smram = SMRAM_C_BASE_SEG | states[boot - 1].smram;
    esmramc = states[boot - 1].esmramc;
    mch_write8(MCH_ESMRAMC, esmramc);
    mch_write8(MCH_SMRAM, smram);
    write_by((boot + 3) % MCH_WAYS, smram | SMRAM_D_LCK, esmramc);
    REQUIRE_TRUE("locked", mch_locked(), "D_LCK can be set");
    check_frozen(smram, esmramc, boot % MCH_WAYS);
    test_announce_reset();
    ich9_reset();
}

TEST(mch, d_lck_closes, "setting D_LCK closes an open SMRAM",
     SPEC("Q35 MCH datasheet, SMRAM (9Dh): \"D_OPEN is reset to 0\" when D_LCK is set"),
     NEEDS("boot=own"))
{
    if (mch_locked())
        SKIP("the firmware has set D_LCK");
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_OPEN);
    REQUIRE_EQ("open", mch_read8(MCH_SMRAM), SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_OPEN,
               "SMRAM can be opened");
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_OPEN | SMRAM_D_LCK);
    EXPECT_EQ("closed", mch_read8(MCH_SMRAM), SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_LCK,
              "D_LCK is set and D_OPEN is clear");
}
