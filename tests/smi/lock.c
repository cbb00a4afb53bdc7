/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMI_LOCK: freezes GBL_SMI_EN and itself, and nothing else, until reset. */
#include <stdbool.h>
#include <stddef.h>

#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/pci.h"
#include "kernel/smp.h"
#include "kernel/test.h"

#define LOCK "ICH9 datasheet, GEN_PMCON_1: SMI_LOCK is R/WO, until PLTRST#; QEMU commit 11e66a15a0"

/* The window may be off: firmware=virgin means registers as after reset. */
static void open_ecam(void)
{
    pci_ecam_open();
    REQUIRE_EQ("ecam", pci_ecam_read16(PCI_BDF_LPC, PCI_VENDOR_ID),
               pci_read16(PCI_BDF_LPC, PCI_VENDOR_ID), "the memory-mapped window works");
}

enum way { CF8_BYTE, CF8_WORD, CF8_DWORD, ECAM_BYTE, ECAM_WORD, ECAM_DWORD, WAYS };

static const char *const way_names[] = {"byte by CF8h", "word by CF8h", "dword by CF8h",
                                        "byte by ECAM", "word by ECAM", "dword by ECAM"};

/* Writes the low byte of GEN_PMCON_1; what lies above it in the wider ways is put back. */
static void write_pmcon_1(enum way way, uint8_t value)
{
    uint32_t old = ich9_read32(ICH9_GEN_PMCON_1);
    uint32_t wide = (old & ~0xffU) | value;

    switch (way) {
    case CF8_BYTE:
        pci_cf8_write8(PCI_BDF_LPC, ICH9_GEN_PMCON_1, value);
        break;
    case CF8_WORD:
        pci_cf8_write16(PCI_BDF_LPC, ICH9_GEN_PMCON_1, (uint16_t)wide);
        break;
    case CF8_DWORD:
        pci_cf8_write32(PCI_BDF_LPC, ICH9_GEN_PMCON_1, wide);
        break;
    case ECAM_BYTE:
        pci_ecam_write8(PCI_BDF_LPC, ICH9_GEN_PMCON_1, value);
        break;
    case ECAM_WORD:
        pci_ecam_write16(PCI_BDF_LPC, ICH9_GEN_PMCON_1, (uint16_t)wide);
        break;
    default:
        pci_ecam_write32(PCI_BDF_LPC, ICH9_GEN_PMCON_1, wide);
        break;
    }
}

static uint32_t global(void)
{
    return ich9_smi_en() & SMI_EN_GBL_SMI_EN;
}

static void set_global(uint32_t value)
{
    ich9_smi_en_write((ich9_smi_en() & ~SMI_EN_GBL_SMI_EN) | value);
}

static void check_free(const char *sentence)
{
    for (uint32_t value = 0; value < 4; value++) {
        set_global(value & 1);
        EXPECT_EQ("free", global(), value & 1, sentence);
    }
}

static void check_frozen(uint32_t value)
{
    for (uint32_t attempt = 0; attempt < 4; attempt++) {
        set_global((value ^ attempt ^ 1) & 1);
        EXPECT_EQ("frozen", global(), value, "under SMI_LOCK, GBL_SMI_EN keeps its value");
    }
}

static void check_others(uint32_t value)
{
    static const uint32_t others[] = {SMI_EN_BIOS_EN, SMI_EN_LEGACY_USB, SMI_EN_SLP_SMI_EN,
                                      SMI_EN_APMC_EN, SMI_EN_MCSMI_EN,   SMI_EN_TCO_EN};
    uint32_t all = 0;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        all |= others[i];
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        ich9_smi_en_write(others[i]);
        EXPECT_BITS("others", ich9_smi_en(), all | SMI_EN_GBL_SMI_EN, others[i] | value,
                    "the other enables stay free");
        ich9_smi_en_write(all & ~others[i]);
        EXPECT_BITS("others", ich9_smi_en(), all | SMI_EN_GBL_SMI_EN, (all & ~others[i]) | value,
                    "the other enables stay free");
    }
    ich9_smi_en_write(0);
    ich9_smi_en_write(SMI_EN_EOS);
    EXPECT_BITS("eos", ich9_smi_en(), SMI_EN_EOS, SMI_EN_EOS, "EOS can still be set");
    ich9_smi_en_write(0);
}

static void check_neighbours(void)
{
    for (unsigned int sel = 0; sel < 4; sel++) {
        ich9_write8(ICH9_GEN_PMCON_1, (uint8_t)(sel | GEN_PMCON_1_SMI_LOCK));
        EXPECT_BITS("rates", ich9_read8(ICH9_GEN_PMCON_1), GEN_PMCON_1_PER_SMI_SEL, sel,
                    "the rates of the timers stay free");
        ich9_write8(ICH9_GEN_PMCON_3, (uint8_t)(sel << 6));
        EXPECT_BITS("rates", ich9_read8(ICH9_GEN_PMCON_3), GEN_PMCON_3_SWSMI_RATE, sel << 6,
                    "the rates of the timers stay free");
    }
}

/* Boot n of this test locks in way (n - 1) / 2 with GBL_SMI_EN at (n - 1) % 2. */
TEST(smi, lock, "SMI_LOCK, set in whatever way, freezes GBL_SMI_EN and itself, and nothing else",
     SPEC(LOCK), NEEDS("firmware=virgin boot=own timeout=40"))
{
    enum way set = (enum way)((test_boot() - 1) / 2);
    uint32_t value = (test_boot() - 1) % 2;

    open_ecam();
    CONTEXT("%s, GBL_SMI_EN %u", way_names[set], value);
    check_free("before, GBL_SMI_EN can be set and cleared");
    set_global(value);
    write_pmcon_1(set, GEN_PMCON_1_SMI_LOCK);
    EXPECT_BITS("locked", ich9_read16(ICH9_GEN_PMCON_1), GEN_PMCON_1_SMI_LOCK, GEN_PMCON_1_SMI_LOCK,
                "SMI_LOCK is 1");
    EXPECT_EQ("kept", global(), value, "setting it changes nothing");
    check_frozen(value);
    for (enum way way = CF8_BYTE; way < WAYS; way++) {
        write_pmcon_1(way, 0);
        EXPECT_BITS("stays", ich9_read16(ICH9_GEN_PMCON_1), GEN_PMCON_1_SMI_LOCK,
                    GEN_PMCON_1_SMI_LOCK, "SMI_LOCK cannot be cleared, in no way");
    }
    check_frozen(value);
    check_others(value);
    check_neighbours();
    check_frozen(value);
    CONTEXT_CLEAR();
    if (test_boot() < WAYS * 2) {
        test_announce_reset();
        ich9_reset();
    }
}

TEST(smi, lock_only_by_its_bit, "nothing but SMI_LOCK freezes GBL_SMI_EN", SPEC(LOCK),
     NEEDS("firmware=virgin boot=own"))
{
    for (unsigned int sel = 0; sel < 4; sel++) {
        CONTEXT("PER_SMI_SEL %u", sel);
        ich9_write8(ICH9_GEN_PMCON_1, (uint8_t)sel);
        EXPECT_BITS("per-smi-sel", ich9_read8(ICH9_GEN_PMCON_1), GEN_PMCON_1_PER_SMI_SEL, sel,
                    "the rate of the periodic timer can be chosen");
        check_free("it does not freeze GBL_SMI_EN");
        CONTEXT("SWSMI_RATE_SEL %u", sel);
        ich9_write8(ICH9_GEN_PMCON_3, (uint8_t)(sel << 6));
        EXPECT_BITS("swsmi-rate", ich9_read8(ICH9_GEN_PMCON_3), GEN_PMCON_3_SWSMI_RATE, sel << 6,
                    "the rate of the software timer can be chosen");
        check_free("it does not freeze GBL_SMI_EN");
    }
    CONTEXT_CLEAR();
    ich9_write8(ICH9_GEN_PMCON_3, GEN_PMCON_1_SMI_LOCK);
    EXPECT_BITS("unlocked", ich9_read8(ICH9_GEN_PMCON_1), GEN_PMCON_1_SMI_LOCK, 0,
                "the same bit of GEN_PMCON_3 is not SMI_LOCK");
    check_free("it does not freeze GBL_SMI_EN");
}

TEST(smi, lock_reset, "a reset sets GBL_SMI_EN free again", SPEC(LOCK),
     NEEDS("firmware=virgin boot=own"))
{
    if (test_boot() == 1) {
        set_global(1);
        write_pmcon_1(CF8_BYTE, GEN_PMCON_1_SMI_LOCK);
        check_frozen(1);
        test_announce_reset();
        ich9_reset();
    }
    EXPECT_EQ("cleared", global(), 0, "GBL_SMI_EN is 0");
    check_free("and can be set and cleared");
    EXPECT_BITS("unlocked", ich9_read8(ICH9_GEN_PMCON_1), GEN_PMCON_1_SMI_LOCK, 0, "SMI_LOCK is 0");
    set_global(0);
    ich9_write8(ICH9_GEN_PMCON_1, 0);
    set_global(1);
    EXPECT_EQ("stays-free", global(), 1, "and stays so when another bit is written");
}

TEST(smi, lock_init, "an INIT of another CPU leaves SMI_LOCK as it is",
     SPEC("ICH9 datasheet, GEN_PMCON_1: cleared by PLTRST# only"),
     NEEDS("smp=2 firmware=virgin boot=own"))
{
    REQUIRE_TRUE("aps", smp_start_all(), "the AP comes up");
    set_global(1);
    write_pmcon_1(CF8_BYTE, GEN_PMCON_1_SMI_LOCK);
    REQUIRE_TRUE("init", smp_start_one(smp_apic_id(1)) != UINT32_MAX,
                 "the AP comes up again after INIT-SIPI-SIPI");
    EXPECT_BITS("locked", ich9_read8(ICH9_GEN_PMCON_1), GEN_PMCON_1_SMI_LOCK, GEN_PMCON_1_SMI_LOCK,
                "SMI_LOCK is 1");
    check_frozen(1);
}
