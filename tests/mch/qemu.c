/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's extended TSEG as a register protocol. */
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/machine.h"
#include "kernel/test.h"
#include "tests/mch/defaults.h"
#include "tests/mch/ways.h"

#define MIB 0x100000U

enum query_way { QUERY_WORD, QUERY_BYTES_UP, QUERY_BYTES_DOWN, QUERY_DWORD, QUERY_WAYS };

static const char query_names[QUERY_WAYS][24] = {"word", "bytes, low one first",
                                                 "bytes, high one first", "dword"};

static void write_ext_tseg(enum query_way way, bool ecam, uint16_t value)
{
    uint32_t first = way == QUERY_BYTES_DOWN; /* of the two bytes */

    if (way == QUERY_WORD) {
        mch_write_sized(ecam, 2, MCH_EXT_TSEG_MBYTES, value);
    } else if (way == QUERY_DWORD) {
        mch_write_sized(ecam, 4, MCH_EXT_TSEG_MBYTES,
                        (mch_read32(MCH_EXT_TSEG_MBYTES) & 0xffff0000) | value);
    } else {
        for (uint32_t n = 0; n < 2; n++) {
            uint32_t byte = n ^ first;

            mch_write_sized(ecam, 1, (uint16_t)(MCH_EXT_TSEG_MBYTES + byte), value >> 8 * byte);
        }
    }
}

/* The query, and values that differ from it in one bit or in one byte. */
static void query(enum query_way way, bool ecam, uint16_t size)
{
    static const uint16_t others[] = {0x12ff, 0xff12, 0x00ff, 0xff00, 0};

    CONTEXT("%s, by %s", query_names[way], ecam ? "MMCONFIG" : "CF8h");
    write_ext_tseg(way, ecam, EXT_TSEG_QUERY);
    EXPECT_EQ("query", mch_read16(MCH_EXT_TSEG_MBYTES), size,
              "FFFFh reads back as the size in MiB");
    write_ext_tseg(way, ecam, EXT_TSEG_QUERY);
    EXPECT_EQ("again", mch_read16(MCH_EXT_TSEG_MBYTES), size, "any number of times");
    for (unsigned int i = 0; i < sizeof(others) / sizeof(others[0]) + 16; i++) {
        uint16_t value = (uint16_t)(i < 16 ? EXT_TSEG_QUERY ^ 1U << i : others[i - 16]);

        /* A value is replaced from the other side, so that no FFFFh lies in between. */
        write_ext_tseg(way, ecam, 0);
        write_ext_tseg(way, ecam, value);
        EXPECT_EQ("no-query", mch_read16(MCH_EXT_TSEG_MBYTES), value,
                  "any other value is no query, and stays");
    }
    CONTEXT_CLEAR();
}

TEST(mch, ext_tseg, "the query answers with the size that TSEG_SZ = 11b stands for",
     SPEC("QEMU commit 2f295167e0: EXT_TSEG_MBYTES (50h)"),
     NEEDS("boot=own mem=256 global=mch.extended-tseg-mbytes=48"))
{
    uint8_t esmramc = mch_read8(MCH_ESMRAMC);

    pci_ecam_open();
    for (unsigned int way = 0; way < QUERY_WAYS; way++) {
        query((enum query_way)way, false, 48);
        query((enum query_way)way, true, 48);
    }
    mch_write16(MCH_EXT_TSEG_MBYTES, EXT_TSEG_QUERY);
    if (mch_locked())
        SKIP("the firmware has set D_LCK");
    mch_write8(MCH_ESMRAMC, (esmramc & ~ESMRAMC_TSEG_SZ) | ESMRAMC_TSEG_SZ_EXT);
    EXPECT_EQ("size", mch_tseg_selected_size(), 48 * MIB, "TSEG_SZ = 11b can be selected");
    EXPECT_EQ("base", mch_tseg_base(), mch_low_ram_top() - 48 * MIB,
              "and fits below the end of low RAM");
    mch_write8(MCH_ESMRAMC, esmramc);
}

TEST(mch, ext_tseg_large, "the query answers with all 12 bits of the size",
     SPEC("QEMU commit 2f295167e0: at most FFFh MiB"),
     NEEDS("boot=own global=mch.extended-tseg-mbytes=2730"))
{
    mch_write16(MCH_EXT_TSEG_MBYTES, EXT_TSEG_QUERY);
    EXPECT_EQ("query", mch_read16(MCH_EXT_TSEG_MBYTES), 0xaaa, "FFFFh reads back as AAAh");
}

TEST(mch, ext_tseg_1m, "the query answers with the least size, too",
     SPEC("QEMU commit 2f295167e0: any size above 0 MiB is reported"),
     NEEDS("boot=own global=mch.extended-tseg-mbytes=1"))
{
    mch_write16(MCH_EXT_TSEG_MBYTES, EXT_TSEG_QUERY);
    EXPECT_EQ("query", mch_read16(MCH_EXT_TSEG_MBYTES), 1, "FFFFh reads back as 1");
}

TEST(mch, ext_tseg_257m, "an extended TSEG of more than 255 MiB hides all of them",
     SPEC("QEMU commit 2f295167e0: at most FFFh MiB; bafc90bdc5: TSEG is hidden outside SMM"),
     NEEDS("firmware=virgin boot=own mem=512 global=mch.extended-tseg-mbytes=257"))
{
    uint32_t base = mch_low_ram_top() - 257 * MIB;
    uint32_t below = 0x8bad1dea;

    mmio_write32(base - 4, below);
    /* What is kept there is the guest's own: the size is the property's. */
    mch_write16(MCH_EXT_TSEG_MBYTES, 1);
    mch_write8(MCH_ESMRAMC, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_EXT);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME);
    EXPECT_EQ("below", mmio_read32(base - 4), below, "what lies below TSEG is RAM");
    for (uint32_t n = 0; n < 257; n++) {
        CONTEXT("address %#x", base + n * MIB);
        EXPECT_EQ("hidden", mmio_read32(base + n * MIB), 0xffffffff, "TSEG gives ones");
    }
    CONTEXT_CLEAR();
}

TEST(mch, ext_tseg_after_reset, "after reset the register holds the size",
     SPEC("QEMU commit 2f295167e0: set on reset \"for completeness\""),
     NEEDS("firmware=virgin boot=own global=mch.extended-tseg-mbytes=48"))
{
    EXPECT_EQ("size", mch_read16(MCH_EXT_TSEG_MBYTES), 48, "the register reads 48");
}

TEST(mch, ext_tseg_absent, "without extended TSEG the query stands unanswered",
     SPEC("QEMU commit 2f295167e0: FFFFh reads back where unsupported"),
     NEEDS("global=mch.extended-tseg-mbytes=0"))
{
    uint16_t old = mch_read16(MCH_EXT_TSEG_MBYTES);

    mch_write16(MCH_EXT_TSEG_MBYTES, EXT_TSEG_QUERY);
    EXPECT_EQ("query", mch_read16(MCH_EXT_TSEG_MBYTES), EXT_TSEG_QUERY, "FFFFh is what it reads");
    mch_write16(MCH_EXT_TSEG_MBYTES, old);
}

/* Machine types and the size in MiB that TSEG_SZ = 11b stands for by default. */
static const struct {
    uint32_t since;
    uint16_t low, high;
} ext_tseg_defaults[] = {
    {MACHINE_VERSION(10, 2), 16, 0xfff}, /* no document names the new default */
    {MACHINE_VERSION(2, 10), 16, 16},
    {MACHINE_VERSION(0, 0), 0, 0}, /* the query is not answered */
};

void mch_expect_ext_tseg_default(void)
{
    unsigned int i = 0;

    if (!machine.type_version)
        SKIP("SMBIOS names no machine type of QEMU's own");
    while (machine.type_version < ext_tseg_defaults[i].since)
        i++;
    EXPECT_RANGE("size", mch_ext_tseg_query(), ext_tseg_defaults[i].low, ext_tseg_defaults[i].high,
                 "the query gives the size that belongs to the machine type");
}

TEST(mch, ext_tseg_default, "by default, TSEG_SZ = 11b stands for 16 MiB from pc-q35-2.10 on",
     SPEC("QEMU commit 2f295167e0: 16 MiB on 2.10 and later machine types, at most FFFh"),
     NEEDS("boot=own"))
{
    mch_expect_ext_tseg_default();
}
