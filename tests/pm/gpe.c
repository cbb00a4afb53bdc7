/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GPE0 as registers: eight bytes of status, eight of enables. Its event is tested with hotplug. */
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/host.h"
#include "kernel/test.h"
#include "tests/pm/pm.h"

#define GPE_SPEC   "ACPI 6.3, 4.8.4.1 \"General-Purpose Event Register Blocks\"; " PM_SPEC "GPE0_EN"
#define GPE0_BYTES 8U

static uint8_t value_of(uint8_t byte, unsigned int round)
{
    return (uint8_t)(round ? ~(byte * 0x11 + 0x11) : byte * 0x11 + 0x11);
}

TEST(pm, gpe_enables, "every byte of GPE0_EN keeps its value, and no status changes",
     SPEC(GPE_SPEC), NEEDS("smm=any firmware=virgin boot=own"))
{
    pm_begin();
    for (unsigned int round = 0; round < 2; round++) {
        for (uint8_t i = 0; i < GPE0_BYTES; i++)
            ich9_pm_write8(GPE0_EN + i, value_of(i, round));
        for (uint8_t i = 0; i < GPE0_BYTES; i++) {
            CONTEXT("round %u, byte %u", round, i);
            EXPECT_EQ("kept", ich9_pm_read8(GPE0_EN + i), value_of(i, round), "it keeps its value");
            EXPECT_EQ("status", ich9_pm_read8(GPE0_STS + i), 0, "GPE0_STS stays 0");
        }
    }
    CONTEXT_CLEAR();
    for (uint8_t i = 0; i < GPE0_BYTES; i++)
        ich9_pm_write8(GPE0_EN + i, 0);
}

TEST(pm, gpe_status_not_settable, "writing 1 to GPE0_STS sets nothing and raises no SCI",
     SPEC(GPE_SPEC "; GPE0_STS: R/WC"), NEEDS("smm=any accel=tcg firmware=virgin boot=own"))
{
    pm_begin();
    for (uint8_t i = 0; i < GPE0_BYTES; i++)
        ich9_pm_write8(GPE0_EN + i, 0xff);
    for (uint8_t i = 0; i < GPE0_BYTES; i++) {
        CONTEXT("byte %u", i);
        ich9_pm_write8(GPE0_STS + i, 0xff);
        EXPECT_EQ("clear", ich9_pm_read8(GPE0_STS + i), 0, "it stays 0");
        EXPECT_EQ("enable", ich9_pm_read8(GPE0_EN + i), 0xff, "its enables stay");
    }
    CONTEXT_CLEAR();
    EXPECT_TRUE("no-sci", !pm_line(SCI_DEFAULT), "no SCI");
    for (uint8_t i = 0; i < GPE0_BYTES; i++)
        ich9_pm_write8(GPE0_EN + i, 0);
}

TEST(pm, gpe_level, "the SCI is active while a GPE0 status bit and its enable are set, no longer",
     SPEC(GPE_SPEC "; ACPI 6.3, 4.8.2: SCI is level-triggered, until the status is cleared"),
     NEEDS("smm=any accel=tcg maxcpus=4 firmware=virgin boot=own host=plug"))
{
    pm_begin();
    for (unsigned int slot = 1; slot < 4; slot++) {
        CONTEXT("slot %u", slot);
        host_do("plug %u", slot);
        EXPECT_EQ("status", ich9_pm_read8(GPE0_STS), GPE0_CPU_HOTPLUG, "bit 2 is set");
        EXPECT_TRUE("disabled", !pm_line(SCI_DEFAULT), "without its enable there is no SCI");
        ich9_pm_write8(GPE0_EN, (uint8_t)~GPE0_CPU_HOTPLUG);
        EXPECT_TRUE("others", !pm_line(SCI_DEFAULT), "nor by the enables of others");
        ich9_pm_write8(GPE0_EN, GPE0_CPU_HOTPLUG);
        EXPECT_TRUE("enabled", pm_line(SCI_DEFAULT), "the enable makes it one, however late");
        ich9_pm_write8(GPE0_STS, (uint8_t)~GPE0_CPU_HOTPLUG);
        EXPECT_TRUE("stays", pm_line(SCI_DEFAULT), "clearing others does not end it");
        if (slot == 2) {
            ich9_pm_write8(GPE0_EN, 0);
            EXPECT_TRUE("off", !pm_line(SCI_DEFAULT), "clearing the enable does");
            ich9_pm_write8(GPE0_EN, GPE0_CPU_HOTPLUG);
            EXPECT_TRUE("on", pm_line(SCI_DEFAULT), "as long as it is clear");
        }
        ich9_pm_write8(GPE0_STS, GPE0_CPU_HOTPLUG);
        EXPECT_TRUE("cleared", !pm_line(SCI_DEFAULT), "clearing the status ends it");
        ich9_pm_write8(GPE0_EN, 0);
    }
    CONTEXT_CLEAR();
}
