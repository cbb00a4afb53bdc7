/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The power button, which the host presses: an event of the PM1 block that is no timer. */
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/host.h"
#include "kernel/test.h"
#include "tests/pm/pm.h"

#define BUTTON_SPEC "ACPI 6.3, 4.8.2.2.1.1 \"Fixed Power Button\", 4.8.3.1.1: PWRBTN_STS; "
#define BUTTON      "smm=any accel=tcg firmware=virgin boot=own host=hmp,wait"

/* QEMU sends the event before it tells the chipset, and does both in one go. */
static void press(void)
{
    host_do("hmp system_powerdown");
    host_do("wait POWERDOWN");
}

static uint16_t status(void)
{
    return ich9_pm_read16(PM1_STS) & ~PM1_STS_TMROF;
}

TEST(pm, power_button, "the power button sets PWRBTN_STS and raises the SCI, until that is cleared",
     SPEC(BUTTON_SPEC PM_SPEC "PM1_STS: R/WC"), NEEDS(BUTTON))
{
    pm_begin();
    EXPECT_EQ("before", status(), 0, "nothing has happened yet");
    for (unsigned int i = 0; i < 3; i++) {
        CONTEXT("press %u", i);
        ich9_pm_write16(PM1_EN, PM1_PWRBTN);
        press();
        EXPECT_TRUE("sci", pm_line(SCI_DEFAULT), "the SCI is raised");
        EXPECT_EQ("status", status(), PM1_PWRBTN, "PWRBTN_STS alone is set");
        ich9_pm_write16(PM1_EN, PM1_GBL | PM1_RTC);
        EXPECT_TRUE("disabled", !pm_line(SCI_DEFAULT), "disabled, it is taken back");
        ich9_pm_write16(PM1_EN, PM1_PWRBTN | PM1_RTC);
        EXPECT_TRUE("enabled", pm_line(SCI_DEFAULT), "enabled, it is there again");
        ich9_pm_write16(PM1_STS, (uint16_t)~PM1_PWRBTN);
        EXPECT_EQ("others", status(), PM1_PWRBTN, "writing 1 to other bits leaves it");
        ich9_pm_write16(PM1_STS, 0);
        EXPECT_EQ("zero", status(), PM1_PWRBTN, "so does writing 0");
        EXPECT_TRUE("level", pm_line(SCI_DEFAULT), "the SCI stays");
        ich9_pm_write16(PM1_STS, PM1_PWRBTN);
        EXPECT_TRUE("cleared", !pm_line(SCI_DEFAULT), "writing 1 takes the SCI back");
        EXPECT_EQ("clear", status(), 0, "and clears the bit");
    }
    CONTEXT_CLEAR();
    ich9_pm_write16(PM1_EN, 0);
}

TEST(pm, power_button_disabled, "without PWRBTN_EN the power button is no SCI",
     SPEC(BUTTON_SPEC "4.8.3.1.2: PWRBTN_EN"), NEEDS(BUTTON))
{
    pm_begin();
    ich9_pm_write16(PM1_EN, PM1_GBL | PM1_RTC);
    press();
    EXPECT_TRUE("no-sci", !pm_line(SCI_DEFAULT), "no SCI");
    ich9_pm_write16(PM1_EN, 0);
    EXPECT_EQ("status", status(), PM1_PWRBTN, "PWRBTN_STS is set all the same");
    ich9_pm_write16(PM1_STS, PM1_PWRBTN);
}

static void expect_both(const char *id)
{
    EXPECT_EQ(id, ich9_pm_read16(PM1_STS), PM1_PWRBTN | PM1_STS_TMROF, "both events are pending");
}

TEST(pm, two_events, "of two pending events each is the SCI, and each is cleared by itself",
     SPEC(BUTTON_SPEC PM_SPEC "PM1_STS, PM1_EN"), NEEDS(BUTTON " icount=6"))
{
    pm_begin_event();
    ich9_pm_write16(PM1_EN, PM1_PWRBTN);
    EXPECT_TRUE("before", !pm_line(SCI_DEFAULT), "the timer's event alone is not enabled");
    press();
    EXPECT_TRUE("second", pm_line(SCI_DEFAULT), "the power button raises the SCI all the same");
    expect_both("pressed");
    ich9_pm_write16(PM1_EN, PM1_PWRBTN | PM1_STS_TMROF);
    EXPECT_TRUE("both", pm_line(SCI_DEFAULT), "so do both");
    ich9_pm_write16(PM1_STS, PM1_PWRBTN);
    EXPECT_EQ("timer-stays", ich9_pm_read16(PM1_STS), PM1_STS_TMROF, "one can be cleared");
    EXPECT_TRUE("timer", pm_line(SCI_DEFAULT), "then the other one is the SCI");
    press();
    ich9_pm_write16(PM1_STS, PM1_STS_TMROF);
    EXPECT_EQ("button-stays", status(), PM1_PWRBTN, "the other one can");
    EXPECT_TRUE("button", pm_line(SCI_DEFAULT), "then the first one is the SCI");

    pm_begin_event();
    ich9_pm_write16(PM1_EN, PM1_PWRBTN | PM1_STS_TMROF);
    press();
    expect_both("again");
    ich9_pm_write16(PM1_STS, PM1_PWRBTN | PM1_STS_TMROF);
    EXPECT_EQ("at-once", ich9_pm_read16(PM1_STS), 0, "one write clears both");
    EXPECT_TRUE("none", !pm_line(SCI_DEFAULT), "and ends the SCI");
    ich9_pm_write16(PM1_EN, 0);
}
