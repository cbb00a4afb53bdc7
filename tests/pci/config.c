/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space: two ways to the same registers.  A lock that holds on one of them only would
 * be none. */
#include "hw/io.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/test.h"

TEST(pci, chipset, "the MCH, the LPC bridge and the SMBus controller are where Q35 has them",
     SPEC("QEMU docs/system/i386 (q35); Q35 MCH and ICH9 datasheets: D0:F0, D31:F0, D31:F3"),
     NEEDS("smm=any"))
{
    EXPECT_EQ("mch", pci_read16(PCI_BDF_MCH, PCI_VENDOR_ID), 0x8086, "00:00.0 is an Intel device");
    EXPECT_EQ("mch-id", pci_read16(PCI_BDF_MCH, PCI_DEVICE_ID), 0x29c0,
              "of the 3 series: 29C0h (QEMU commit d4715481de)");
    EXPECT_EQ("lpc", pci_read32(PCI_BDF_LPC, PCI_VENDOR_ID), 0x29188086,
              "00:1f.0 is the ICH9 LPC bridge");
    EXPECT_EQ("smbus", pci_read32(PCI_BDF_SMBUS, PCI_VENDOR_ID), 0x29308086,
              "00:1f.3 is the ICH9 SMBus controller");
    EXPECT_EQ("empty", pci_read32(PCI_BDF(0, 0x1f, 7), PCI_VENDOR_ID), 0xffffffff,
              "a function that is not there reads as ones");
}

TEST(pci, buses, "bus 0 answers as bus 0 only",
     SPEC("PCI Local Bus Specification 3.0, 3.2.2.3.2: "
          "bits 23:16 are the bus; PCI Express Base Specification, ECAM: address bits 27:20"),
     NEEDS("boot=own smm=any"))
{
    static const uint16_t functions[] = {PCI_BDF_MCH, PCI_BDF_LPC, PCI_BDF_SMBUS};

    pci_ecam_open();
    for (uint32_t bus = 1; bus < 256; bus++) {
        for (unsigned int i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
            uint16_t function = (uint16_t)(functions[i] | bus << 8);

            CONTEXT("bus %u, device and function %#x", bus, functions[i]);
            EXPECT_EQ("cf8", pci_cf8_read32(function, PCI_VENDOR_ID), 0xffffffff,
                      "nobody is there by CF8h");
            EXPECT_EQ("ecam", pci_ecam_read32(function, PCI_VENDOR_ID), 0xffffffff,
                      "nor in the window");
        }
    }
    CONTEXT_CLEAR();
}

TEST(pci, config_address, "CF8h keeps what is written to it, so that an SMI can put it back",
     SPEC("PCI Local Bus Specification 3.0, 3.2.2.3.2: CONFIG_ADDRESS is a 32-bit R/W register"),
     NEEDS("smm=any"))
{
    static const uint32_t values[] = {0x80000000, 0x8000f840, 0x80ff00fc, 0x00000000};
    uint32_t old = inl(PCI_CONFIG_ADDRESS);

    for (unsigned int i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        CONTEXT("value %#x", values[i]);
        outl(PCI_CONFIG_ADDRESS, values[i]);
        EXPECT_EQ("kept", inl(PCI_CONFIG_ADDRESS), values[i], "the register reads back");
        (void)pci_cf8_read32(PCI_BDF_MCH, PCI_VENDOR_ID);
        EXPECT_EQ("restored", inl(PCI_CONFIG_ADDRESS), values[i],
                  "an access in between, as an SMI handler makes, leaves no trace");
    }
    CONTEXT_CLEAR();
    outl(PCI_CONFIG_ADDRESS, old);
}

TEST(pci, ecam, "the memory-mapped window shows and changes the same registers as CF8h/CFCh",
     SPEC("PCI Express Base Specification, \"Enhanced Configuration Access Mechanism\"; Q35 MCH "
          "datasheet, PCIEXBAR (60h)"),
     NEEDS("boot=own"))
{
    static const uint16_t functions[] = {PCI_BDF_MCH, PCI_BDF_LPC, PCI_BDF_SMBUS};
    uint8_t smram;

    if (!pci_ecam_base()) {
        pci_ecam_open();
        REQUIRE_EQ("base", pci_ecam_base(), PCI_ECAM_DEFAULT, "the window can be placed");
    }
    for (unsigned int i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        for (unsigned int reg = 0; reg < 256; reg += 4) {
            uint32_t value = pci_cf8_read32(functions[i], (uint8_t)reg);

            CONTEXT("function %#x, register %#x", functions[i], reg);
            EXPECT_EQ("dword", pci_ecam_read32(functions[i], (uint16_t)reg), value,
                      "all 256 bytes are the same on both ways");
            EXPECT_EQ("word", pci_ecam_read16(functions[i], (uint16_t)(reg + 2)), value >> 16,
                      "also by words");
            EXPECT_EQ("byte", pci_ecam_read8(functions[i], (uint16_t)(reg + 1)), value >> 8 & 0xff,
                      "and bytes");
        }
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("empty", pci_ecam_read32(PCI_BDF(0, 0x1f, 7), 0), 0xffffffff,
              "a function that is not there reads as ones");

    smram = mch_read8(MCH_SMRAM);
    if (mch_locked())
        SKIP("the firmware has set D_LCK");
    pci_ecam_write8(PCI_BDF_MCH, MCH_SMRAM, smram | SMRAM_D_LCK);
    EXPECT_BITS("lock", pci_cf8_read8(PCI_BDF_MCH, MCH_SMRAM), SMRAM_D_LCK, SMRAM_D_LCK,
                "a lock set through the window holds for CF8h/CFCh too");
    pci_cf8_write8(PCI_BDF_MCH, MCH_SMRAM, (uint8_t)(smram & ~SMRAM_D_LCK));
    EXPECT_BITS("locked", pci_ecam_read8(PCI_BDF_MCH, MCH_SMRAM), SMRAM_D_LCK, SMRAM_D_LCK,
                "and CF8h/CFCh cannot clear it");
}

TEST(pci, enable_bit, "CFCh is no configuration space while bit 31 of CF8h is clear",
     SPEC("PCI Local Bus Specification 3.0, 3.2.2.3.2: bit 31, Enable"), NEEDS("boot=own"))
{
    uint32_t id = pci_cf8_read32(PCI_BDF_MCH, PCI_VENDOR_ID);
    uint8_t smram = mch_read8(MCH_SMRAM);

    outl(PCI_CONFIG_ADDRESS, (uint32_t)PCI_BDF_MCH << 8 | PCI_VENDOR_ID);
    EXPECT_NE("read", inl(PCI_CONFIG_DATA), id, "reads do not reach the MCH");
    outl(PCI_CONFIG_ADDRESS, (uint32_t)PCI_BDF_MCH << 8 | (MCH_SMRAM & ~3U));
    outb(PCI_CONFIG_DATA + (MCH_SMRAM & 3), smram ^ SMRAM_D_CLS);
    EXPECT_EQ("write", mch_read8(MCH_SMRAM), smram, "nor do writes");
}

/* CF9h is RST_CNT, so no write may cover it. */
TEST(pci, address_width, "CF8h takes 32-bit writes only",
     SPEC("PCI Local Bus Specification 3.0, 3.2.2.3.2: only full DWORD writes are for "
          "CONFIG_ADDRESS"),
     NEEDS("smm=any"))
{
    uint32_t old = inl(PCI_CONFIG_ADDRESS);
    uint32_t value = 0x8000f844;

    outl(PCI_CONFIG_ADDRESS, value);
    outb(PCI_CONFIG_ADDRESS, 0x10);
    EXPECT_EQ("byte", inl(PCI_CONFIG_ADDRESS), value, "a byte does not change it");
    outw(PCI_CONFIG_ADDRESS + 2, 0x8001);
    EXPECT_EQ("word", inl(PCI_CONFIG_ADDRESS), value, "nor does a word");
    outl(PCI_CONFIG_ADDRESS, old);
}

#define AHCI      PCI_BDF(0, 0x1f, 2)
#define AHCI_BAR5 0x24

TEST(pci, all_bytes, "a dword written to a base address register arrives whole",
     SPEC("PCI Local Bus Specification 3.0, 6.2.5.1"), NEEDS("boot=own"))
{
    static const uint32_t values[] = {0xe0001000, 0x91fe5000, 0xefefa000};
    uint32_t old = pci_cf8_read32(AHCI, AHCI_BAR5);

    if (pci_cf8_read32(AHCI, 0x08) >> 8 != 0x010601)
        ERROR("00:1f.2 is no AHCI controller");
    for (unsigned int i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        CONTEXT("value %#x", values[i]);
        pci_cf8_write32(AHCI, AHCI_BAR5, values[i]);
        EXPECT_EQ("dword", pci_cf8_read32(AHCI, AHCI_BAR5), values[i], "all bytes are there");
        pci_cf8_write32(AHCI, AHCI_BAR5, 0);
        for (uint8_t byte = 0; byte < 4; byte++)
            pci_cf8_write8(AHCI, (uint8_t)(AHCI_BAR5 + byte), (uint8_t)(values[i] >> 8 * byte));
        EXPECT_EQ("bytes", pci_cf8_read32(AHCI, AHCI_BAR5), values[i], "also one by one");
        pci_cf8_write32(AHCI, AHCI_BAR5, 0);
        pci_cf8_write16(AHCI, AHCI_BAR5, (uint16_t)values[i]);
        pci_cf8_write16(AHCI, AHCI_BAR5 + 2, (uint16_t)(values[i] >> 16));
        EXPECT_EQ("words", pci_cf8_read32(AHCI, AHCI_BAR5), values[i], "and two by two");
    }
    CONTEXT_CLEAR();
    pci_cf8_write32(AHCI, AHCI_BAR5, old);
}

/* Port CFDh, 16 bit: bytes 1 and 2 of the dword that CF8h names. */
TEST(pci, odd_word, "a word in the middle of a dword of configuration space is read and written",
     SPEC("PCI Local Bus Specification 3.0, 3.2.2.3.2: CONFIG_DATA, byte enables are the "
          "processor's"),
     NEEDS("boot=own"))
{
    uint32_t ids = mch_read32(PCI_VENDOR_ID);
    uint8_t smram = mch_read8(MCH_SMRAM), esmramc = mch_read8(MCH_ESMRAMC);
    uint8_t changed = smram ^ SMRAM_D_CLS;

    EXPECT_EQ("read", mch_read16(PCI_VENDOR_ID + 1), ids >> 8 & 0xffff,
              "it has the bytes that the dword has");
    mch_write16(MCH_SMRAM, (uint16_t)(esmramc << 8 | changed));
    EXPECT_EQ("written", mch_read8(MCH_SMRAM), changed, "and what is written to it arrives");
    EXPECT_EQ("other", mch_read8(MCH_ESMRAMC), esmramc, "in both bytes");
    mch_write8(MCH_SMRAM, smram);
}
