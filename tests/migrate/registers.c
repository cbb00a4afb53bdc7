/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chipset registers over a migration: every byte as it was, and what it stands for with it. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/host.h"
#include "kernel/memory.h"
#include "kernel/test.h"
#include "tests/migrate/migrate.h"

#define HERE "firmware=virgin boot=own host=migrate "

#define PM_BASE    0xb00
#define RCBA_BASE  0xfed1c000U
#define RCBA_FIRST 0x3000
#define RCBA_BYTES 0x500

/* These start timers. */
#define SMI_EN_TIMERS (SMI_EN_SWSMI_TMR_EN | SMI_EN_PERIODIC_EN)

static struct space {
    uint8_t mch[256], lpc[256];
    uint8_t pm[ICH9_PM_SIZE]; /* without what counts */
    uint8_t tco[6];           /* registers of 8 bits: what a word reads of two is not asked here */
    uint8_t gpe0[16];         /* status and enable, without byte 0 of each */
    uint32_t smi[2];          /* SMI_EN, SMI_STS: 32-bit accesses only, on QEMU */
    uint8_t apm[2], rst_cnt;
    uint32_t rcba[RCBA_BYTES / 4];
} before, after;

static void look(struct space *s)
{
    static const uint8_t tco[] = {TCO_DAT_IN,   TCO_DAT_OUT,    TCO_MESSAGE1,
                                  TCO_MESSAGE2, TCO_BASE + 0xe, TCO_BASE + 0x10};

    for (uint32_t i = 0; i < 256; i++) {
        s->mch[i] = mch_read8((uint8_t)i);
        s->lpc[i] = ich9_read8((uint8_t)i);
    }
    for (uint8_t i = 0; i < ICH9_PM_SIZE; i += 2) {
        uint16_t value = ich9_pm_read16(i);
        bool gpe0 = i >= GPE0_STS && i < GPE0_STS + 16;

        if (gpe0) {
            s->gpe0[i - GPE0_STS] = (uint8_t)value;
            s->gpe0[i - GPE0_STS + 1] = (uint8_t)(value >> 8);
            value = i % 8 ? 0 : value & 0xff;
        }
        if (i == PM1_STS)
            value &= (uint16_t)~PM1_STS_TMROF;
        if (i == PM1_TMR || i == PM1_TMR + 2)
            value = 0;
        s->pm[i] = (uint8_t)value;
        s->pm[i + 1] = (uint8_t)(value >> 8);
    }
    s->gpe0[0] = s->gpe0[8] = 0;
    for (size_t i = 0; i < sizeof(tco); i++)
        s->tco[i] = ich9_pm_read8(tco[i]);
    s->smi[0] = ich9_pm_read32(SMI_EN);
    s->smi[1] = ich9_pm_read32(SMI_STS);
    s->apm[0] = inb(APM_CNT);
    s->apm[1] = inb(APM_STS);
    s->rst_cnt = inb(RST_CNT);
    for (uint32_t i = 0; i < RCBA_BYTES / 4; i++)
        s->rcba[i] = mmio_read32(RCBA_BASE + RCBA_FIRST + 4 * i);
}

/* Values that no reset gives; x: their bits, or the complement's. */
static void fill(uint32_t x)
{
    outb(APM_STS, (uint8_t)(x >> 8));
    ich9_smi_en_write(0);
    outb(APM_CNT, (uint8_t)(x | 0x80));
    ich9_smi_en_write(x & ~SMI_EN_TIMERS);
    outb(RST_CNT, x & 1 ? RST_CNT_SYS_RST : RST_CNT_FULL_RST);
    ich9_pm_write16(PM1_EN, (uint16_t)x);
    ich9_pm_write16(PM1_CNT, (uint16_t)(PM1_CNT_SLP_TYP(x & 7) | (x & 3)));
    for (uint8_t i = 0; i < 8; i++)
        ich9_pm_write8(GPE0_EN + i, (uint8_t)(x >> i));
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT);
    ich9_pm_write16(TCO_RLD, (uint16_t)(x & 0x3ff));
    ich9_pm_write8(TCO_DAT_IN, (uint8_t)(x >> 4)); /* an SMI */
    ich9_pm_write16(TCO2_CNT, (uint16_t)(x & 0x3e));
    ich9_pm_write8(TCO_DAT_OUT, (uint8_t)(x >> 5));
    ich9_pm_write8(TCO_MESSAGE1, (uint8_t)(x >> 6));
    ich9_pm_write8(TCO_MESSAGE2, (uint8_t)(x >> 7));
    ich9_pm_write8(TCO_BASE + 0x0e, (uint8_t)(x >> 8));
    ich9_pm_write8(TCO_BASE + 0x10, (uint8_t)(x & 3));
    ich9_pm_write16(TCO_TMR, (uint16_t)(x & 0x3ff));
    ich9_write8(ICH9_GEN_PMCON_1, (uint8_t)(x & GEN_PMCON_1_PER_SMI_SEL));
    ich9_write8(ICH9_GEN_PMCON_3, (uint8_t)x);
    for (uint8_t i = 0; i < 4; i++) {
        ich9_write8(0x60 + i, (uint8_t)(0x80 | ((x >> i) & 0xf)));
        ich9_write8(0x68 + i, (uint8_t)(0x80 | ((x >> (i + 4)) & 0xf)));
        mmio_write16(RCBA_BASE + 0x3140 + 2 * i, (uint16_t)((x >> i) & 0x7777));
    }
    mch_write16(MCH_EXT_TSEG_MBYTES, (uint16_t)(x & 0xf)); /* TSEG must not cover the kernel */
    mch_write8(MCH_ESMRAMC, (uint8_t)(x & (ESMRAMC_T_EN | ESMRAMC_TSEG_SZ | ESMRAMC_H_SMRAME)));
    mch_write8(MCH_SMRAM, (uint8_t)(SMRAM_C_BASE_SEG | (x & (SMRAM_G_SMRAME | SMRAM_D_CLS))));
}

/* PWRBTN_STS set, or clear. */
static void press_power_button(bool press)
{
    if (press) {
        ich9_pm_write16(PM1_EN, PM1_STS_PWRBTN);
        host_do("hmp system_powerdown");
        if (!WAIT_FOR(ich9_pm_read16(PM1_STS) & PM1_STS_PWRBTN, PATIENCE_MS))
            ERROR("the power button has no effect");
    } else
        ich9_pm_write16(PM1_STS, PM1_STS_PWRBTN);
}

static void compare(void)
{
    look(&before);
    migrate();
    look(&after);
    EXPECT_MEM("mch", after.mch, before.mch, sizeof(before.mch),
               "the MCH's configuration registers are what they were");
    EXPECT_MEM("lpc", after.lpc, before.lpc, sizeof(before.lpc),
               "so are those of the LPC bridge, the locks among them");
    EXPECT_MEM("pm", after.pm, before.pm, sizeof(before.pm), "and the PM block, PM1 and TCO");
    EXPECT_MEM("tco", after.tco, before.tco, sizeof(before.tco), "all of TCO's bytes");
    EXPECT_MEM("smi", after.smi, before.smi, sizeof(before.smi), "with SMI_EN and SMI_STS");
    EXPECT_MEM("gpe0", after.gpe0, before.gpe0, sizeof(before.gpe0),
               "and GPE0 status and enable behind their first bytes");
    EXPECT_MEM("apm", after.apm, before.apm, sizeof(before.apm), "and APM_CNT and APM_STS");
    EXPECT_EQ("rst-cnt", after.rst_cnt, before.rst_cnt, "and RST_CNT");
    EXPECT_MEM("rcba", after.rcba, before.rcba, sizeof(before.rcba),
               "and the chip configuration behind RCBA");
}

TEST(migrate, registers, "every register of MCH and LPC bridge reads as before a migration",
     SPEC(MIGRATION "Q35 MCH and ICH9 datasheets, register descriptions"), NEEDS(HERE "host=hmp"))
{
    static const uint32_t values[] = {0xa5c3963cU, 0x5a3c69c3U, 0xffffffffU, 0};

    uint64_t smis;

    REQUIRE_SMM();
    ich9_write32(ICH9_RCBA, RCBA_BASE | RCBA_EN);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        CONTEXT("pattern %#x", values[i]);
        press_power_button(i == 0);
        fill(values[i]);
        smis = rdmsr(MSR_SMI_COUNT);
        compare();
        EXPECT_EQ("no-smi", rdmsr(MSR_SMI_COUNT), smis, "and no SMI has been raised");
    }
    CONTEXT_CLEAR();
}

TEST(migrate, decoding, "what the LPC bridge decodes, and where, is what it was",
     SPEC(MIGRATION "ICH9 datasheet, PMBASE, ACPI_CNTL, RCBA"), NEEDS(HERE))
{
    ich9_write32(ICH9_RCBA, RCBA_BASE | RCBA_EN);
    mmio_write32(RCBA_BASE + 0x3140, 0x01234567);
    ich9_write32(ICH9_PMBASE, PM_BASE | 1);
    ich9_pm_write16(PM1_EN, 0x0521);
    migrate();
    EXPECT_EQ("moved", inw(PM_BASE + PM1_EN), 0x0521, "the PM block is where PMBASE says");
    EXPECT_EQ("left", inw(ICH9_DEFAULT_PMBASE + PM1_EN), 0xffff, "and no longer where it was");
    EXPECT_EQ("rcba", mmio_read32(RCBA_BASE + 0x3140), 0x01234567,
              "the chip configuration is where RCBA says");
    outw(PM_BASE + PM1_EN, 0x0420);
    EXPECT_EQ("writable", inw(PM_BASE + PM1_EN), 0x0420, "it can be written there");
    ich9_write32(ICH9_RCBA, RCBA_BASE);
    ich9_write8(ICH9_ACPI_CNTL, 0);
    migrate();
    EXPECT_EQ("off", inw(PM_BASE + PM1_EN), 0xffff, "a PM block that is not decoded stays so");
    EXPECT_NE("rcba-off", mmio_read32(RCBA_BASE + 0x3140), 0x01234567,
              "and so does a chip configuration that is not");
    ich9_write8(ICH9_ACPI_CNTL, ACPI_CNTL_ACPI_EN);
    EXPECT_EQ("on", inw(PM_BASE + PM1_EN), 0x0420, "and can be switched on again");
    ich9_write32(ICH9_PMBASE, ICH9_DEFAULT_PMBASE | 1);
}

#define WINDOW_BASE 0xd0000000U

static bool is_config(uint32_t address)
{
    return mmio_read32(address) == mch_read32(PCI_VENDOR_ID);
}

TEST(migrate, config_address, "CF8h has the same address in it, between its write and CFCh's",
     SPEC(MIGRATION "PCI Local Bus Specification 3.0, 3.2.2.3.2"), NEEDS(HERE "smm=any"))
{
    static const uint32_t values[] = {0x8000f844, 0x80000000, 0x00fffffc};
    uint32_t id = mch_read32(PCI_VENDOR_ID);

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        CONTEXT("address %#x", values[i]);
        outl(PCI_CONFIG_ADDRESS, values[i]);
        migrate();
        EXPECT_EQ("kept", inl(PCI_CONFIG_ADDRESS), values[i], "the register reads back");
        if (values[i] == 0x80000000)
            EXPECT_EQ("data", inl(PCI_CONFIG_DATA), id, "and selects what it did");
    }
    CONTEXT_CLEAR();
}

TEST(migrate, pciexbar, "the window of configuration space is where it was, or stays away",
     SPEC(MIGRATION "Q35 MCH datasheet, PCIEXBAR (60h)"), NEEDS(HERE))
{
    mch_write32(MCH_PCIEXBAR, WINDOW_BASE | PCIEXBAR_LENGTH_64M | PCIEXBAR_EN);
    REQUIRE_TRUE("before", is_config(WINDOW_BASE), "the window can be placed");
    migrate();
    EXPECT_TRUE("moved", is_config(WINDOW_BASE), "the window is where PCIEXBAR says");
    EXPECT_TRUE("left", !is_config(PCI_ECAM_DEFAULT), "and not where it is by default");
    mch_write32(MCH_PCIEXBAR, WINDOW_BASE | PCIEXBAR_LENGTH_64M);
    migrate();
    EXPECT_TRUE("off", !is_config(WINDOW_BASE), "a window that is switched off stays so");
    mch_write32(MCH_PCIEXBAR, WINDOW_BASE | PCIEXBAR_EN);
    EXPECT_TRUE("on", is_config(WINDOW_BASE), "and can be switched on again");
}

static void check_smi_en(bool locked)
{
    uint32_t was = ich9_smi_en() & SMI_EN_GBL_SMI_EN;

    for (uint32_t bit = 1; bit; bit <<= 1) {
        bool frozen = locked && bit == SMI_EN_GBL_SMI_EN;

        if (bit & SMI_EN_TIMERS)
            continue;
        CONTEXT("%s, bit %#x", locked ? "locked" : "not locked", bit);
        ich9_smi_en_write(bit);
        EXPECT_BITS("set", ich9_smi_en(), bit, frozen ? was : bit, "SMI_EN's bits can be set");
        ich9_smi_en_write(0);
        EXPECT_BITS("clear", ich9_smi_en(), bit, frozen ? was : 0, "and cleared, GBL_SMI_EN not");
    }
    CONTEXT("%s", locked ? "locked" : "not locked");
    ich9_write8(ICH9_GEN_PMCON_1, 0);
    EXPECT_BITS("smi-lock", ich9_read8(ICH9_GEN_PMCON_1), GEN_PMCON_1_SMI_LOCK,
                locked ? GEN_PMCON_1_SMI_LOCK : 0, "SMI_LOCK stays, once set");
    CONTEXT_CLEAR();
}

/* From not locked to locked, GBL_SMI_EN as it is. */
static void lock_over_migrations(uint32_t global)
{
    ich9_smi_en_write(global);
    migrate();
    check_smi_en(false);
    ich9_smi_en_write(global);
    ich9_write8(ICH9_GEN_PMCON_1, GEN_PMCON_1_SMI_LOCK);
    migrate();
    check_smi_en(true);
    migrate();
    check_smi_en(true);
}

#define SMI_LOCK "ICH9 datasheet, GEN_PMCON_1: SMI_LOCK, until PLTRST#; QEMU commit 11e66a15a0"

TEST(migrate, smi_lock, "SMI_LOCK holds over migrations, and only where it was set",
     SPEC(MIGRATION SMI_LOCK), NEEDS(HERE))
{
    lock_over_migrations(SMI_EN_GBL_SMI_EN);
}

TEST(migrate, smi_lock_off, "the same with GBL_SMI_EN frozen at 0", SPEC(MIGRATION SMI_LOCK),
     NEEDS(HERE))
{
    lock_over_migrations(0);
}
