/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TCO block as registers: what they keep, what they hold after reset, the lock. */
#include <stddef.h>

#include "hw/cpu.h"
#include "kernel/test.h"
#include "tests/tco/tco.h"

#define TCO_WDCNT      (TCO_BASE + 0x0e)
#define TCO_SW_IRQ_GEN (TCO_BASE + 0x10)

#define TCO_TMR_VALUE       0x3ff
#define TCO_TMR_DEFAULT     4
#define TCO2_CNT_FIELDS     0x36 /* OS_POLICY, INTRD_SEL */
#define TCO2_CNT_DEFAULT    0x0008
#define SW_IRQ_GEN_CAUSES   0x03 /* IRQ12_CAUSE, IRQ1_CAUSE */
#define TCO1_CNT_NMI2SMI_EN BIT(9)

#define SMI_ON (SMI_EN_GBL_SMI_EN | SMI_EN_EOS)

TEST(tco, defaults, "at power-on the watchdog is neither locked nor has it anything to tell",
     SPEC(TCO_SPEC "default values; QEMU tests/qtest/tco-test, test_tco_defaults()"),
     NEEDS("firmware=virgin boot=own"))
{
    EXPECT_EQ("tmr", ich9_pm_read16(TCO_TMR), TCO_TMR_DEFAULT, "TCO_TMR is 4");
    EXPECT_EQ("sts1", tco1_status(), 0, "TCO1_STS is 0");
    EXPECT_EQ("sts2", tco2_status(), 0, "TCO2_STS is 0");
    EXPECT_BITS("cnt1", ich9_pm_read16(TCO1_CNT), TCO1_CNT_LOCK | TCO1_CNT_TMR_HLT, 0,
                "the timer is neither halted nor TCO_EN locked");
    EXPECT_EQ("dat-in", ich9_pm_read8(TCO_DAT_IN), 0, "TCO_DAT_IN is 0");
    EXPECT_EQ("dat-out", ich9_pm_read8(TCO_DAT_OUT), 0, "TCO_DAT_OUT is 0");
    EXPECT_EQ("message1", ich9_pm_read8(TCO_MESSAGE1), 0, "TCO_MESSAGE1 is 0");
    EXPECT_EQ("message2", ich9_pm_read8(TCO_MESSAGE2), 0, "TCO_MESSAGE2 is 0");
    EXPECT_EQ("cnt2", ich9_pm_read16(TCO2_CNT), TCO2_CNT_DEFAULT, "TCO2_CNT is 8");
    EXPECT_EQ("wdcnt", ich9_pm_read8(TCO_WDCNT), 0, "TCO_WDCNT is 0");
    EXPECT_EQ("sw-irq-gen", ich9_pm_read8(TCO_SW_IRQ_GEN), SW_IRQ_GEN_CAUSES, "SW_IRQ_GEN is 3");
}

static const struct {
    uint8_t offset;
    bool word;
    uint16_t mask; /* plain read/write bits */
    const char *name;
} storage[] = {
    {TCO_MESSAGE1, false, 0xff, "TCO_MESSAGE1"},
    {TCO_MESSAGE2, false, 0xff, "TCO_MESSAGE2"},
    {TCO_WDCNT, false, 0xff, "TCO_WDCNT"},
    {TCO_TMR, true, TCO_TMR_VALUE, "TCO_TMR"},
    {TCO2_CNT, true, TCO2_CNT_FIELDS, "TCO2_CNT"},
    {TCO_SW_IRQ_GEN, false, SW_IRQ_GEN_CAUSES, "SW_IRQ_GEN"},
};

#define STORAGE (sizeof(storage) / sizeof(storage[0]))

static void put(size_t i, uint16_t value)
{
    if (storage[i].word)
        ich9_pm_write16(storage[i].offset, value & storage[i].mask);
    else
        ich9_pm_write8(storage[i].offset, (uint8_t)value);
}

static uint16_t get(size_t i)
{
    uint16_t value = storage[i].word ? ich9_pm_read16(storage[i].offset)
                                     : ich9_pm_read8(storage[i].offset);

    return value & storage[i].mask;
}

TEST(tco, storage, "message registers, timer value and controls keep every value, each for itself",
     SPEC(TCO_SPEC "R/W"), NEEDS("firmware=virgin boot=own"))
{
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT);
    for (size_t i = 0; i < STORAGE; i++) {
        for (size_t other = 0; other < STORAGE; other++)
            put(other, 0x155);
        for (unsigned int bit = 0; bit < 10; bit++) {
            CONTEXT("%s, bit %u", storage[i].name, bit);
            put(i, (uint16_t)BIT(bit));
            EXPECT_EQ("set", get(i), BIT(bit) & storage[i].mask, "it keeps a bit alone");
            put(i, (uint16_t)~BIT(bit));
            EXPECT_EQ("cleared", get(i), ~BIT(bit) & storage[i].mask, "it keeps all but one");
        }
        for (size_t other = 0; other < STORAGE; other++) {
            CONTEXT("%s, when %s changes", storage[other].name, storage[i].name);
            if (other != i)
                EXPECT_EQ("others", get(other), 0x155 & storage[other].mask, "it does not change");
        }
    }
    CONTEXT_CLEAR();
}

TEST(tco, widths, "the registers are the same for bytes and words",
     SPEC("ICH9 datasheet, \"Power Management I/O Registers\": byte, word and dword access"),
     NEEDS("firmware=virgin boot=own"))
{
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT);
    ich9_pm_write8(TCO_MESSAGE1, 0x5a);
    ich9_pm_write8(TCO_MESSAGE2, 0xa5);
    ich9_pm_write16(TCO_TMR, 0x3a5);
    EXPECT_EQ("tmr-low", ich9_pm_read8(TCO_TMR), 0xa5, "the low byte of TCO_TMR");
    EXPECT_EQ("tmr-high", ich9_pm_read8(TCO_TMR + 1) & 3, 3, "the high byte of TCO_TMR");
    EXPECT_EQ("message-word", ich9_pm_read16(TCO_MESSAGE1), 0xa55a, "both messages as a word");
}

static void check_lock(uint32_t tco_en)
{
    static const uint32_t free[] = {SMI_EN_BIOS_EN, SMI_EN_APMC_EN, SMI_EN_MCSMI_EN,
                                    SMI_EN_GBL_SMI_EN};

    ich9_smi_en_write(SMI_EN_TCO_EN);
    EXPECT_BITS("free", ich9_smi_en(), SMI_EN_TCO_EN, SMI_EN_TCO_EN, "TCO_EN can be set");
    ich9_smi_en_write(0);
    EXPECT_BITS("free", ich9_smi_en(), SMI_EN_TCO_EN, 0, "and cleared");
    /* The other bit of TCO1_CNT that is set is no lock. */
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT);
    ich9_smi_en_write(SMI_EN_TCO_EN);
    EXPECT_BITS("free", ich9_smi_en(), SMI_EN_TCO_EN, SMI_EN_TCO_EN, "also with the timer halted");
    ich9_smi_en_write(tco_en);
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT | TCO1_CNT_LOCK);
    EXPECT_BITS("locked", ich9_pm_read16(TCO1_CNT), TCO1_CNT_LOCK, TCO1_CNT_LOCK, "TCO_LOCK is 1");
    EXPECT_BITS("kept", ich9_smi_en(), SMI_EN_TCO_EN, tco_en, "setting it changes nothing");
    for (uint32_t attempt = 0; attempt < 4; attempt++) {
        ich9_smi_en_write(attempt & 1 ? tco_en : tco_en ^ SMI_EN_TCO_EN);
        EXPECT_BITS("frozen", ich9_smi_en(), SMI_EN_TCO_EN, tco_en, "TCO_EN keeps its value");
    }
    for (size_t i = 0; i < sizeof(free) / sizeof(free[0]); i++) {
        CONTEXT("bit %#x", free[i]);
        ich9_smi_en_write(free[i]);
        EXPECT_BITS("others", ich9_smi_en(), free[i] | SMI_EN_TCO_EN, free[i] | tco_en,
                    "other enables can be set");
        ich9_smi_en_write(0);
        EXPECT_BITS("others", ich9_smi_en(), free[i] | SMI_EN_TCO_EN, tco_en, "and cleared");
    }
    CONTEXT_CLEAR();
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT);
    EXPECT_BITS("stays", ich9_pm_read16(TCO1_CNT), TCO1_CNT_LOCK, TCO1_CNT_LOCK,
                "TCO_LOCK cannot be cleared");
    ich9_pm_write16(TCO_TMR, 2);
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_NMI2SMI_EN);
    EXPECT_BITS("halt-free", ich9_pm_read16(TCO1_CNT), TCO1_CNT_TMR_HLT | TCO1_CNT_NMI2SMI_EN,
                TCO1_CNT_NMI2SMI_EN, "the other controls can be changed");
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT);
    EXPECT_BITS("halt-free", ich9_pm_read16(TCO1_CNT), TCO1_CNT_TMR_HLT | TCO1_CNT_NMI2SMI_EN,
                TCO1_CNT_TMR_HLT, "the other controls can be changed");
    ich9_smi_en_write(tco_en ^ SMI_EN_TCO_EN);
    EXPECT_BITS("still-frozen", ich9_smi_en(), SMI_EN_TCO_EN, tco_en, "TCO_EN is still frozen");
}

TEST(tco, lock_set, "TCO_LOCK keeps TCO_EN at 1, and nothing else",
     SPEC(TCO_SPEC "TCO_LOCK: writes to TCO_EN have no effect, until reset"),
     NEEDS("firmware=virgin boot=own"))
{
    check_lock(SMI_EN_TCO_EN);
}

TEST(tco, lock_clear, "TCO_LOCK keeps TCO_EN at 0, and nothing else",
     SPEC(TCO_SPEC "TCO_LOCK: writes to TCO_EN have no effect, until reset"),
     NEEDS("firmware=virgin boot=own"))
{
    check_lock(0);
}

TEST(tco, reset, "a reset gives the watchdog its default values back",
     SPEC(TCO_SPEC "TCO_LOCK is cleared by a reset; TCO_TMR is 0004h by default"),
     NEEDS("firmware=virgin boot=own"))
{
    if (test_boot() == 1) {
        ich9_pm_write16(TCO_TMR, 0x123);
        ich9_pm_write8(TCO_MESSAGE1, 0x5a);
        ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT | TCO1_CNT_LOCK);
        test_announce_reset();
        ich9_reset();
    }
    EXPECT_BITS("lock", ich9_pm_read16(TCO1_CNT), TCO1_CNT_LOCK, 0, "TCO_LOCK is 0");
    EXPECT_BITS("halt", ich9_pm_read16(TCO1_CNT), TCO1_CNT_TMR_HLT, 0, "TCO_TMR_HLT is 0");
    EXPECT_EQ("tmr", ich9_pm_read16(TCO_TMR), TCO_TMR_DEFAULT, "TCO_TMR is 4");
    EXPECT_EQ("tco-en", ich9_smi_en() & SMI_EN_TCO_EN, 0, "TCO_EN is 0");
    ich9_smi_en_write(SMI_EN_TCO_EN);
    EXPECT_BITS("free", ich9_smi_en(), SMI_EN_TCO_EN, SMI_EN_TCO_EN, "TCO_EN can be set again");
}
