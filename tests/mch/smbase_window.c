/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's SMRAM at the default SMBASE as a register protocol. */
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/machine.h"
#include "kernel/test.h"
#include "tests/mch/defaults.h"
#include "tests/mch/ways.h"

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
        /* D_LCK makes bits of 9Dh and 9Eh read-only, none of 9Ch. */
        mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_LCK);
        EXPECT_EQ("query-again", mch_smbase_window_probe(), SMBASE_WINDOW_OPEN,
                  "and the query works anew, also behind D_LCK");
        expect_window(false);
        mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
        EXPECT_EQ("lock-again", mch_read8(MCH_F_SMBASE), F_SMBASE_LOCKED, "and the lock");
        expect_window(true);
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

TEST(mch, smbase_window_absent, "without SMRAM at the default SMBASE the query stands unanswered",
     SPEC("QEMU commit f404220e27: reads 01h if supported"),
     NEEDS("boot=own qemu>=5.0 global=mch.smbase-smram=off"))
{
    mch_write8(MCH_F_SMBASE, F_SMBASE_QUERY);
    EXPECT_NE("query", mch_read8(MCH_F_SMBASE), F_SMBASE_IN_RAM, "the answer is not 01h");
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    expect_window(false);
}

static void write_f_smbase(uint32_t way, uint8_t value)
{
    mch_write_way(way, MCH_F_SMBASE, (mch_read32(MCH_F_SMBASE) & 0xffffff00) | value);
}

TEST(mch, smbase_window_every_way,
     "SMRAM at the default SMBASE is queried and locked by bytes, words and dwords alike",
     SPEC("QEMU commit f404220e27: F_SMBASE (9Ch); PCI Local Bus Specification 3.0, 3.2.2.3.2; PCI "
          "Express Base Specification, ECAM"),
     NEEDS("machine>=pc-q35-5.0 firmware=virgin boot=own"))
{
    uint32_t way = test_boot() - 1, others;

    if (way >= MCH_WAYS)
        return;
    pci_ecam_open();
    others = mch_read32(MCH_F_SMBASE) >> 8;
    write_f_smbase(way, F_SMBASE_QUERY);
    CONTEXT("%s", mch_way_names[way]);
    EXPECT_EQ("query", mch_read8(MCH_F_SMBASE), F_SMBASE_IN_RAM, "the query is answered");
    EXPECT_EQ("neighbours", mch_read32(MCH_F_SMBASE) >> 8, others, "SMRAM and ESMRAMC are kept");
    expect_window(false);
    write_f_smbase(way, F_SMBASE_LOCKED);
    CONTEXT("%s", mch_way_names[way]);
    EXPECT_EQ("lock", mch_read8(MCH_F_SMBASE), F_SMBASE_LOCKED, "and so is the lock");
    EXPECT_EQ("neighbours", mch_read32(MCH_F_SMBASE) >> 8, others, "SMRAM and ESMRAMC are kept");
    expect_window(true);
    test_announce_reset();
    ich9_reset();
}

/* Is the memory as the register says?  Sets *locked. */
static void expect_consistent(bool *locked)
{
    *locked = mch_read8(MCH_F_SMBASE) == F_SMBASE_LOCKED;
    expect_window(*locked);
}

/*
 * What nobody promises: a lock without a query, a second query, other values. Each may lock the
 * window or not; but the register tells, and the lock works afterwards.
 */
static const struct {
    char name[40];
    uint8_t values[4];
    uint32_t count;
} odd_writes[] = {
    {"lock without a query", {F_SMBASE_LOCKED}, 1},
    {"the query twice", {F_SMBASE_QUERY, F_SMBASE_QUERY}, 2},
    {"query, 00h", {F_SMBASE_QUERY, 0x00}, 2},
    {"query, 01h", {F_SMBASE_QUERY, 0x01}, 2},
    {"query, 03h", {F_SMBASE_QUERY, 0x03}, 2},
    {"query, FDh", {F_SMBASE_QUERY, 0xfd}, 2},
    {"01h, query, 01h", {0x01, F_SMBASE_QUERY, 0x01}, 3},
};

TEST(mch, smbase_window_odd_writes,
     "whatever is written to F_SMBASE, memory is as the register says, and can be locked",
     SPEC("QEMU commit f404220e27: F_SMBASE (9Ch): FFh queries, 02h locks"),
     NEEDS("machine>=pc-q35-5.0 firmware=virgin boot=own"))
{
    uint32_t i = test_boot() - 1;
    bool locked = false;

    if (i >= sizeof(odd_writes) / sizeof(odd_writes[0]))
        return;
    expect_consistent(&locked);
    CONTEXT("%s", odd_writes[i].name);
    EXPECT_TRUE("reset", !locked, "after reset it is open");
    for (uint32_t n = 0; n < odd_writes[i].count; n++) {
        mch_write8(MCH_F_SMBASE, odd_writes[i].values[n]);
        expect_consistent(&locked);
    }
    if (!locked && i == 0) {
        mch_write8(MCH_F_SMBASE, F_SMBASE_QUERY);
        CONTEXT("%s", odd_writes[i].name);
        EXPECT_EQ("query", mch_read8(MCH_F_SMBASE), F_SMBASE_IN_RAM, "it can still be queried");
    }
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    expect_consistent(&locked);
    CONTEXT("%s", odd_writes[i].name);
    EXPECT_TRUE("lockable", locked, "02h locks it");
    test_announce_reset();
    ich9_reset();
}
