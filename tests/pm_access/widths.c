/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PM block by 8, 16 and 32-bit accesses: the same registers whatever the width. */
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/test.h"

#define WIDTHS "ICH9 datasheet, 13.8.3 \"Power Management I/O Registers\": bytes, words and dwords"

/* Storage without side effects as long as nothing looks at it: event enables without an event,
 * a sleep type without SLP_EN. */
#define EN_VALUE  0x0521U /* RTC, PWRBTN, GBL, TMROF */
#define CNT_VALUE 0x1401U /* SLP_TYP 5, SCI_EN */

static uint16_t require_base(void)
{
    uint16_t base = ich9_pmbase();

    REQUIRE_TRUE("decoded", base != 0, "the PM block is decoded");
    return base;
}

/* Not outb(): QEMU 5.2 hands more of EAX than AL to the device, so all of it has to be known. */
static void write_byte(uint16_t port, uint32_t value)
{
    __asm__ volatile("outb %b0, %1" : : "a"(value), "Nd"(port) : "memory");
}

TEST(pm_access, pm1_words, "PM1_EN and PM1_CNT keep what 16-bit accesses store, each for itself",
     SPEC(WIDTHS "; ACPI 6.3, 4.8.3.1 and 4.8.3.2"), NEEDS("boot=own smm=any"))
{
    static const uint16_t values[] = {0x0001, 0x0020, 0x0100, 0x0400, 0x0521, 0x0000};
    uint16_t base = require_base();
    uint16_t control = inw(base + PM1_CNT);

    for (unsigned int i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        CONTEXT("value %#x", values[i]);
        outw(base + PM1_EN, values[i]);
        EXPECT_EQ("enable", inw(base + PM1_EN), values[i], "PM1_EN reads what was written");
        EXPECT_EQ("control", inw(base + PM1_CNT), control, "PM1_CNT does not change");
    }
    for (uint16_t typ = 0; typ < 8; typ++) {
        uint16_t wanted = (uint16_t)(PM1_CNT_SLP_TYP(typ) | (control & PM1_CNT_SCI_EN));

        CONTEXT("SLP_TYP %u", typ);
        outw(base + PM1_CNT, wanted);
        EXPECT_EQ("sleep-type", inw(base + PM1_CNT), wanted, "PM1_CNT reads what was written");
        EXPECT_EQ("enable-kept", inw(base + PM1_EN), 0, "PM1_EN does not change");
    }
    CONTEXT_CLEAR();
    outw(base + PM1_CNT, control);
}

TEST(pm_access, pm1_bytes, "the bytes of PM1_EN and PM1_CNT can be read and written", SPEC(WIDTHS),
     NEEDS("boot=own"))
{
    uint16_t base = require_base();

    outw(base + PM1_EN, EN_VALUE);
    outw(base + PM1_CNT, CNT_VALUE);
    EXPECT_EQ("enable-low", inb(base + PM1_EN), EN_VALUE & 0xff, "the low byte of PM1_EN");
    EXPECT_EQ("enable-high", inb(base + PM1_EN + 1), EN_VALUE >> 8, "the high byte of PM1_EN");
    EXPECT_EQ("control-low", inb(base + PM1_CNT), CNT_VALUE & 0xff, "the low byte of PM1_CNT");
    EXPECT_EQ("control-high", inb(base + PM1_CNT + 1), CNT_VALUE >> 8, "the high byte of PM1_CNT");
    write_byte(base + PM1_EN + 1, 0x04);
    EXPECT_EQ("write-high", inw(base + PM1_EN), 0x0400 | (EN_VALUE & 0xff),
              "a byte written to the high half of PM1_EN changes that half");
    outw(base + PM1_EN, EN_VALUE);
    write_byte(base + PM1_EN, 0x01);
    EXPECT_EQ("write-low", inw(base + PM1_EN), (EN_VALUE & 0xff00) | 0x01,
              "a byte written to the low half of PM1_EN changes that half");
    outw(base + PM1_EN, 0);
    outw(base + PM1_CNT, 0);
}

TEST(pm_access, pm1_dwords, "one 32-bit access reaches PM1_STS and PM1_EN, another one PM1_CNT",
     SPEC(WIDTHS "; PM1_CNT is a 32-bit register"), NEEDS("boot=own"))
{
    uint16_t base = require_base();

    outw(base + PM1_EN, EN_VALUE);
    outw(base + PM1_CNT, CNT_VALUE);
    EXPECT_EQ("read-event", inl(base + PM1_STS) >> 16, EN_VALUE, "the upper half is PM1_EN");
    EXPECT_EQ("read-control", inl(base + PM1_CNT), CNT_VALUE,
              "PM1_CNT, whose upper half is reserved and reads 0");
    outl(base + PM1_STS, 0x0020U << 16);
    EXPECT_EQ("write-event", inw(base + PM1_EN), 0x0020, "a 32-bit write sets PM1_EN");
    outl(base + PM1_CNT, PM1_CNT_SLP_TYP(1));
    EXPECT_EQ("write-control", inw(base + PM1_CNT), PM1_CNT_SLP_TYP(1),
              "a 32-bit write sets PM1_CNT");
    outw(base + PM1_EN, 0);
    outw(base + PM1_CNT, 0);
}

TEST(pm_access, gpe0, "GPE0_EN is the same register for bytes, words and dwords",
     SPEC(WIDTHS "; ACPI 6.3, 4.8.4.1 \"General-Purpose Event Register Blocks\": byte access"),
     NEEDS("boot=own smm=any"))
{
    uint16_t base = require_base() + GPE0_EN;

    /* HOTPLUG and SWGPE in byte 0, GPIs in bytes 2 and 3. */
    outl(base, 0xa55a0006);
    EXPECT_EQ("dword", inl(base), 0xa55a0006, "it reads what was written");
    EXPECT_EQ("low-word", inw(base), 0x0006, "by words");
    EXPECT_EQ("high-word", inw(base + 2), 0xa55a, "by words");
    EXPECT_EQ("byte-0", inb(base), 0x06, "by bytes");
    EXPECT_EQ("byte-2", inb(base + 2), 0x5a, "by bytes");
    EXPECT_EQ("byte-3", inb(base + 3), 0xa5, "by bytes");
    outb(base + 2, 0x81);
    EXPECT_EQ("byte-write", inl(base), 0xa5810006, "a byte written changes that byte");
    outw(base, 0x0004);
    EXPECT_EQ("word-write", inl(base), 0xa5810004, "a word written changes that word");
    outl(base, 0);
    EXPECT_EQ("cleared", inl(base), 0, "a dword written changes all of it");
}

/* SMI_EN bits that can be written whatever is locked, one in each byte that has any; none of them
 * raises an SMI by itself. */
#define SMI_EN_BYTE0 SMI_EN_BIOS_EN
#define SMI_EN_BYTE1 SMI_EN_MCSMI_EN
#define SMI_EN_BYTE2 (BIT(17) | BIT(18)) /* LEGACY_USB2_EN, INTEL_USB2_EN */
#define SMI_EN_MIX   (SMI_EN_BYTE0 | SMI_EN_BYTE1 | SMI_EN_BYTE2)

TEST(pm_access, smi_en_dword, "SMI_EN keeps its enables through 32-bit accesses",
     SPEC("ICH9 datasheet, SMI_EN: 32 bits, R/W"), NEEDS("boot=own"))
{
    uint16_t base = require_base() + SMI_EN;
    uint32_t before = inl(base);

    outl(base, before | SMI_EN_MIX);
    EXPECT_BITS("set", inl(base), SMI_EN_MIX, SMI_EN_MIX, "enables can be set");
    outl(base, before & ~SMI_EN_MIX);
    EXPECT_BITS("cleared", inl(base), SMI_EN_MIX, 0, "and cleared");
    for (uint32_t set = 0; set <= SMI_EN_MIX; set += SMI_EN_MIX) {
        outl(base, (before & ~SMI_EN_MIX) | set);
        outl(base + SMI_STS - SMI_EN, 0xffffffff);
        EXPECT_BITS("status", inl(base), SMI_EN_MIX, set, "a write to SMI_STS changes none");
        outl(base + SMI_STS - SMI_EN, 0);
        EXPECT_BITS("status-0", inl(base), SMI_EN_MIX, set, "whatever is written");
    }
    outl(base, before);
}

TEST(pm_access, smi_en_narrow, "SMI_EN is the same register for bytes and words", SPEC(WIDTHS),
     NEEDS("boot=own"))
{
    uint16_t base = require_base() + SMI_EN;
    uint32_t before = inl(base);

    outl(base, before | SMI_EN_MIX);
    EXPECT_BITS("read-byte", inb(base + 1), SMI_EN_BYTE1 >> 8, SMI_EN_BYTE1 >> 8,
                "a byte can be read");
    EXPECT_BITS("read-word", inw(base), SMI_EN_BYTE0 | SMI_EN_BYTE1, SMI_EN_BYTE0 | SMI_EN_BYTE1,
                "a word can be read");
    outb(base + 1, 0);
    EXPECT_BITS("write-byte", inl(base), SMI_EN_MIX, SMI_EN_MIX & ~SMI_EN_BYTE1,
                "a byte can be written, and nothing else changes");
    outl(base, before | SMI_EN_MIX);
    outw(base + 2, 0);
    EXPECT_BITS("write-word", inl(base), SMI_EN_MIX, SMI_EN_MIX & ~SMI_EN_BYTE2,
                "a word can be written, and nothing else changes");
    outl(base, before);
}

TEST(pm_access, pmbase_reserved, "PMBASE says I/O space in bit 0, read-only; bits 6:1 are 0",
     SPEC("ICH9 datasheet, PMBASE (D31:F0 40h): 15:7 R/W, bit 0 RO 1, others RO 0"),
     NEEDS("boot=own"))
{
    uint32_t address = ich9_read32(ICH9_PMBASE) & PMBASE_ADDRESS;

    REQUIRE_EQ("decoded", ich9_pmbase(), address, "the PM block is decoded");
    ich9_write32(ICH9_PMBASE, address | 0x7f);
    EXPECT_BITS("set", ich9_read32(ICH9_PMBASE), 0x7f, 1, "none of them can be set");
    ich9_write32(ICH9_PMBASE, address);
    EXPECT_BITS("cleared", ich9_read32(ICH9_PMBASE), 0x7f, 1, "bit 0 cannot be cleared");
    EXPECT_BITS("address", ich9_read32(ICH9_PMBASE), PMBASE_ADDRESS, address,
                "the address stays meanwhile");
    ich9_write32(ICH9_PMBASE, address | 1);
}
