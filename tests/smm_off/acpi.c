/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI without SMM: what the FADT says, and CPU hotplug, which needs no firmware then. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/acpi.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"
#include "tests/smm_off/smm_off.h"

#define FADT_SPEC "ACPI 6.3, 5.2.9 FADT: SMI_CMD, ACPI_ENABLE, ACPI_DISABLE reserved as 0; "

static const struct acpi_fadt *require_fadt(void)
{
    const struct acpi_fadt *fadt = acpi_fadt();

    if (fadt == NULL)
        SKIP("the firmware installed no ACPI tables");
    return fadt;
}

TEST(smm_off, fadt, "without SMM the FADT names no port and no command to leave legacy mode",
     SPEC(FADT_SPEC "QEMU commit 6be8cf56bc, from machine type 6.0 on"),
     NEEDS("smm=off machine>=pc-q35-6.0 qemu>=6.0"))
{
    const struct acpi_fadt *fadt = require_fadt();

    EXPECT_EQ("smi-cmd", fadt->smi_cmd, 0, "SMI_CMD is 0");
    EXPECT_EQ("enable", fadt->acpi_enable, 0, "ACPI_ENABLE is 0");
    EXPECT_EQ("disable", fadt->acpi_disable, 0, "ACPI_DISABLE is 0");
    EXPECT_EQ("sci-en", ich9_pm_read16(PM1_CNT) & PM1_CNT_SCI_EN, PM1_CNT_SCI_EN,
              "SCI_EN is always 1");
}

TEST(smm_off, fadt_compatible,
     "machine types before 6.0 have SMI_CMD, and its commands, all the same",
     SPEC(FADT_SPEC "QEMU commit 6be8cf56bc, property smm-compat of older machine types"),
     NEEDS("smm=off machine<pc-q35-6.0 boot=own"))
{
    const struct acpi_fadt *fadt = require_fadt();

    EXPECT_EQ("smi-cmd", fadt->smi_cmd, APM_CNT, "SMI_CMD is APM_CNT");
    REQUIRE_TRUE("commands", fadt->acpi_enable && fadt->acpi_enable != fadt->acpi_disable,
                 "there are two commands");
    for (unsigned int i = 0; i < 2; i++) {
        outb(APM_CNT, fadt->acpi_enable);
        EXPECT_BITS("enabled", ich9_pm_read16(PM1_CNT), PM1_CNT_SCI_EN, PM1_CNT_SCI_EN,
                    "ACPI_ENABLE sets SCI_EN");
        outb(APM_CNT, fadt->acpi_disable);
        EXPECT_BITS("disabled", ich9_pm_read16(PM1_CNT), PM1_CNT_SCI_EN, 0,
                    "ACPI_DISABLE clears it");
    }
}

TEST(smm_off, sci_enable_reset, "SCI_EN is 1 behind a reset, too",
     SPEC("ACPI 6.3, 4.8.3.2.1: SCI_EN is always 1 without legacy mode; QEMU commit 6be8cf56bc"),
     NEEDS("smm=off machine>=pc-q35-6.0 qemu>=6.0 firmware=virgin boot=own"))
{
    CONTEXT("boot %u", test_boot());
    EXPECT_BITS("sci-en", ich9_pm_read16(PM1_CNT), PM1_CNT_SCI_EN, PM1_CNT_SCI_EN, "SCI_EN is 1");
    EXPECT_BITS("apmc-en", ich9_smi_en(), SMI_EN_APMC_EN, SMI_EN_APMC_EN,
                "and so is APMC_EN, the sign for \"no SMM\"");
    CONTEXT_CLEAR();
    if (test_boot() == 1) {
        ich9_smi_en_write(0);
        test_announce_reset();
        ich9_reset();
    }
}

static uint64_t initial_id(void *arg)
{
    (void)arg;
    return cpu_initial_apic_id();
}

TEST(smm_off, hotplug, "a CPU is plugged, found, started and unplugged without any SMI",
     SPEC(OFF_SPEC "docs/specs/acpi_cpu_hotplug"),
     NEEDS(SPARSE "smm=off firmware=virgin host=plug,unplug,cpus,wait"))
{
    uint8_t flags[SPARSE_SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED};
    uint64_t id = 0;
    uint32_t n;

    off_begin();
    slots_begin();
    os_init();
    slots_plug(4);
    EXPECT_TRUE("sci", os_wait_sci(1), "an SCI tells the operating system");
    EXPECT_EQ("gpe", os_sci_gpe_status(), GPE0_CPU_HOTPLUG, "GPE0 bit 2 says why");
    flags[4] = CPUHP_ENABLED | CPUHP_INSERT;
    slots_expect("found", flags, SPARSE_SLOTS, "the CPU and its insert event are found");
    os_acknowledge_insert(4);
    os_gpe_done();
    n = smp_start_one(sparse_id(4));
    REQUIRE_TRUE("starts", n != UINT32_MAX, "INIT-SIPI-SIPI starts it");
    REQUIRE_TRUE("runs", smp_call(n, initial_id, NULL, &id), "it runs our code");
    EXPECT_EQ("id", id, sparse_id(4), "with its APIC id");
    off_check_none();
    slots_unplug(4);
    EXPECT_TRUE("sci-remove", os_wait_sci(2), "device_del raises an SCI, too");
    flags[4] = CPUHP_ENABLED | CPUHP_REMOVE;
    slots_expect("asked", flags, SPARSE_SLOTS, "the remove event is found");
    slots_control(4, CPUHP_REMOVE);
    slots_control(4, CPUHP_EJECT);
    flags[4] = 0;
    slots_expect("gone", flags, SPARSE_SLOTS, "ejected, it is gone");
    slots_expect_host("gone-host", flags, SPARSE_SLOTS, "also for the host");
    os_gpe_done();
    off_check_cpus(2);
}
