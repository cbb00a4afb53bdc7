/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PAM0-PAM6: what lies at C0000-FFFFF, right behind the A-segment, in SMM as outside. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/test.h"
#include "tests/mch/ways.h"

#define SEGMENTS 13U
#define PLACES   3U /* first, middle and last dword */

enum attribute { TO_PCI = 0, READ_ONLY = 1, WRITE_ONLY = 2, READ_WRITE = 3 };

struct segment {
    uint32_t base, size;
    uint8_t reg, shift;
};

/* C0000-EFFFF in steps of 16 KiB, a nibble each, then F0000-FFFFF. */
static struct segment segment(uint32_t i)
{
    if (i == SEGMENTS - 1)
        return (struct segment){0xf0000, 0x10000, MCH_PAM0, 4};
    return (struct segment){0xc0000 + i * 0x4000, 0x4000, (uint8_t)(MCH_PAM1 + i / 2),
                            i % 2 ? 4 : 0};
}

static void set(uint32_t i, enum attribute attribute)
{
    struct segment s = segment(i);
    uint8_t other = mch_read8(s.reg) & (uint8_t)(s.shift ? 0x0f : 0xf0);

    mch_write8(s.reg, (uint8_t)(other | (unsigned int)attribute << s.shift));
}

static uint32_t place(uint32_t i, uint32_t k)
{
    struct segment s = segment(i);

    return s.base + (k == 0 ? 0 : k == 1 ? s.size / 2 : s.size - 4);
}

static uint32_t pattern(uint32_t at)
{
    return 0x9bad1deaU ^ at;
}

struct sight {
    uint32_t value[PLACES];
    uint32_t at[PLACES];
    bool write;
};

static uint64_t SMM_CODE look(struct smm_cpu *cpu, void *arg)
{
    struct sight *s = arg;

    (void)cpu;
    for (uint32_t k = 0; k < PLACES; k++) {
        if (s->write)
            mmio_write32(s->at[k], s->value[k]);
        else
            s->value[k] = mmio_read32(s->at[k]);
    }
    return 0;
}

static void by(bool smm, struct sight *s)
{
    if (smm)
        smm_run(look, s);
    else
        look(NULL, s);
}

static void expect_dram(uint32_t i, bool smm, bool dram, const char *id, const char *sentence)
{
    struct sight s = {.write = false};

    for (uint32_t k = 0; k < PLACES; k++)
        s.at[k] = place(i, k);
    by(smm, &s);
    for (uint32_t k = 0; k < PLACES; k++) {
        CONTEXT("4 bytes read at %#x, %s SMM, PAM %#x is %#x", s.at[k], smm ? "in" : "outside",
                segment(i).reg, mch_read8(segment(i).reg));
        EXPECT_TRUE(id, (s.value[k] == pattern(s.at[k])) == dram, sentence);
    }
    CONTEXT_CLEAR();
}

static void write_forged(uint32_t i, bool smm)
{
    struct sight s = {.write = true};

    for (uint32_t k = 0; k < PLACES; k++) {
        s.at[k] = place(i, k);
        s.value[k] = ~pattern(s.at[k]);
    }
    by(smm, &s);
}

static void expect_others(uint32_t i)
{
    for (uint32_t j = 0; j < SEGMENTS; j++) {
        if (j != i)
            expect_dram(j, false, true, "others", "every other segment is DRAM as before");
    }
}

static void lay(uint32_t i, const uint32_t *values)
{
    for (uint32_t k = 0; k < PLACES; k++)
        mmio_write32(place(i, k), values ? values[k] : pattern(place(i, k)));
}

/*
 * On PCI, ROM answers at C0000-DFFFF and F0000-FFFFF.  Between them may be nobody, and then QEMU
 * lets DRAM show through: docs/findings/smram-visible-without-vga.md has the same at A0000.
 */
static bool answered(uint32_t i)
{
    uint32_t base = segment(i).base;

    return base < 0xe0000 || base == 0xf0000;
}

static void check_to_pci(uint32_t i, bool smm)
{
    set(i, TO_PCI);
    expect_dram(i, smm, false, "pci-read", "with RE clear, reads do not go to DRAM");
    write_forged(i, smm);
    set(i, READ_WRITE);
    expect_dram(i, smm, true, "pci-write", "with WE clear, nor do writes");
}

static void check_segment(uint32_t i)
{
    for (uint32_t smm = 0; smm < 2; smm++) {
        if (answered(i))
            check_to_pci(i, smm);
        set(i, READ_ONLY);
        expect_dram(i, smm, true, "read-only", "with RE alone, reads go to DRAM");
        write_forged(i, smm);
        set(i, READ_WRITE);
        expect_dram(i, smm, true, "read-only-write", "and writes do not");
    }
    /* Where reads go then is said by PCI, or by QEMU. */
    set(i, READ_WRITE);
    write_forged(i, false);
    set(i, WRITE_ONLY);
    lay(i, NULL);
    set(i, READ_WRITE);
    expect_dram(i, false, true, "write-only", "with WE alone, writes go to DRAM");
    set(i, TO_PCI);
    write_forged(i, false);
    expect_others(i);
    set(i, READ_WRITE);
    lay(i, NULL);
}

TEST(mch, pam, "PAM says who answers at C0000-FFFFF, segment by segment, in SMM as outside",
     SPEC("Q35 MCH datasheet, PAM0-PAM6 (90h-96h): RE, WE; SMRAM (9Dh): the compatible segment "
          "ends at BFFFF"),
     NEEDS("firmware=virgin boot=own"))
{
    uint32_t before[SEGMENTS][PLACES];
    uint8_t pam[7];

    REQUIRE_SMM();
    for (uint32_t r = 0; r < sizeof(pam); r++)
        pam[r] = mch_read8((uint8_t)(MCH_PAM0 + r));
    for (uint32_t i = 0; i < SEGMENTS; i++) {
        set(i, READ_WRITE);
        for (uint32_t k = 0; k < PLACES; k++)
            before[i][k] = mmio_read32(place(i, k));
        lay(i, NULL);
    }
    for (uint32_t i = 0; i < SEGMENTS; i++)
        check_segment(i);
    for (uint32_t i = 0; i < SEGMENTS; i++)
        lay(i, before[i]);
    for (uint32_t r = 0; r < sizeof(pam); r++)
        mch_write8((uint8_t)(MCH_PAM0 + r), pam[r]);
}

/* PAM4 has a word of its own, PAM0 to PAM3 a dword. */
TEST(mch, pam_wide, "a word or dword of PAM registers takes effect in every segment",
     SPEC("Q35 MCH datasheet, PAM0-PAM6 (90h-96h); PCI Local Bus Specification 3.0, 3.2.2.3.2"),
     NEEDS("firmware=virgin boot=own"))
{
    static const struct {
        uint8_t reg, size;
    } writes[] = {{MCH_PAM0, 4}, {MCH_PAM0 + 4, 2}, {MCH_PAM0, 2}, {MCH_PAM0 + 2, 2}};
    uint32_t before = mch_read32(MCH_PAM0), before4 = mch_read16(MCH_PAM0 + 4);

    pci_ecam_open();
    for (uint32_t n = 0; n < 2 * sizeof(writes) / sizeof(writes[0]); n++) {
        uint8_t reg = writes[n / 2].reg, size = writes[n / 2].size;

        for (uint32_t i = 0; i < SEGMENTS; i++) {
            set(i, READ_WRITE);
            lay(i, NULL);
        }
        /* F0000-FFFFF and C0000-DFFFF, where something answers. */
        mch_write_sized(n & 1, size, reg, size == 4 ? 0 : reg == MCH_PAM0 + 4 ? 0x3333 : 0);
        for (uint32_t i = 0; i < SEGMENTS; i++) {
            bool written = segment(i).reg >= reg && segment(i).reg < reg + size;

            if (answered(i))
                expect_dram(i, false, !written || reg == MCH_PAM0 + 4, "to-pci",
                            "the segments written are PCI's, the others are not");
        }
        mch_write_sized(n & 1, size, reg, 0x33333333);
        for (uint32_t i = 0; i < SEGMENTS; i++)
            expect_dram(i, false, true, "to-dram", "and then all of them are DRAM again");
    }
    mch_write32(MCH_PAM0, before);
    mch_write16(MCH_PAM0 + 4, (uint16_t)before4);
}
