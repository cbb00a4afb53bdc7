/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's two additions to the Q35 MCH: the extended TSEG and SMRAM at the default SMBASE, as
 * register protocols. */
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/machine.h"
#include "kernel/test.h"
#include "tests/mch/defaults.h"

#define MIB 0x100000U

enum query_way { QUERY_WORD, QUERY_BYTES_UP, QUERY_BYTES_DOWN, QUERY_DWORD, QUERY_WAYS };

static const char query_names[QUERY_WAYS][24] = {"word", "bytes, low one first",
                                                 "bytes, high one first", "dword"};

static void write_ext_tseg(enum query_way way, bool ecam, uint16_t value)
{
    uint16_t low = MCH_EXT_TSEG_MBYTES, high = MCH_EXT_TSEG_MBYTES + 1;
    uint32_t dword = (mch_read32(MCH_EXT_TSEG_MBYTES) & 0xffff0000) | value;

    if (way == QUERY_BYTES_DOWN) {
        low = high;
        high = MCH_EXT_TSEG_MBYTES;
        value = (uint16_t)(value << 8 | value >> 8);
    }
    if (way == QUERY_WORD && ecam) {
        pci_ecam_write16(PCI_BDF_MCH, low, value);
    } else if (way == QUERY_WORD) {
        pci_cf8_write16(PCI_BDF_MCH, (uint8_t)low, value);
    } else if (way == QUERY_DWORD && ecam) {
        pci_ecam_write32(PCI_BDF_MCH, low, dword);
    } else if (way == QUERY_DWORD) {
        pci_cf8_write32(PCI_BDF_MCH, (uint8_t)low, dword);
    } else if (ecam) {
        pci_ecam_write8(PCI_BDF_MCH, low, (uint8_t)value);
        pci_ecam_write8(PCI_BDF_MCH, high, (uint8_t)(value >> 8));
    } else {
        pci_cf8_write8(PCI_BDF_MCH, (uint8_t)low, (uint8_t)value);
        pci_cf8_write8(PCI_BDF_MCH, (uint8_t)high, (uint8_t)(value >> 8));
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

void mch_expect_smbase_default(void)
{
    if (!machine.type_version)
        SKIP("SMBIOS names no machine type of QEMU's own");
    mch_write8(MCH_F_SMBASE, F_SMBASE_QUERY);
    EXPECT_EQ("query", mch_read8(MCH_F_SMBASE) == F_SMBASE_IN_RAM,
              machine.type_version >= MACHINE_VERSION(5, 0), "the query is answered since then");
}

TEST(mch, smbase_window_default, "machine types from 5.0 on have SMRAM at the default SMBASE",
     SPEC("QEMU commit f404220e27: from pc-q35-5.0 on; reads 01h if supported"), NEEDS("boot=own"))
{
    mch_expect_smbase_default();
}

/* Every 4 KiB, so that a window of any other size or place shows up. */
static void expect_window(bool hidden)
{
    for (uint32_t at = SMRAM_WINDOW_BASE; at < SMRAM_WINDOW_BASE + SMRAM_WINDOW_SIZE; at += 4096) {
        uint32_t old = mmio_read32(at);
        uint32_t probe = old ^ 0x5aa5c33c;

        CONTEXT("address %#x", at);
        mmio_write32(at, probe);
        if (hidden) {
            EXPECT_EQ("hidden", old, 0xffffffff, "reads give ones outside SMM");
            EXPECT_EQ("write-ignored", mmio_read32(at), 0xffffffff, "and writes do not show");
        } else {
            EXPECT_EQ("open", mmio_read32(at), probe, "the memory is ordinary RAM");
            mmio_write32(at, old);
        }
    }
    CONTEXT_CLEAR();
}

static void expect_ram_around(void)
{
    static const uint32_t places[] = {SMRAM_WINDOW_BASE - 4, SMRAM_WINDOW_BASE + SMRAM_WINDOW_SIZE};

    for (unsigned int i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        uint32_t old = mmio_read32(places[i]);

        CONTEXT("address %#x", places[i]);
        mmio_write32(places[i], ~old);
        EXPECT_EQ("around", mmio_read32(places[i]), ~old, "the memory around it stays RAM");
        mmio_write32(places[i], old);
    }
    CONTEXT_CLEAR();
}

TEST(mch, smbase_window, "SMRAM at the default SMBASE is queried, locked, and open after reset",
     SPEC("QEMU commit f404220e27: F_SMBASE (9Ch)"),
     NEEDS("machine>=pc-q35-5.0 firmware=virgin boot=own"))
{
    if (test_boot() == 2) {
        EXPECT_NE("reset", mch_read8(MCH_F_SMBASE), F_SMBASE_LOCKED,
                  "a reset unlocks the register");
        expect_window(false);
        EXPECT_EQ("query-again", mch_smbase_window_probe(), SMBASE_WINDOW_OPEN,
                  "and the query works anew");
        return;
    }
    expect_window(false);
    mch_write8(MCH_F_SMBASE, F_SMBASE_QUERY);
    REQUIRE_EQ("query", mch_read8(MCH_F_SMBASE), F_SMBASE_IN_RAM, "the feature is there");
    expect_window(false);
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    EXPECT_EQ("lock", mch_read8(MCH_F_SMBASE), F_SMBASE_LOCKED, "the window can be locked");
    expect_window(true);
    expect_ram_around();
    for (unsigned int value = 0; value < 256; value++) {
        CONTEXT("value %#x", value);
        mch_write8(MCH_F_SMBASE, (uint8_t)value);
        EXPECT_EQ("locked", mch_read8(MCH_F_SMBASE), F_SMBASE_LOCKED, "further writes are ignored");
    }
    CONTEXT_CLEAR();
    expect_window(true);
    test_announce_reset();
    ich9_reset();
}

/* Boot n asks and locks with writes of its own kind that reach the registers behind, too. */
TEST(mch, smbase_window_wide, "F_SMBASE takes its part of a wider write",
     SPEC("QEMU commit f404220e27: F_SMBASE (9Ch); PCI Local Bus Specification 3.0, 3.2.2.3.2: "
          "byte enables"),
     NEEDS("machine>=pc-q35-5.0 firmware=virgin boot=own"))
{
    bool dword = test_boot() == 2;
    uint32_t rest = mch_read32(MCH_F_SMBASE) & ~0xffU;

    CONTEXT("by %s", dword ? "dword" : "word");
    if (dword)
        mch_write32(MCH_F_SMBASE, rest | F_SMBASE_QUERY);
    else
        mch_write16(MCH_F_SMBASE, (uint16_t)(rest | F_SMBASE_QUERY));
    EXPECT_EQ("query", mch_read8(MCH_F_SMBASE), F_SMBASE_IN_RAM, "the query is answered");
    expect_window(false);
    CONTEXT("by %s", dword ? "dword" : "word");
    if (dword)
        mch_write32(MCH_F_SMBASE, rest | F_SMBASE_LOCKED);
    else
        mch_write16(MCH_F_SMBASE, (uint16_t)(rest | F_SMBASE_LOCKED));
    EXPECT_EQ("lock", mch_read8(MCH_F_SMBASE), F_SMBASE_LOCKED, "the window is locked");
    expect_window(true);
    EXPECT_EQ("others", mch_read32(MCH_F_SMBASE) & ~0xffU, rest,
              "the other registers have not "
              "changed");
    if (!dword) {
        test_announce_reset();
        ich9_reset();
    }
}

TEST(mch, smbase_window_absent, "without SMRAM at the default SMBASE the query stands unanswered",
     SPEC("QEMU commit f404220e27: reads 01h if supported"),
     NEEDS("boot=own qemu>=5.0 global=mch.smbase-smram=off"))
{
    mch_write8(MCH_F_SMBASE, F_SMBASE_QUERY);
    EXPECT_NE("query", mch_read8(MCH_F_SMBASE), F_SMBASE_IN_RAM, "the answer is not 01h");
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    expect_window(false);
}
