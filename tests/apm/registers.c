/* SPDX-License-Identifier: GPL-2.0-or-later */
/* APM_CNT (B2h) and APM_STS (B3h) as registers, with their SMI switched off. */
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/test.h"

/* Clears APMC_EN; returns SMI_EN as it was. */
static uint32_t switch_smi_off(void)
{
    uint32_t smi_en = ich9_smi_en();

    ich9_smi_en_write(smi_en & ~SMI_EN_APMC_EN);
    REQUIRE_EQ("apmc-en", ich9_smi_en() & SMI_EN_APMC_EN, 0,
               "APMC_EN can be cleared: SMI_LOCK covers GBL_SMI_EN only");
    return smi_en;
}

TEST(apm, scratch, "APM_CNT and APM_STS keep every value, each for itself",
     SPEC("ICH9 datasheet, APM_CNT and APM_STS: 8-bit R/W"), NEEDS(""))
{
    uint32_t smi_en = switch_smi_off();
    uint64_t smis = rdmsr(MSR_SMI_COUNT);

    for (unsigned int value = 0; value < 256; value++) {
        uint8_t other = (uint8_t)~value;

        CONTEXT("value %#x", value);
        outb(APM_CNT, (uint8_t)value);
        outb(APM_STS, other);
        EXPECT_EQ("command", inb(APM_CNT), value, "APM_CNT keeps it, whatever goes to APM_STS");
        EXPECT_EQ("data", inb(APM_STS), other, "APM_STS reads what was written");
        outb(APM_CNT, (uint8_t)(value + 1));
        EXPECT_EQ("data-kept", inb(APM_STS), other, "APM_STS keeps it, whatever goes to APM_CNT");
        EXPECT_EQ("command-new", inb(APM_CNT), (uint8_t)(value + 1),
                  "APM_CNT reads what was written");
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("no-smi", rdmsr(MSR_SMI_COUNT), smis, "without APMC_EN none of this was an SMI");
    ich9_pm_write16(PM1_CNT, (uint16_t)(ich9_pm_read16(PM1_CNT) & ~PM1_CNT_SCI_EN));
    ich9_smi_en_write(smi_en);
}

TEST(apm, wide_write, "a 16-bit write to B2h sets both registers",
     SPEC("ICH9 datasheet, APM_CNT and APM_STS: two neighbouring byte registers"), NEEDS(""))
{
    uint32_t smi_en = switch_smi_off();

    outw(APM_CNT, 0xa55a);
    EXPECT_EQ("command", inb(APM_CNT), 0x5a, "the low byte goes to APM_CNT");
    EXPECT_EQ("data", inb(APM_STS), 0xa5, "the high byte goes to APM_STS");
    EXPECT_EQ("read", inw(APM_CNT), 0xa55a, "and a 16-bit read gives both");
    ich9_smi_en_write(smi_en);
}

TEST(apm, status_has_no_side_effect, "a write to APM_STS raises no SMI",
     SPEC("ICH9 datasheet, APM_STS: scratchpad"), NEEDS("firmware=seabios"))
{
    uint32_t smi_en = ich9_smi_en();
    uint64_t smis = rdmsr(MSR_SMI_COUNT);

    ich9_smi_en_write(smi_en | SMI_EN_APMC_EN | SMI_EN_GBL_SMI_EN);
    for (unsigned int value = 0; value < 256; value++)
        outb(APM_STS, (uint8_t)value);
    (void)inb(APM_CNT);
    (void)inb(APM_STS);
    EXPECT_EQ("no-smi", rdmsr(MSR_SMI_COUNT), smis,
              "only a write to APM_CNT raises an SMI, not one to APM_STS, not a read");
    ich9_smi_en_write(smi_en);
}

TEST(apm, power_on, "APM_CNT and APM_STS are 00h at power-on",
     SPEC("ICH9 datasheet, APM_CNT and APM_STS: default 00h"), NEEDS("firmware=virgin boot=own"))
{
    EXPECT_EQ("command", inb(APM_CNT), 0, "APM_CNT is 00h");
    EXPECT_EQ("data", inb(APM_STS), 0, "APM_STS is 00h");
}

TEST(apm, reset, "a platform reset brings APM_CNT and APM_STS back to 00h",
     SPEC("ICH9 datasheet, APM_CNT and APM_STS: core well, default 00h"),
     NEEDS("firmware=virgin boot=own"))
{
    if (test_boot() == 2) {
        EXPECT_EQ("command", inb(APM_CNT), 0, "APM_CNT is 00h again");
        EXPECT_EQ("data", inb(APM_STS), 0, "APM_STS is 00h again");
        return;
    }
    switch_smi_off();
    outb(APM_CNT, 0x5a);
    outb(APM_STS, 0xa5);
    REQUIRE_EQ("command-before", inb(APM_CNT), 0x5a, "APM_CNT holds something else");
    REQUIRE_EQ("data-before", inb(APM_STS), 0xa5, "and so does APM_STS");
    test_announce_reset();
    ich9_reset();
}
