/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Without SMM there is no SMRAM either: what hides it on other machines hides nothing. */
#include <stddef.h>

#include "hw/cpu.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/memory.h"
#include "kernel/test.h"
#include "tests/smm_off/smm_off.h"

#define RANGES "QEMU q35-pcihost property smm-ranges, off with smm=off: SMRAM, TSEG do not exist"

static void check_visible(uint32_t address)
{
    for (uint32_t n = 0; n < 2; n++) {
        uint32_t pattern = n ? 0xa5a55a5a : 0x12345678;

        CONTEXT("address %#x", address);
        mmio_write32(address, pattern);
        EXPECT_EQ("visible", mmio_read32(address), pattern, "the memory can be read and written");
    }
    CONTEXT_CLEAR();
}

TEST(smm_off, tseg, "T_EN and D_LCK hide no memory below the end of low RAM", SPEC(RANGES),
     NEEDS("smm=off qemu>=10.0 firmware=virgin boot=own"))
{
    uint32_t top = mch_low_ram_top();

    check_visible(top - 4);
    mch_write8(MCH_ESMRAMC, ESMRAMC_T_EN);
    mch_write8(MCH_SMRAM, SMRAM_G_SMRAME);
    check_visible(top - 4);
    check_visible(top - 0x100000);
    mch_write8(MCH_SMRAM, SMRAM_G_SMRAME | SMRAM_D_LCK);
    check_visible(top - 4);
    check_visible(top - 0x100000);
}

TEST(smm_off, default_smbase, "the register for SMRAM at the default SMBASE hides nothing",
     SPEC(RANGES), NEEDS("smm=off qemu>=10.0 firmware=virgin boot=own"))
{
    check_visible(DEFAULT_SMBASE);
    mch_write8(MCH_F_SMBASE, F_SMBASE_QUERY);
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    check_visible(DEFAULT_SMBASE);
    check_visible(DEFAULT_SMBASE + 0x1fffc);
}
