/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PM1_CNT: which bits are kept, which are commands, and what ACPI_ENABLE leaves alone. */
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/test.h"
#include "tests/pm/pm.h"

#define CNT_SPEC   "ACPI 6.3, 4.8.3.2.1 \"PM1 Control Registers\"; ICH9 datasheet, PM1_CNT: "
#define CNT_BM_RLD BIT(1)

/* SLP_TYP 5 is S3 for the ICH9 and nothing for QEMU: SLP_EN with it has no effect. */
#define SLP_NOTHING PM1_CNT_SLP_TYP(5)

TEST(pm, sleep_enable_reads_0, "SLP_EN is write-only and reads 0",
     SPEC(CNT_SPEC "SLP_EN: reads as 0"), NEEDS("smm=any firmware=virgin boot=own"))
{
    ich9_pm_write16(PM1_CNT, (uint16_t)(SLP_NOTHING | PM1_CNT_SLP_EN | PM1_CNT_SCI_EN));
    EXPECT_EQ("reads-0", ich9_pm_read16(PM1_CNT), SLP_NOTHING | PM1_CNT_SCI_EN,
              "the rest of what was written is kept");
}

TEST(pm, control_high_byte, "a byte written to the high half of PM1_CNT changes that half alone",
     SPEC(PM_SPEC "byte access"), NEEDS("smm=any firmware=virgin boot=own"))
{
    for (uint16_t typ = 7; typ; typ--) {
        CONTEXT("SLP_TYP %u", typ);
        ich9_pm_write16(PM1_CNT, PM1_CNT_SCI_EN | CNT_BM_RLD);
        ich9_pm_write8(PM1_CNT + 1, (uint8_t)(PM1_CNT_SLP_TYP(typ) >> 8));
        EXPECT_EQ("written", ich9_pm_read16(PM1_CNT),
                  PM1_CNT_SLP_TYP(typ) | PM1_CNT_SCI_EN | CNT_BM_RLD,
                  "SLP_TYP, and no other field");
    }
    CONTEXT_CLEAR();
}

TEST(pm, acpi_command_scope, "ACPI_ENABLE and ACPI_DISABLE change SCI_EN and nothing else",
     SPEC("ACPI 6.3, 5.2.9 FADT: ACPI_ENABLE; 4.8.3.2.1: SCI_EN, BM_RLD, SLP_TYP"),
     NEEDS("firmware=virgin boot=own"))
{
    uint16_t others = (uint16_t)(CNT_BM_RLD | PM1_CNT_SLP_TYP(7));
    uint16_t enables = PM1_GBL | PM1_PWRBTN | PM1_RTC;

    ich9_pm_write16(PM1_EN, enables);
    ich9_pm_write8(GPE0_EN, 0xff);
    ich9_pm_write16(PM1_CNT, others);
    for (unsigned int i = 0; i < 2; i++) {
        CONTEXT("round %u", i);
        outb(APM_CNT, APM_CNT_ACPI_ENABLE);
        EXPECT_EQ("enabled", ich9_pm_read16(PM1_CNT), others | PM1_CNT_SCI_EN, "SCI_EN is set");
        outb(APM_CNT, APM_CNT_ACPI_DISABLE);
        EXPECT_EQ("disabled", ich9_pm_read16(PM1_CNT), others, "and cleared");
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("pm1-en", ich9_pm_read16(PM1_EN), enables, "PM1_EN stays");
    EXPECT_EQ("gpe0-en", ich9_pm_read8(GPE0_EN), 0xff, "GPE0_EN stays");
    ich9_pm_write8(GPE0_EN, 0);
    ich9_pm_write16(PM1_EN, 0);
    ich9_pm_write16(PM1_CNT, 0);
}

TEST(pm, acpi_commands_only, "no command but ACPI_ENABLE and ACPI_DISABLE changes SCI_EN",
     SPEC("ACPI 6.3, 5.2.9 FADT: ACPI_ENABLE, ACPI_DISABLE"), NEEDS("firmware=virgin boot=own"))
{
    ich9_smi_en_write(0); /* none of the commands shall be an SMI */
    for (unsigned int scien = 0; scien < 2; scien++) {
        uint16_t control = scien ? PM1_CNT_SCI_EN : 0;

        ich9_pm_write16(PM1_CNT, control);
        for (unsigned int command = 0; command < 256; command++) {
            CONTEXT("command %#x, SCI_EN %u", command, scien);
            if (command == APM_CNT_ACPI_ENABLE || command == APM_CNT_ACPI_DISABLE)
                continue;
            outb(APM_CNT, (uint8_t)command);
            EXPECT_EQ("kept", ich9_pm_read16(PM1_CNT), control, "PM1_CNT stays");
        }
        for (unsigned int data = 0; data < 256; data++)
            outb(APM_STS, (uint8_t)data);
        EXPECT_EQ("status-port", ich9_pm_read16(PM1_CNT), control, "no write to APM_STS does");
    }
    CONTEXT_CLEAR();
    ich9_pm_write16(PM1_CNT, 0);
}
