/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the PM block is: PMBASE and ACPI_CNTL.ACPI_EN. */
#include <stddef.h>

#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/pci.h"
#include "kernel/test.h"
#include "tests/pm/pm.h"

#define DECODE_SPEC "ICH9 datasheet, PMBASE (D31:F0 40h) and ACPI_CNTL (44h): ACPI_EN"

/* SMI_EN as a mark by which the block is known: bits that do nothing alone. */
#define MARK (SMI_EN_BIOS_EN | SMI_EN_MCSMI_EN)

static bool is_at(uint16_t base)
{
    return (inl(base + SMI_EN) & (MARK | SMI_EN_SLP_SMI_EN)) == MARK;
}

/* The ways by which a driver may write the two registers. */
static void move_by_dword(uint16_t base)
{
    ich9_write32(ICH9_PMBASE, base | 1U);
}

static void move_by_word(uint16_t base)
{
    ich9_write16(ICH9_PMBASE, base | 1U);
}

static void move_by_bytes(uint16_t base)
{
    ich9_write8(ICH9_PMBASE + 1, (uint8_t)(base >> 8));
    ich9_write8(ICH9_PMBASE, (uint8_t)base | 1U);
}

/* For places with the same low byte one write is enough. */
static void move_by_high_byte(uint16_t base)
{
    if ((ich9_read8(ICH9_PMBASE) & 0x80) != (base & 0x80))
        ich9_write8(ICH9_PMBASE, (uint8_t)base | 1U);
    ich9_write8(ICH9_PMBASE + 1, (uint8_t)(base >> 8));
}

static void move_by_ecam(uint16_t base)
{
    if (pci_ecam_base() == 0)
        move_by_dword(base);
    else
        pci_ecam_write32(PCI_BDF_LPC, ICH9_PMBASE, base | 1U);
}

TEST(pm, base_moves, "the PM block is at the 128 bytes that PMBASE names, and nowhere else",
     SPEC(DECODE_SPEC), NEEDS("smm=any firmware=virgin boot=own"))
{
    static const uint16_t bases[] = {0x0600, 0x0680, 0x0b00, 0x1000, 0x4080, 0x8000, 0xff00};
    static void (*const moves[])(uint16_t) = {move_by_dword, move_by_word, move_by_bytes,
                                              move_by_high_byte, move_by_ecam};
    uint16_t home = ich9_pm_enable(), last = home;

    ich9_smi_en_write(MARK);
    REQUIRE_TRUE("home", is_at(home), "the block is decoded");
    for (size_t way = 0; way < sizeof(moves) / sizeof(moves[0]); way++) {
        for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
            CONTEXT("way %u, from %#x to %#x", (unsigned int)way, last, bases[i]);
            moves[way](bases[i]);
            EXPECT_TRUE("moved", is_at(bases[i]), "it is at its new place");
            EXPECT_TRUE("left", bases[i] == last || !is_at(last), "and no longer at the old one");
            EXPECT_EQ("reads", ich9_read32(ICH9_PMBASE), bases[i] | 1U, "PMBASE reads the place");
            last = bases[i];
        }
    }
    CONTEXT_CLEAR();
    move_by_dword(home);
}

/* The ways by which a driver may write RCBA; in parts, it is at other places meanwhile. */
static void rcba_by_dword(uint32_t value)
{
    ich9_write32(ICH9_RCBA, value);
}

static void rcba_by_words(uint32_t value)
{
    ich9_write16(ICH9_RCBA, (uint16_t)value);
    ich9_write16(ICH9_RCBA + 2, (uint16_t)(value >> 16));
}

static void rcba_by_bytes(uint32_t value)
{
    for (uint8_t i = 0; i < 4; i++)
        ich9_write8(ICH9_RCBA + i, (uint8_t)(value >> 8 * i));
}

static void rcba_by_ecam(uint32_t value)
{
    pci_ecam_write32(PCI_BDF_LPC, ICH9_RCBA, value);
}

#define CHIP_MARK       0x3100U /* D31IP: interrupt pins, unused by QEMU's devices */
#define CHIP_MARK_VALUE 0x00012341U

#define CHIP_HOME 0xfed1c000U

static bool chip_is_at(uint32_t base)
{
    return mmio_read32(base + CHIP_MARK) == CHIP_MARK_VALUE;
}

TEST(pm, chip_configuration_widths, "bytes and words of the chip's registers can be written",
     SPEC("ICH9 datasheet, \"Chipset Configuration Registers\": 8-, 16- or 32-bit accesses"),
     NEEDS("smm=any firmware=virgin boot=own"))
{
    uintptr_t mark = CHIP_HOME + CHIP_MARK;

    rcba_by_dword(CHIP_HOME | RCBA_EN);
    mmio_write32(mark, CHIP_MARK_VALUE);
    mmio_write8(mark, 0x21);
    EXPECT_EQ("byte", mmio_read32(mark), 0x00012321, "a byte, and no other");
    mmio_write8(mark + 1, 0x14);
    EXPECT_EQ("byte-1", mmio_read32(mark), 0x00011421, "a byte, and no other");
    mmio_write16(mark, 0x3212);
    EXPECT_EQ("word", mmio_read32(mark), 0x00013212, "a word, and no other");
    EXPECT_EQ("read-byte", mmio_read8(mark + 1), 0x32, "a byte can be read");
    EXPECT_EQ("read-word", mmio_read16(mark + 2), 0x0001, "so can a word");
}

TEST(pm, chip_configuration_moves, "the 16 KiB that RCBA names are the chip's registers, no others",
     SPEC("ICH9 datasheet, RCBA (D31:F0 F0h): BA 31:14, EN; \"Chipset Configuration Registers\""),
     NEEDS("smm=any firmware=virgin boot=own"))
{
    static const uint32_t bases[] = {CHIP_HOME, 0xfed18000, 0xfed14000, 0xc0000000, 0xc0010000};
    static void (*const ways[])(uint32_t) = {rcba_by_dword, rcba_by_words, rcba_by_bytes,
                                             rcba_by_ecam};
    uint32_t last = bases[0];

    pci_ecam_open();
    rcba_by_dword(last | RCBA_EN);
    mmio_write32(last + CHIP_MARK, CHIP_MARK_VALUE);
    for (size_t way = 0; way < sizeof(ways) / sizeof(ways[0]); way++) {
        for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
            CONTEXT("way %u, from %#x to %#x", (unsigned int)way, last, bases[i]);
            ways[way](bases[i] | RCBA_EN);
            EXPECT_TRUE("moved", chip_is_at(bases[i]), "they are at their new place");
            EXPECT_TRUE("left", bases[i] == last || !chip_is_at(last), "not at the old one");
            last = bases[i];
            ways[way](last);
            EXPECT_TRUE("off", !chip_is_at(last), "with EN at 0 nor there");
            ways[way](last | RCBA_EN);
            EXPECT_TRUE("on", chip_is_at(last), "with EN at 1 again");
        }
    }
    CONTEXT_CLEAR();
}

/* The register is eight bits wide; what follows it is reserved. */
static void write_cntl(unsigned int way, uint8_t value)
{
    switch (way) {
    case 0:
        ich9_write8(ICH9_ACPI_CNTL, value);
        break;
    case 1:
        ich9_write16(ICH9_ACPI_CNTL, value);
        break;
    default:
        ich9_write32(ICH9_ACPI_CNTL, value);
        break;
    }
}

TEST(pm, base_disabled, "with ACPI_EN at 0 the PM block is decoded nowhere", SPEC(DECODE_SPEC),
     NEEDS("smm=any firmware=virgin boot=own"))
{
    uint16_t base = ich9_pm_enable();
    uint32_t pmbase = ich9_read32(ICH9_PMBASE);

    ich9_smi_en_write(MARK);
    for (unsigned int i = 0; i < 3; i++) {
        CONTEXT("way %u", i);
        REQUIRE_TRUE("enabled", is_at(base), "the block is decoded with ACPI_EN");
        write_cntl(i, 0);
        EXPECT_EQ("smi-en", inl(base + SMI_EN), 0xffffffff, "a read finds nothing");
        EXPECT_EQ("timer", inl(base + PM1_TMR), 0xffffffff, "nor does one of the PM timer");
        outl(base + SMI_EN, 0);
        EXPECT_EQ("kept", ich9_read32(ICH9_PMBASE), pmbase, "PMBASE keeps the place");
        write_cntl(i, ACPI_CNTL_ACPI_EN);
    }
    CONTEXT_CLEAR();
    EXPECT_TRUE("back", is_at(base), "decoded again, nothing has been written meanwhile");
}
