/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The handover between SMM and ACPI: SCI_EN through the FADT's SMI_CMD, and the two signals by
 * which a firmware knows whether there is an SMM at all. */
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/acpi.h"
#include "kernel/machine.h"
#include "kernel/test.h"

static uint32_t sci_en(void)
{
    return ich9_pm_read16(PM1_CNT) & PM1_CNT_SCI_EN;
}

static const struct acpi_fadt *require_fadt(void)
{
    const struct acpi_fadt *fadt = acpi_fadt();

    if (fadt == NULL)
        SKIP("the firmware installed no ACPI tables");
    return fadt;
}

TEST(apm, acpi_enable, "ACPI_ENABLE and ACPI_DISABLE, written to SMI_CMD, set and clear SCI_EN",
     SPEC("ACPI 6.3, 5.2.9 \"Fixed ACPI Description Table\": SMI_CMD, and 4.8.3.2.1 SCI_EN"),
     NEEDS(""))
{
    const struct acpi_fadt *fadt = require_fadt();

    REQUIRE_EQ("port", fadt->smi_cmd, APM_CNT, "the FADT names APM_CNT as SMI_CMD");
    EXPECT_NE("values", fadt->acpi_enable, fadt->acpi_disable, "and two different values");
    /* Twice: from either state into either state. */
    for (unsigned int round = 1; round <= 2; round++) {
        CONTEXT("round %u", round);
        outb(APM_CNT, fadt->acpi_enable);
        EXPECT_EQ("enable", sci_en(), PM1_CNT_SCI_EN, "ACPI_ENABLE sets SCI_EN");
        outb(APM_CNT, fadt->acpi_enable);
        EXPECT_EQ("enable-again", sci_en(), PM1_CNT_SCI_EN, "and leaves it set");
        outb(APM_CNT, fadt->acpi_disable);
        EXPECT_EQ("disable", sci_en(), 0, "ACPI_DISABLE clears SCI_EN");
        outb(APM_CNT, fadt->acpi_disable);
        EXPECT_EQ("disable-again", sci_en(), 0, "and leaves it clear");
    }
    CONTEXT_CLEAR();
}

TEST(apm, acpi_only, "without SMM the machine is in ACPI mode and stays there",
     SPEC("QEMU commit 6be8cf56bc; ACPI 6.3, 5.2.9: SMI_CMD 0, SCI_EN always set"),
     NEEDS("smm=off machine>=pc-q35-6.0 qemu>=6.0"))
{
    const struct acpi_fadt *fadt = require_fadt();

    EXPECT_EQ("smi-cmd", fadt->smi_cmd, 0, "the FADT has no SMI_CMD");
    EXPECT_EQ("sci-en", sci_en(), PM1_CNT_SCI_EN, "SCI_EN is set");
    outb(APM_CNT, APM_CNT_ACPI_DISABLE);
    EXPECT_EQ("stays", sci_en(), PM1_CNT_SCI_EN, "and what would clear it with SMM does not");
}

static void check_compatible(void)
{
    EXPECT_EQ("reset", sci_en(), 0, "SCI_EN is 0 after a reset");
    for (unsigned int round = 1; round <= 2; round++) {
        CONTEXT("round %u", round);
        outb(APM_CNT, APM_CNT_ACPI_ENABLE);
        EXPECT_EQ("enable", sci_en(), PM1_CNT_SCI_EN, "ACPI_ENABLE sets SCI_EN");
        outb(APM_CNT, APM_CNT_ACPI_DISABLE);
        EXPECT_EQ("disable", sci_en(), 0, "ACPI_DISABLE clears it");
    }
    CONTEXT_CLEAR();
}

TEST(apm, compatible_machine, "machine types before 6.0 have both modes without SMM, too",
     SPEC("QEMU commit 6be8cf56bc: ICH9-LPC.smm-compat, on in hw_compat_5_2"),
     NEEDS("smm=off machine<pc-q35-6.0 firmware=virgin boot=own"))
{
    check_compatible();
}

TEST(apm, compatible_property, "and so has every machine type with smm-compat=on",
     SPEC("QEMU commit 6be8cf56bc: ICH9-LPC.smm-compat"),
     NEEDS("smm=off qemu>=6.0 firmware=virgin boot=own global=ICH9-LPC.smm-compat=on"))
{
    check_compatible();
}

TEST(apm, smm_off_signal, "without SMM, APMC_EN is set from reset on",
     SPEC("QEMU commit be66680e83; edk2 OvmfPkg/SmmControl2Dxe: \"no SMM\""), NEEDS("smm=off"))
{
    EXPECT_EQ("apmc-en", ich9_smi_en() & SMI_EN_APMC_EN, SMI_EN_APMC_EN,
              "the firmware finds APMC_EN set and leaves SMM alone");
}

/* Not smm=on: with the signal wrong the kernel takes the machine for one without SMM. */
TEST(apm, smm_on_signal, "with SMM, APMC_EN and GBL_SMI_EN are clear after reset",
     SPEC("QEMU commit be66680e83; ICH9 datasheet, SMI_EN: default"),
     NEEDS("smm=any accel=tcg firmware=virgin boot=own"))
{
    EXPECT_BITS("enables", ich9_smi_en(), SMI_EN_APMC_EN | SMI_EN_GBL_SMI_EN, 0,
                "no SMI is enabled yet: it is for the firmware to switch them on");
}
