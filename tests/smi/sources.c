/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sources that the ICH9 datasheet has and QEMU has not. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/alarm.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/smi/count.h"

#define SMI_EN_SPEC "ICH9 datasheet, \"Causes of SMI#\" and SMI_EN: "

#define PM1_CNT_GBL_RLS BIT(2)

/* Embedded controller: MCSMI_EN traps 62h and 66h; nothing is there on q35. */
#define MICROCONTROLLER_DATA    0x62
#define MICROCONTROLLER_COMMAND 0x66

static void enable(uint32_t source)
{
    REQUIRE_SMM();
    ich9_smi_en_write(SMI_EN_GBL_SMI_EN | SMI_EN_EOS | source);
    smi_count_start();
}

/* By the datasheet every CPU gets it; the one that reports does as well. */
static void check_smi(void)
{
    EXPECT_NE("smi", smi_count_of(0), 0, "an SMI is raised");
    ich9_smi_en_write(0);
}

TEST(smi, source_sleep, "with SLP_SMI_EN, an attempt to sleep is an SMI",
     SPEC(SMI_EN_SPEC "SLP_SMI_EN: a write of 1 to SLP_EN, without going to sleep"),
     NEEDS("firmware=virgin boot=own"))
{
    enable(SMI_EN_SLP_SMI_EN);
    /* SLP_TYP 101 is S3 for the ICH9 and nothing for QEMU: it goes on either way. */
    ich9_pm_write16(PM1_CNT, (uint16_t)(PM1_CNT_SLP_TYP(5) | PM1_CNT_SLP_EN));
    check_smi();
}

TEST(smi, source_global_release, "with BIOS_EN, GBL_RLS is an SMI",
     SPEC(SMI_EN_SPEC "BIOS_EN: a write of 1 to PM1_CNT.GBL_RLS"),
     NEEDS("firmware=virgin boot=own"))
{
    enable(SMI_EN_BIOS_EN);
    ich9_pm_write16(PM1_CNT, PM1_CNT_GBL_RLS);
    check_smi();
}

TEST(smi, source_microcontroller, "with MCSMI_EN, an access to the microcontroller is an SMI",
     SPEC(SMI_EN_SPEC "MCSMI_EN: accesses to 62h and 66h"), NEEDS("firmware=virgin boot=own"))
{
    enable(SMI_EN_MCSMI_EN);
    outb(MICROCONTROLLER_DATA, 0);
    (void)inb(MICROCONTROLLER_COMMAND);
    check_smi();
}

TEST(smi, source_pm_event, "with SCI_EN at 0, a power management event is an SMI",
     SPEC("ACPI 6.3, 4.8.3.2.1 SCI_EN; ICH9 datasheet, \"Causes of SMI#\", note 1"),
     NEEDS("firmware=virgin boot=own icount=6"))
{
    enable(0);
    ich9_pm_write16(PM1_CNT, 0);
    ich9_pm_write16(PM1_STS, 0xffff);
    ich9_pm_write16(PM1_EN, PM1_STS_TMROF);
    alarm_sleep(3000000); /* the PM timer's bit 23 changes every 2.3 s */
    REQUIRE_EQ("event", ich9_pm_read16(PM1_STS) & PM1_STS_TMROF, PM1_STS_TMROF, "TMROF_STS is set");
    check_smi();
    ich9_pm_write16(PM1_EN, 0);
}
