/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCIEXBAR: where the window of configuration space begins and ends, and when there is none. */
#include "hw/io.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/test.h"
#include "tests/attack/ahci.h"

#define MIB  0x100000U
#define BASE 0xb0000000U

/* Is the MCH's configuration space at this address? */
static bool is_config(uint32_t address)
{
    return mmio_read32(address) == pci_cf8_read32(PCI_BDF_MCH, PCI_VENDOR_ID);
}

static void place(uint32_t low)
{
    mch_write32(MCH_PCIEXBAR, 0);
    mch_write32(MCH_PCIEXBAR + 4, 0);
    mch_write32(MCH_PCIEXBAR, low);
}

#define PCIEXBAR_SPEC                                                                         \
    "Q35 MCH datasheet, PCIEXBAR (60h): enable, length 256, 128 or 64 MiB; PCI Express Base " \
    "Specification, ECAM"

TEST(pci, pciexbar_length, "the window is as long as PCIEXBAR says, and only there when enabled",
     SPEC(PCIEXBAR_SPEC), NEEDS("boot=own"))
{
    static const struct {
        uint32_t length, mib;
    } lengths[] = {
        {PCIEXBAR_LENGTH_256M, 256}, {PCIEXBAR_LENGTH_128M, 128}, {PCIEXBAR_LENGTH_64M, 64}};
    uint32_t before = mch_read32(MCH_PCIEXBAR);

    ahci_init();
    for (unsigned int i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        uint32_t end = BASE + lengths[i].mib * MIB;

        CONTEXT("%u MiB at %#x", lengths[i].mib, BASE);
        /* A device's registers right behind the window show that it has ended. */
        ahci_move(end);
        place(BASE | lengths[i].length | PCIEXBAR_EN);
        EXPECT_TRUE("there", is_config(BASE), "the window begins at its base");
        EXPECT_TRUE("end", ahci_is_at(end), "and what lies behind its end is not covered");
        ahci_move(BASE);
        EXPECT_TRUE("covers", is_config(BASE), "what lies under it is");
        place(BASE | lengths[i].length);
        EXPECT_TRUE("disabled", ahci_is_at(BASE), "without the enable bit there is no window");
    }
    CONTEXT_CLEAR();
    ahci_move(0);
    place(before);
}

/* Which bits of the base count depends on the length: 128 MiB has bit 27 as well, 64 MiB bit 26. */
TEST(pci, pciexbar_base, "the window begins at any multiple of its length",
     SPEC("Q35 MCH datasheet, PCIEXBAR (60h): LENGTH, 128ADMSK (bit 27), 64ADMSK (bit 26); text as "
          "in the G31/P31 datasheet, 317607-001"),
     NEEDS("boot=own"))
{
    static const struct {
        uint32_t length, mib, offset;
    } bases[] = {
        {PCIEXBAR_LENGTH_256M, 256, 0x10000000}, {PCIEXBAR_LENGTH_128M, 128, 0x08000000},
        {PCIEXBAR_LENGTH_64M, 64, 0x04000000},   {PCIEXBAR_LENGTH_64M, 64, 0x08000000},
        {PCIEXBAR_LENGTH_64M, 64, 0x0c000000},
    };
    uint32_t before = mch_read32(MCH_PCIEXBAR);

    ahci_init();
    for (unsigned int i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        uint32_t base = BASE + bases[i].offset;

        CONTEXT("%u MiB at %#x, 4 bytes read in kernel mode", bases[i].mib, base);
        /* A device's registers right in front of the window, then behind it. */
        ahci_move(base - 0x1000);
        place(base | bases[i].length | PCIEXBAR_EN);
        EXPECT_TRUE(i ? "there-narrow" : "there", is_config(base), "the window begins at its base");
        EXPECT_TRUE(i ? "begin-narrow" : "begin", ahci_is_at(base - 0x1000),
                    "what lies before it is not covered");
        ahci_move(base + bases[i].mib * MIB);
        EXPECT_TRUE("end", ahci_is_at(base + bases[i].mib * MIB), "nor what lies behind it");
    }
    CONTEXT_CLEAR();
    ahci_move(0);
    place(before);
}

/* Bits below the length belong to the mask: written or not, they are no part of the base. */
TEST(pci, pciexbar_mask, "bits of the base below the window's length do not count",
     SPEC("Q35 MCH datasheet, PCIEXBAR (60h): 128ADMSK and 64ADMSK are part of the base or of the "
          "mask (RO, read 0); bits 25:3 reserved; text as in 317607-001"),
     NEEDS("boot=own"))
{
    static const struct {
        uint32_t length, bits;
    } masks[] = {
        {PCIEXBAR_LENGTH_256M, 0x08000000},
        {PCIEXBAR_LENGTH_256M, 0x04000000},
        {PCIEXBAR_LENGTH_256M, 0x0c000000},
        {PCIEXBAR_LENGTH_128M, 0x04000000},
    };
    uint32_t before = mch_read32(MCH_PCIEXBAR);

    for (unsigned int i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        CONTEXT("PCIEXBAR %#x", BASE | masks[i].bits | masks[i].length | PCIEXBAR_EN);
        place(BASE | masks[i].bits | masks[i].length | PCIEXBAR_EN);
        EXPECT_TRUE(masks[i].length ? "there-narrow" : "there", is_config(BASE),
                    "the window is where the other bits say");
        EXPECT_BITS("read-0", mch_read32(MCH_PCIEXBAR), masks[i].bits, 0, "they read as 0");
    }
    CONTEXT_CLEAR();
    place(before);
}

TEST(pci, pciexbar_above_4g, "a window above 4 GiB is not below, and the upper half places it, too",
     SPEC("Q35 MCH datasheet, PCIEXBAR (60h): 64 bits, base address in bits 35:28"),
     NEEDS("boot=own"))
{
    uint32_t before = mch_read32(MCH_PCIEXBAR);

    place(BASE | PCIEXBAR_LENGTH_256M | PCIEXBAR_EN);
    REQUIRE_TRUE("there", is_config(BASE), "the window is below 4 GiB");
    for (uint32_t high = 1; high < 16; high <<= 1) {
        CONTEXT("upper half %#x", high);
        mch_write32(MCH_PCIEXBAR + 4, high);
        EXPECT_EQ("kept", mch_read32(MCH_PCIEXBAR + 4), high, "bits 35:32 can be written");
        EXPECT_TRUE("moved", !is_config(BASE), "the write moves the window away");
        place(0);
        mch_write32(MCH_PCIEXBAR + 4, high);
        mch_write32(MCH_PCIEXBAR, BASE | PCIEXBAR_LENGTH_256M | PCIEXBAR_EN);
        EXPECT_TRUE("not-below", !is_config(BASE), "enabled up there, it is not below");
        mch_write32(MCH_PCIEXBAR + 4, 0);
        EXPECT_TRUE("back", is_config(BASE), "without the upper bits it is");
    }
    CONTEXT_CLEAR();
    place(before);
}

TEST(pci, pciexbar_d_lck, "D_LCK holds neither the window nor the query of the extended TSEG",
     SPEC("Q35 MCH datasheet, SMRAM (9Dh): what becomes read-only by D_LCK; QEMU 2f295167e0"),
     NEEDS("boot=own machine>=pc-q35-2.10 global=mch.extended-tseg-mbytes=48"))
{
    static const uint32_t bases[] = {BASE, 0xd0000000, BASE};

    place(0);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_LCK);
    REQUIRE_TRUE("locked", mch_locked(), "D_LCK is set");
    for (unsigned int i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        CONTEXT("base %#x", bases[i]);
        mch_write32(MCH_PCIEXBAR, bases[i] | PCIEXBAR_LENGTH_64M | PCIEXBAR_EN);
        EXPECT_TRUE("moves", is_config(bases[i]), "the window can be placed and moved");
        EXPECT_TRUE("left", !is_config(bases[i] ^ BASE ^ 0xd0000000), "and is nowhere else");
    }
    CONTEXT_CLEAR();
    mch_write32(MCH_PCIEXBAR, BASE);
    EXPECT_TRUE("off", !is_config(BASE), "and switched off");
    mch_write16(MCH_EXT_TSEG_MBYTES, EXT_TSEG_QUERY);
    EXPECT_EQ("query", mch_read16(MCH_EXT_TSEG_MBYTES), 48, "the query is answered");
}

TEST(pci, ecam_offset, "the window's offsets above FFh lead to no register below",
     SPEC("PCI Express Base Specification, ECAM: address bits 11:0 are the register number"),
     NEEDS("boot=own"))
{
    uint8_t smram = mch_read8(MCH_SMRAM);

    if (mch_locked())
        SKIP("the firmware has set D_LCK");
    place(BASE | PCIEXBAR_LENGTH_256M | PCIEXBAR_EN);
    for (uint16_t page = 0x100; page < 0x1000; page = (uint16_t)(page + 0x100)) {
        CONTEXT("offset %#x", page + MCH_SMRAM);
        pci_ecam_write8(PCI_BDF_MCH, (uint16_t)(page + MCH_SMRAM), smram ^ SMRAM_D_CLS);
        EXPECT_EQ("smram", mch_read8(MCH_SMRAM), smram, "SMRAM is what it was");
    }
    CONTEXT_CLEAR();
}
