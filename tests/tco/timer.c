/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watchdog timer. It counts in ticks of 0.6 s, and the datasheet allows it an error of one
 * tick; so a time of n ticks is over not before n - 1 and not after n + 1.
 */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/io.h"
#include "kernel/alarm.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/smi/count.h"
#include "tests/tco/tco.h"

#define OFF      (SMI_EN_GBL_SMI_EN | SMI_EN_EOS)
#define ON       (OFF | SMI_EN_TCO_EN)
#define TICKS(n) ((n)*TICK_US)

static uint16_t count(void)
{
    return ich9_pm_read16(TCO_RLD) & 0x3ff;
}

/* From start or reload to the first timeout of n ticks. */
static void check_first_timeout(uint16_t n, uint64_t takers)
{
    smi_count_start();
    alarm_sleep(TICKS(n - 1U) - SLACK_US);
    EXPECT_EQ("not-before", tco1_status(), 0, "no timeout before the time");
    EXPECT_EQ("no-smi", smi_count_of(0), 0, "and no SMI");
    alarm_sleep(TICKS(2U) + SLACK_US);
    EXPECT_EQ("timeout", tco1_status(), TCO1_STS_TIMEOUT, "TIMEOUT alone is set");
    EXPECT_EQ("not-second", tco2_status(), 0, "it is not the second one");
    smi_count_check(takers);
}

TEST(tco, first_timeout, "when the time is over, TIMEOUT is set and one SMI is raised",
     SPEC(TCO_SPEC "TCO_TMR: 0.6 s a tick, 1.2 s to 613 s; QEMU: SMI to the first CPU"),
     NEEDS("smp=3 " TCO_NEEDS STRAP))
{
    static const uint16_t ticks[] = {3, 4, 5, 16, 63, 64, 100, 255, 256, 511, 512, 800};

    tco_begin_timer(ON);
    for (size_t i = 0; i < sizeof(ticks) / sizeof(ticks[0]); i++) {
        CONTEXT("%u ticks", ticks[i]);
        tco_stop();
        tco_start(ticks[i]);
        check_first_timeout(ticks[i], SMI_CPU(0));
    }
    CONTEXT_CLEAR();
    tco_stop();
}

TEST(tco, timeout_keeps, "a timeout leaves the marks of TCO_DAT_IN and TCO_DAT_OUT",
     SPEC(TCO_SPEC "TCO1_STS: every bit for itself"), NEEDS(TCO_NEEDS STRAP))
{
    tco_begin_timer(OFF);
    ich9_pm_write8(TCO_DAT_IN, 1);
    ich9_pm_write8(TCO_DAT_OUT, 1);
    tco_start(3);
    alarm_sleep(TICKS(4) + SLACK_US);
    EXPECT_EQ("all", tco1_status(), TCO1_STS_SW_TCO_SMI | TCO1_STS_TCO_INT | TCO1_STS_TIMEOUT,
              "all three are set");
    tco_stop();
}

TEST(tco, timeout_gate, "without TCO_EN the timeout is no SMI", SPEC(TCO_SPEC "SMI_EN: TCO_EN"),
     NEEDS("smp=2 " TCO_NEEDS STRAP))
{
    tco_begin_timer(OFF | SMI_EN_APMC_EN);
    tco_start(5);
    check_first_timeout(5, 0);
    tco_stop();
}

TEST(tco, timeout_global, "without GBL_SMI_EN the timeout is no SMI",
     SPEC("ICH9 datasheet, SMI_EN: no SMI# is generated while GBL_SMI_EN is 0"),
     NEEDS("smp=2 " TCO_NEEDS STRAP))
{
    tco_begin_timer(SMI_EN_EOS | SMI_EN_TCO_EN);
    tco_start(5);
    smi_count_start();
    alarm_sleep(TICKS(6) + SLACK_US);
    EXPECT_EQ("timeout", tco1_status(), TCO1_STS_TIMEOUT, "TIMEOUT is set");
    smi_count_check(0);
    tco_stop();
}

TEST(tco, counts_down, "TCO_RLD reads the current count, which goes down once in 0.6 s",
     SPEC(TCO_SPEC "TCO_RLD, TCO_TMR"), NEEDS(TCO_NEEDS STRAP))
{
    tco_begin_timer(OFF);
    for (uint16_t n = 2; n < 1024; n = (uint16_t)(n * 3 + 1)) {
        CONTEXT("%u ticks", n);
        tco_stop();
        tco_start(n);
        EXPECT_RANGE("start", count(), n - 1U, n, "a reload sets it to TCO_TMR");
        if (n < 100)
            continue;
        alarm_sleep(TICKS(50) + TICK_US / 2);
        EXPECT_RANGE("later", count(), n - 52U, n - 49U, "fifty ticks later it is fifty less");
        alarm_sleep(TICKS(40));
        EXPECT_RANGE("later", count(), n - 92U, n - 89U, "and so on");
    }
    CONTEXT_CLEAR();
    tco_stop();
}

TEST(tco, reload, "a write to TCO_RLD starts the time anew, any value will do",
     SPEC(TCO_SPEC "TCO_RLD: writing any value reloads the timer"), NEEDS(TCO_NEEDS STRAP))
{
    tco_begin_timer(ON);
    tco_start(10);
    for (uint16_t i = 0; i < 6; i++) {
        CONTEXT("reload %u", i);
        alarm_sleep(TICKS(6));
        ich9_pm_write16(TCO_RLD, (uint16_t)(i * 0x55));
        EXPECT_EQ("none", tco1_status(), 0, "the time is never over");
        EXPECT_RANGE("full", count(), 9, 10, "the count is full again");
    }
    CONTEXT("then no more reloads");
    check_first_timeout(10, SMI_CPU(0));
    CONTEXT_CLEAR();
    tco_stop();
}

TEST(tco, value_at_reload, "a new TCO_TMR is for the next reload, not for the time that runs",
     SPEC(TCO_SPEC "TCO_TMR: loaded into the timer each time TCO_RLD is written"),
     NEEDS(TCO_NEEDS STRAP))
{
    tco_begin_timer(OFF);
    tco_start(10);
    alarm_sleep(TICKS(4));
    ich9_pm_write16(TCO_TMR, 100);
    EXPECT_RANGE("running", count(), 5, 6, "the count goes on");
    ich9_pm_write16(TCO_TMR, 3);
    EXPECT_RANGE("shorter", count(), 5, 6, "be it longer or shorter");
    alarm_sleep(TICKS(7) + SLACK_US);
    EXPECT_EQ("timeout", tco1_status(), TCO1_STS_TIMEOUT, "the time is over when it was to be");
    ich9_pm_write16(TCO_TMR, 50);
    ich9_pm_write16(TCO_RLD, 1);
    EXPECT_RANGE("reloaded", count(), 49, 50, "the reload takes the new value");
    tco_stop();
}

TEST(tco, reload_counts_anew, "after a reload the next timeout is a first one again",
     SPEC(TCO_SPEC "SECOND_TO_STS: the timer expired a second time without a reload"),
     NEEDS(TCO_NEEDS STRAP))
{
    tco_begin_timer(OFF);
    tco_start(4);
    for (unsigned int i = 1; i <= 4; i++) {
        CONTEXT("timeout %u", i);
        alarm_sleep(TICKS(5) + SLACK_US);
        EXPECT_BITS("timeout", tco1_status(), TCO1_STS_TIMEOUT, TCO1_STS_TIMEOUT, "TIMEOUT is set");
        EXPECT_EQ("first", tco2_status(), 0, "it is a first one");
        ich9_pm_write16(TCO1_STS, TCO1_STS_TIMEOUT);
        EXPECT_EQ("cleared", tco1_status(), 0, "writing 1 clears TIMEOUT");
        ich9_pm_write16(TCO_RLD, 1);
    }
    CONTEXT_CLEAR();
    tco_stop();
}

TEST(tco, halt, "TCO_TMR_HLT stops the timer, and it goes on afterwards",
     SPEC(TCO_SPEC "TCO1_CNT: TCO_TMR_HLT"), NEEDS("smp=2 " TCO_NEEDS STRAP))
{
    uint16_t left;

    tco_begin_timer(ON);
    smi_count_start();
    tco_start(5);
    alarm_sleep(TICKS(2));
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT);
    left = count();
    alarm_sleep(TICKS(30));
    EXPECT_EQ("halted", tco1_status(), 0, "no timeout while it is halted");
    EXPECT_EQ("count", count(), left, "and the count stays");
    CONTEXT("reloaded while halted");
    ich9_pm_write16(TCO_RLD, 1);
    alarm_sleep(TICKS(30));
    EXPECT_EQ("halted", tco1_status(), 0, "no timeout while it is halted");
    smi_count_check(0);
    CONTEXT("no longer halted");
    ich9_pm_write16(TCO1_CNT, 0);
    alarm_sleep(TICKS(6) + SLACK_US);
    EXPECT_EQ("goes-on", tco1_status(), TCO1_STS_TIMEOUT, "the timeout comes");
    smi_count_check(SMI_CPU(0));
    CONTEXT_CLEAR();
    tco_stop();
}

TEST(tco, small_values, "times of 0 and 1 tick are ignored",
     SPEC(TCO_SPEC "TCO_TMR: values of 0 and 1 are ignored"), NEEDS(TCO_NEEDS STRAP))
{
    tco_begin_timer(ON);
    for (uint16_t n = 0; n < 2; n++) {
        CONTEXT("%u ticks", n);
        tco_stop();
        ich9_pm_write16(TCO_TMR, 100);
        tco_start(n);
        alarm_sleep(TICKS(20));
        EXPECT_EQ("ignored", tco1_status(), 0, "nothing happens in the time");
    }
    CONTEXT("2 ticks");
    tco_stop();
    tco_start(2);
    alarm_sleep(TICKS(3) + SLACK_US);
    EXPECT_EQ("smallest", tco1_status(), TCO1_STS_TIMEOUT, "the smallest value works");
    CONTEXT_CLEAR();
    tco_stop();
}
