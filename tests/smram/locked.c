/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The views of locked SMRAM, and locking together with new values in one configuration write. */
#include "firmware/smm.h"
#include "hw/ich9.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/test.h"
#include "tests/smram/views.h"

#define MIB 0x100000U

enum way { WAY_BYTES, WAY_CF8_WORD, WAY_CF8_DWORD, WAY_ECAM_WORD, WAY_ECAM_DWORD };

static const char way_names[][12] = {"bytes", "CF8 word", "CF8 dword", "ECAM word", "ECAM dword"};

static void enable_ecam(void)
{
    pci_ecam_open();
    REQUIRE_EQ("ecam", pci_ecam_read32(PCI_BDF_MCH, PCI_VENDOR_ID), mch_read32(PCI_VENDOR_ID),
               "the configuration window is there");
}

/*
 * From open SMRAM to the locked state s; D_OPEN stays set in the write that locks.  A word takes
 * F_SMBASE and SMRAM, a dword ESMRAMC as well.
 */
static void lock(const struct smram_state *s, enum way way)
{
    uint8_t f_smbase = s->window ? F_SMBASE_LOCKED : mch_read8(MCH_F_SMBASE);
    uint8_t smram = views_smram(s) | SMRAM_D_OPEN | SMRAM_D_LCK;
    uint16_t low = (uint16_t)(f_smbase | (uint32_t)smram << 8);
    uint32_t all = low | (uint32_t)views_esmramc(s) << 16;

    if (way == WAY_BYTES || way == WAY_CF8_WORD || way == WAY_ECAM_WORD)
        mch_write8(MCH_ESMRAMC, views_esmramc(s));
    if (way == WAY_CF8_WORD)
        mch_write16(MCH_F_SMBASE, low);
    else if (way == WAY_CF8_DWORD)
        mch_write32(MCH_F_SMBASE, all);
    else if (way == WAY_ECAM_WORD)
        pci_ecam_write16(PCI_BDF_MCH, MCH_F_SMBASE, low);
    else if (way == WAY_ECAM_DWORD)
        pci_ecam_write32(PCI_BDF_MCH, MCH_F_SMBASE, all);
    if (way == WAY_BYTES) {
        mch_write8(MCH_SMRAM, smram);
        mch_write8(MCH_F_SMBASE, f_smbase);
    }
}

static void check_registers(const struct smram_state *s)
{
    EXPECT_EQ("smram", mch_read8(MCH_SMRAM), views_smram(s) | SMRAM_D_LCK,
              "D_LCK is set, and D_OPEN clear although it was written with it");
    EXPECT_BITS("esmramc", mch_read8(MCH_ESMRAMC), 0x87, views_esmramc(s),
                "ESMRAMC has the value written before or with D_LCK");
    if (s->window)
        EXPECT_EQ("f-smbase", mch_read8(MCH_F_SMBASE), F_SMBASE_LOCKED, "F_SMBASE is locked");
}

/* Intel's sizes of TSEG and the extended one. */
static void place_tseg(struct smram_state *s, uint32_t n)
{
    static const uint8_t sizes[] = {ESMRAMC_TSEG_SZ_1M, ESMRAMC_TSEG_SZ_2M, ESMRAMC_TSEG_SZ_8M,
                                    ESMRAMC_TSEG_SZ_EXT};
    static const uint32_t mib[] = {1, 2, 8};
    uint32_t extended = mch_ext_tseg_query();

    if (n == 3 && extended)
        views_place_tseg(s, sizes[n], extended * MIB);
    else
        views_place_tseg(s, sizes[n % 3], mib[n % 3] * MIB);
}

/* Locks in this way, with TSEG size n, looks from everywhere, and resets. */
static void lock_and_look(struct smram_state *s, enum way way, uint32_t n)
{
    CONTEXT("boot %u, %s", test_boot(), way_names[way]);
    REQUIRE_TRUE("unlocked", !mch_locked(), "a reset clears D_LCK");
    enable_ecam();
    REQUIRE_SMM();
    if (mch_smbase_window_probe() != SMBASE_WINDOW_OPEN)
        s->window = false;
    place_tseg(s, n);
    views_open();
    views_lay(s);
    lock(s, way);
    CONTEXT("boot %u, %s", test_boot(), way_names[way]);
    check_registers(s);
    CONTEXT_CLEAR();
    views_check(s, true);
    test_announce_reset();
    ich9_reset();
}

/* Boots 2, 3, 6 and 7 have T_EN. */
static void locked_in_every_combination(void)
{
    uint32_t boot = test_boot();
    struct smram_state s = {.g = true, .h = boot & 1, .t = boot & 2, .window = boot & 4};

    if (boot <= 8)
        lock_and_look(&s, WAY_BYTES, (boot & 1) | (boot & 4) >> 1);
}

#define LOCKED                                                                                   \
    "Q35 MCH datasheet, SMRAM (9Dh): D_LCK forces D_OPEN to 0; ESMRAMC (9Eh); QEMU 68c77acfb1, " \
    "f404220e27"

TEST(smram, locked, "locked SMRAM is hidden as closed SMRAM is, in every combination", SPEC(LOCKED),
     NEEDS("firmware=virgin boot=own vga=std timeout=40"))
{
    locked_in_every_combination();
}

TEST(smram, locked_without_vga, "the same without a VGA device, except for the A-segment",
     SPEC(LOCKED), NEEDS("firmware=virgin boot=own timeout=40"))
{
    locked_in_every_combination();
}

TEST(smram, locked_in_one_write,
     "a configuration write may lock and set what it locks, by CF8h and through the window",
     SPEC("Q35 MCH datasheet, SMRAM (9Dh), ESMRAMC (9Eh): attribute L is about later writes; QEMU "
          "f404220e27"),
     NEEDS("firmware=virgin boot=own vga=std timeout=40"))
{
    uint32_t boot = test_boot();
    struct smram_state s = {.g = true, .h = boot & 2, .t = true, .window = true};

    if (boot <= 4)
        lock_and_look(&s, (enum way)boot, boot & 3);
}
