/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watchdog over a migration: counting, halted, between its two timeouts. */
#include "tests/tco/tco.h"
#include "hw/ich9.h"
#include "kernel/alarm.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/migrate/migrate.h"
#include "tests/smi/count.h"

#define HERE     TCO_NEEDS " smp=2 host=migrate global=ICH9-LPC.noreboot=on timeout=40"
#define ON       (SMI_EN_GBL_SMI_EN | SMI_EN_EOS | SMI_EN_TCO_EN)
#define TICKS(n) ((n)*TICK_US)

/* Ticks that may go by while the guest waits for the host: half a minute. */
#define PATIENT 60U

static uint16_t count(void)
{
    return ich9_pm_read16(TCO_RLD) & 0x3ff;
}

static void expire(void)
{
    alarm_sleep(TICKS(count() - 1U) - SLACK_US);
    EXPECT_EQ("not-before", tco1_status(), 0, "no timeout before the time");
    EXPECT_EQ("no-smi", smi_count_of(0), 0, "and no SMI");
    alarm_sleep(TICKS(3U));
    EXPECT_EQ("timeout", tco1_status(), TCO1_STS_TIMEOUT, "then TIMEOUT is set");
}

TEST(migrate, tco_counting, "the watchdog counts on from where it was and expires when it should",
     SPEC(MIGRATION TCO_SPEC "TCO_RLD, TCO_TMR, TIMEOUT"), NEEDS(HERE))
{
    uint16_t before;

    tco_begin(ON);
    tco_start(500);
    alarm_sleep(TICKS(100));
    smi_count_start();
    before = count();
    migrate();
    EXPECT_RANGE("count", count(), before - PATIENT, before, "the count is where it was");
    expire();
    smi_count_check(SMI_CPU(0));
    EXPECT_EQ("first", tco2_status(), 0, "it was the first timeout");
    ich9_pm_write16(TCO1_STS, 0);
    migrate();
    alarm_sleep(TICKS(500));
    EXPECT_EQ("second", tco2_status() & TCO2_STS_SECOND_TO, TCO2_STS_SECOND_TO,
              "the next one is the second, behind another migration");
    before = tco2_status();
    migrate();
    EXPECT_EQ("second-kept", tco2_status(), before, "its status is kept by a third one");
    tco_stop();
}

TEST(migrate, tco_halted, "a halted watchdog stays halted, with its count, and can be started",
     SPEC(MIGRATION TCO_SPEC "TCO1_CNT: TCO_TMR_HLT, TCO_LOCK"), NEEDS(HERE))
{
    tco_begin(ON);
    ich9_pm_write16(TCO_TMR, 300);
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT);
    smi_count_start();
    migrate();
    EXPECT_BITS("halted", ich9_pm_read16(TCO1_CNT), TCO1_CNT_TMR_HLT, TCO1_CNT_TMR_HLT,
                "TCO_TMR_HLT is set");
    alarm_sleep(TICKS(700));
    EXPECT_EQ("silent", tco1_status(), 0, "no timeout comes");
    smi_count_check(0);
    ich9_pm_write16(TCO1_CNT, 0);
    ich9_pm_write16(TCO_RLD, 1);
    EXPECT_RANGE("started", count(), 298, 300, "it starts with the value of TCO_TMR");
    expire();
    smi_count_check(SMI_CPU(0));
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT | TCO1_CNT_LOCK);
    migrate();
    ich9_smi_en_write(0);
    EXPECT_BITS("locked", ich9_smi_en(), SMI_EN_TCO_EN, SMI_EN_TCO_EN, "TCO_LOCK freezes TCO_EN");
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT);
    EXPECT_BITS("lock", ich9_pm_read16(TCO1_CNT), TCO1_CNT_LOCK, TCO1_CNT_LOCK, "and itself");
}
