/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where QEMU shows or hides memory against the manuals, as far as known: one test each, so that the
 * table of views (combinations.c) stays green. */
#include "firmware/smm.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/memory.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/smram/access.h"
#include "tests/smram/views.h"

#define MIB 0x100000U

/* Bytes as no VGA memory or empty bus has them. */
static const uint8_t secret[ACCESS_BYTES] = {0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0x96, 0x87, 0xb8};
static const uint8_t forged[ACCESS_BYTES] = {0x91, 0x92, 0x93, 0x94, 0x95, 0x9a, 0x9b, 0x9c};

/* First and last bytes of the A-segment's RAM. */
static const uint32_t ends[] = {SMRAM_A_BASE, SMRAM_A_BASE + SMRAM_A_SIZE - ACCESS_BYTES};

static bool read_is(enum view view, uint32_t address, const uint8_t *bytes)
{
    static struct access_list l;

    l.count = 0;
    access_add(&l, address, ACCESS_WIDEST, NULL);
    access_run(view, &l);
    return memcmp(l.access[0].value, bytes, ACCESS_WIDEST) == 0;
}

static void write_to(enum view view, uint32_t address, const uint8_t *bytes)
{
    static struct access_list l;

    l.count = 0;
    access_add(&l, address, ACCESS_WIDEST, bytes);
    access_run(view, &l);
}

static void set(uint8_t smram, uint8_t esmramc)
{
    mch_write8(MCH_ESMRAMC, esmramc);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | smram);
}

/*
 * Does view see or change the A-segment's RAM, through alias, with these registers?  Lays the
 * secret first, by opening SMRAM.
 */
static void expect_closed(enum view view, uint32_t alias, uint8_t smram, uint8_t esmramc,
                          const char *read_id, const char *write_id, const char *sentence)
{
    for (uint32_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        uint32_t address = ends[i] - SMRAM_A_BASE + alias;

        CONTEXT("%s, %u bytes at %#x, SMRAM %#x, ESMRAMC %#x", view_name(view), ACCESS_WIDEST,
                address, smram | SMRAM_C_BASE_SEG, esmramc);
        views_open();
        write_to(VIEW_OUTSIDE, ends[i], secret);
        set(smram, esmramc);
        EXPECT_TRUE(read_id, !read_is(view, address, secret), sentence);
        write_to(view, address, forged);
        views_open();
        EXPECT_TRUE(write_id, read_is(VIEW_OUTSIDE, ends[i], secret), sentence);
    }
    CONTEXT_CLEAR();
}

TEST(smram, a_segment_without_vga, "a closed A-segment is hidden also where no VGA device is",
     SPEC("Q35 MCH datasheet, SMRAM (9Dh), system address map: outside SMM, A0000-BFFFF goes to "
          "PCI Express or DMI unless SMRAM is open"),
     NEEDS("firmware=virgin boot=own"))
{
    expect_closed(VIEW_OUTSIDE, SMRAM_A_BASE, SMRAM_G_SMRAME, 0, "read-outside", "write-outside",
                  "a CPU outside SMM does not reach closed SMRAM");
    expect_closed(VIEW_DMA, SMRAM_A_BASE, SMRAM_G_SMRAME, 0, "read-dma", "write-dma",
                  "a device does not reach closed SMRAM");
    expect_closed(VIEW_OUTSIDE, SMRAM_A_BASE, SMRAM_G_SMRAME, ESMRAMC_H_SMRAME, "read-high",
                  "write-high", "nor while that RAM is the high segment's");
}

TEST(smram, d_open_needs_g_smrame, "D_OPEN shows nothing while G_SMRAME is clear",
     SPEC("Q35 MCH datasheet, SMRAM (9Dh): open, close and lock function only with G_SMRAME"),
     NEEDS("firmware=virgin boot=own vga=std"))
{
    expect_closed(VIEW_OUTSIDE, SMRAM_A_BASE, SMRAM_D_OPEN, 0, "read", "write",
                  "a CPU outside SMM reaches VGA at A0000-BFFFF");
    expect_closed(VIEW_OUTSIDE, SMRAM_HIGH_BASE, SMRAM_D_OPEN, ESMRAMC_H_SMRAME, "read-high",
                  "write-high", "and no SMRAM at FEDA0000-FEDBFFFF");
}

TEST(smram, dma_never_sees_open_smram, "open or not, SMRAM is not for devices",
     SPEC("Q35 MCH datasheet, SMM space: DMI and PCI Express accesses to SMM space are never "
          "allowed"),
     NEEDS("firmware=virgin boot=own vga=std"))
{
    uint8_t open = SMRAM_G_SMRAME | SMRAM_D_OPEN;

    expect_closed(VIEW_DMA, SMRAM_A_BASE, open, 0, "read", "write",
                  "a device does not reach the open A-segment");
    expect_closed(VIEW_DMA, SMRAM_HIGH_BASE, open, ESMRAMC_H_SMRAME, "read-high", "write-high",
                  "a device does not reach the open high segment");
}

TEST(smram, tseg_needs_g_smrame, "T_EN does nothing while G_SMRAME is clear",
     SPEC("Q35 MCH datasheet, SMM space combinations: no SMRAM without G_SMRAME; ESMRAMC (9Eh): "
          "T_EN"),
     NEEDS("firmware=virgin boot=own"))
{
    uint32_t places[] = {mch_low_ram_top() - 8 * MIB, mch_low_ram_top() - ACCESS_BYTES};

    REQUIRE_SMM();
    for (uint32_t view = 0; view <= VIEW_DMA; view++) {
        for (uint32_t i = 0; i < 2; i++) {
            CONTEXT("%s at %#x", view_name(view), places[i]);
            views_open();
            write_to(VIEW_OUTSIDE, places[i], secret);
            set(0, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_8M);
            EXPECT_TRUE("read", read_is(view, places[i], secret), "the memory is ordinary RAM");
            write_to(view, places[i], forged);
            views_open();
            EXPECT_TRUE("write", read_is(VIEW_OUTSIDE, places[i], forged),
                        "and can be written as such");
        }
    }
}

/* On 32-bit CPUs no instruction of the kernel reads 8 bytes at once. */
TEST(smram, hidden_reads_64bit, "8 bytes read at once from hidden SMRAM are ones, as bytes are",
     SPEC("Q35 MCH datasheet, ESMRAMC (9Eh): such cycles go to DMI, where nobody answers; QEMU "
          "f404220e27: reads return FFh"),
     NEEDS("firmware=virgin boot=own arch=x86_64"))
{
    set(SMRAM_G_SMRAME, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_1M);
    EXPECT_EQ("tseg", mmio_read64(mch_low_ram_top() - MIB), UINT64_MAX, "TSEG gives ones");
    if (mch_smbase_window_probe() == SMBASE_WINDOW_ABSENT) {
        SKIP_CHECK("window", "the machine type has no SMRAM at the default SMBASE");
        return;
    }
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    EXPECT_EQ("window", mmio_read64(SMRAM_WINDOW_BASE), UINT64_MAX,
              "SMRAM at the default SMBASE gives ones");
}

TEST(smram, reads_across_the_end, "a read across the end of hidden SMRAM gets the RAM behind it",
     SPEC("Intel SDM vol. 1, 4.1.1: an access that is not aligned reads the bytes at its "
          "addresses; QEMU f404220e27: hidden are 30000h-4FFFFh"),
     NEEDS("firmware=virgin boot=own machine>=pc-q35-5.0"))
{
    uint32_t end = SMRAM_WINDOW_BASE + SMRAM_WINDOW_SIZE;

    if (mch_smbase_window_probe() != SMBASE_WINDOW_OPEN)
        SKIP("the machine type has no SMRAM at the default SMBASE");
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    mmio_write32(end, 0x12345678);
    EXPECT_EQ("2-bytes", mmio_read16(end - 1), 0x78ff, "the second of two bytes is RAM");
    EXPECT_EQ("4-bytes", mmio_read32(end - 1), 0x345678ff, "three of four bytes are RAM");
    EXPECT_EQ("4-bytes-half", mmio_read32(end - 2), 0x5678ffff, "two of four bytes are RAM");
    EXPECT_EQ("4-bytes-last", mmio_read32(end - 3), 0x78ffffff, "the last of four bytes is RAM");
}
