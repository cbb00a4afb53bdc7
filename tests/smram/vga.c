/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Behind the closed A-segment is the VGA device: an open segment hides it, a closed one does
 * not. */
#include "firmware/smm.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/test.h"

/* IBM VGA: graphics controller, register 6, bits 3:2 say which part of A0000-BFFFF it decodes. */
#define VGA_GRAPHICS_INDEX 0x3ce
#define VGA_GRAPHICS_DATA  0x3cf
#define VGA_MISCELLANEOUS  6
#define VGA_MAP_ALL        (0U << 2)
#define VGA_MAP_B8000      (3U << 2)

static void vga_map(uint8_t map)
{
    uint8_t old;

    outb(VGA_GRAPHICS_INDEX, VGA_MISCELLANEOUS);
    old = inb(VGA_GRAPHICS_DATA);
    outb(VGA_GRAPHICS_DATA, (uint8_t)((old & ~VGA_MAP_B8000) | map));
}

static uint64_t SMM_CODE read_a0000(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return mmio_read32(SMRAM_A_BASE);
}

/* Where VGA decodes nothing it answers FFh; RAM would keep what is written. */
static void check_vga(const char *id, const char *sentence)
{
    vga_map(VGA_MAP_B8000);
    mmio_write32(SMRAM_A_BASE, 0);
    EXPECT_EQ(id, mmio_read32(SMRAM_A_BASE), 0xffffffff, sentence);
    vga_map(VGA_MAP_ALL);
    EXPECT_NE(id, mmio_read32(SMRAM_A_BASE), 0xffffffff, sentence);
}

#define MAP                                                                               \
    "Q35 MCH datasheet, legacy address range: A0000-BFFFF is VGA unless SMRAM is there; " \
    "925 datasheet, SMM space combinations"

TEST(smram, vga_behind_a_segment, "A0000-BFFFF is the VGA device's except where SMRAM shows",
     SPEC(MAP), NEEDS("firmware=virgin boot=own vga=std"))
{
    REQUIRE_SMM();
    mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) & (uint8_t)~ESMRAMC_H_SMRAME);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME);
    check_vga("closed", "closed: the VGA device answers");
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG);
    check_vga("off", "without G_SMRAME: the VGA device answers");
    vga_map(VGA_MAP_B8000);
    EXPECT_EQ("off-smm", smm_run(read_a0000, NULL), 0xffffffff, "in SMM as well");
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_OPEN);
    mmio_write32(SMRAM_A_BASE, 0x12345678);
    EXPECT_EQ("open", mmio_read32(SMRAM_A_BASE), 0x12345678, "open: SMRAM covers it");
    mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) | ESMRAMC_H_SMRAME);
    check_vga("high-open", "with H_SMRAME: VGA, though SMRAM is open");
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME);
    check_vga("high-closed", "and closed");
    vga_map(VGA_MAP_B8000);
    EXPECT_EQ("high-smm", smm_run(read_a0000, NULL), 0xffffffff, "in SMM as well");
}

TEST(smram, vga_without_smm, "without SMM, A0000-BFFFF is the VGA device's", SPEC(MAP),
     NEEDS("firmware=virgin boot=own vga=std smm=off"))
{
    check_vga("vga", "the VGA device answers");
}
