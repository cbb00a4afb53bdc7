/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PM timer: its rate, its width, and the event at every change of its highest bit. */
#include <stddef.h>

#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/pit.h"
#include "kernel/alarm.h"
#include "kernel/test.h"
#include "tests/pm/pm.h"

#define TIMER_SPEC "ACPI 6.3, 4.8.3.3 \"Power Management Timer\": 3.579545 MHz, 24 bits; "
#define ICOUNT     "smm=any firmware=virgin boot=own icount=6"

#define MASK_24 0xffffffU

/* Both run from 14.31818 MHz: the PM timer by 4, the 8254 by 12. */
#define PIT_RATIO 3U
#define PIT_SPAN  40000U
#define NOISE     200U /* PM timer ticks between two reads */

/* An alarm may be off by as much as its clock was measured wrong. */
#define SLACK_US 20000U

TEST(pm, timer_rate, "the PM timer counts three times while the 8254 counts once",
     SPEC(TIMER_SPEC "ICH9 datasheet, \"8254 Timers\": 1.193182 MHz"), NEEDS(ICOUNT))
{
    uint32_t start, passed;
    uint16_t first, now;

    pit_one_shot(0xffff);
    (void)WAIT_FOR(pit_count() < 0xff00, SETTLE_MS);
    first = pit_count();
    start = ich9_pm_read32(PM1_TMR);
    do
        now = pit_count();
    while ((uint16_t)(first - now) < PIT_SPAN);
    passed = (ich9_pm_read32(PM1_TMR) - start) & MASK_24;
    EXPECT_RANGE("rate", passed, (uint16_t)(first - now) * PIT_RATIO - NOISE,
                 (uint16_t)(first - now) * PIT_RATIO + NOISE, "both count at their rates");
    pit_quiet();
}

TEST(pm, timer_width, "the PM timer has 24 bits, counts up and begins anew behind FFFFFFh",
     SPEC(TIMER_SPEC "PM1_TMR 31:24 reserved"), NEEDS(ICOUNT))
{
    uint32_t ones = 0, zeros = 0, before, now;

    alarm_init();
    /* Odd multiples of nothing: every bit is seen both ways within a few samples. */
    for (unsigned int i = 0; i < 64; i++) {
        CONTEXT("sample %u", i);
        before = ich9_pm_read32(PM1_TMR);
        alarm_sleep(177777);
        now = ich9_pm_read32(PM1_TMR);
        ones |= now;
        zeros |= ~now;
        EXPECT_RANGE("passed", (now - before) & MASK_24, 630000, 643000, "0.178 s is 636363 ticks");
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("ones", ones, MASK_24, "every bit is 1 at times, up to bit 23");
    EXPECT_BITS("zeros", zeros, MASK_24, MASK_24, "and 0 at times");
}

TEST(pm, timer_read_only, "writes to the PM timer change nothing", SPEC(TIMER_SPEC "read-only"),
     NEEDS(ICOUNT))
{
    uint32_t before = ich9_pm_read32(PM1_TMR);

    ich9_pm_write32(PM1_TMR, 0x555555);
    ich9_pm_write32(PM1_TMR, 0);
    EXPECT_RANGE("goes-on", (ich9_pm_read32(PM1_TMR) - before) & MASK_24, 0, NOISE,
                 "it goes on counting from where it was");
}

TEST(pm, timer_event, "every change of bit 23, and nothing else, sets TMROF_STS and raises the SCI",
     SPEC(TIMER_SPEC "4.8.3.1.1: TMR_STS; PM1_STS: R/WC"), NEEDS(ICOUNT))
{
    alarm_init();
    pm_begin();
    for (unsigned int i = 0; i < 5; i++) {
        bool msb = pm_timer_msb();

        CONTEXT("change %u, from %u", i, msb);
        if (pm_timer_us_to_toggle() < 3 * SLACK_US) /* too late for this one */
            alarm_sleep(4 * SLACK_US);
        msb = pm_timer_msb();
        ich9_pm_write16(PM1_STS, PM1_STS_TMROF);
        ich9_pm_write16(PM1_EN, PM1_STS_TMROF);
        alarm_sleep(pm_timer_us_to_toggle() - SLACK_US);
        EXPECT_EQ("same", pm_timer_msb(), msb, "bit 23 is what it was");
        EXPECT_TRUE("no-sci", !pm_line(SCI_DEFAULT), "no SCI before it changes");
        EXPECT_EQ("no-status", ich9_pm_read16(PM1_STS), 0, "nothing in PM1_STS");
        alarm_sleep(2 * SLACK_US);
        EXPECT_EQ("changed", pm_timer_msb(), !msb, "bit 23 has changed");
        EXPECT_TRUE("sci", pm_line(SCI_DEFAULT), "the SCI is raised");
        EXPECT_EQ("status", ich9_pm_read16(PM1_STS), PM1_STS_TMROF, "TMROF_STS alone is set");
        ich9_pm_write16(PM1_STS, 0);
        EXPECT_EQ("zero", ich9_pm_read16(PM1_STS), PM1_STS_TMROF, "writing 0 leaves it");
        ich9_pm_write16(PM1_STS, (uint16_t)~PM1_STS_TMROF);
        EXPECT_EQ("others", ich9_pm_read16(PM1_STS), PM1_STS_TMROF,
                  "so does writing 1 to all others");
        EXPECT_TRUE("level", pm_line(SCI_DEFAULT), "the SCI stays");
        ich9_pm_write16(PM1_STS, PM1_STS_TMROF);
        EXPECT_TRUE("cleared", !pm_line(SCI_DEFAULT), "writing 1 takes the SCI back");
        EXPECT_EQ("clear", ich9_pm_read16(PM1_STS), 0, "and clears the bit");
    }
    CONTEXT_CLEAR();
    ich9_pm_write16(PM1_EN, 0);
}

TEST(pm, timer_enable, "the timer's event is an SCI only while TMROF_EN is 1, however late that is",
     SPEC("ACPI 6.3, 4.8.3.1.2 \"PM1 Enable Registers\": TMR_EN; 4.8.3.1.1"), NEEDS(ICOUNT))
{
    alarm_init();
    pm_begin();
    alarm_sleep(pm_timer_us_to_toggle() + SLACK_US);
    EXPECT_EQ("status", ich9_pm_read16(PM1_STS), PM1_STS_TMROF, "TMROF_STS is set without enable");
    EXPECT_TRUE("disabled", !pm_line(SCI_DEFAULT), "but there is no SCI");
    ich9_pm_write16(PM1_EN, PM1_GBL | PM1_PWRBTN | PM1_RTC);
    EXPECT_TRUE("others", !pm_line(SCI_DEFAULT), "nor with all other enables");
    for (unsigned int i = 0; i < 3; i++) {
        CONTEXT("round %u", i);
        ich9_pm_write16(PM1_EN, PM1_STS_TMROF);
        EXPECT_TRUE("enabled", pm_line(SCI_DEFAULT), "the enable raises it");
        ich9_pm_write16(PM1_EN, 0);
        EXPECT_TRUE("taken-back", !pm_line(SCI_DEFAULT), "and takes it back");
        EXPECT_EQ("kept", ich9_pm_read16(PM1_STS), PM1_STS_TMROF, "the status stays");
    }
    CONTEXT_CLEAR();
    /* Disabled after the clock was set for the next one: no SCI then. */
    ich9_pm_write16(PM1_STS, PM1_STS_TMROF);
    ich9_pm_write16(PM1_EN, PM1_STS_TMROF);
    ich9_pm_write16(PM1_EN, 0);
    alarm_sleep(pm_timer_us_to_toggle() + SLACK_US);
    EXPECT_TRUE("late", !pm_line(SCI_DEFAULT), "disabled in time there is none");
    EXPECT_EQ("late-status", ich9_pm_read16(PM1_STS), PM1_STS_TMROF, "only the status");
    ich9_pm_write16(PM1_STS, PM1_STS_TMROF);
}
