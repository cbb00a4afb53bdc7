/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watchdog's second timeout: who resets the machine, and who is told. */
#include "hw/cpu.h"
#include "hw/io.h"
#include "kernel/alarm.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/smi/count.h"
#include "tests/tco/tco.h"

#define OFF      (SMI_EN_GBL_SMI_EN | SMI_EN_EOS)
#define ON       (OFF | SMI_EN_TCO_EN)
#define TICKS(n) ((n)*TICK_US)

TEST(tco, second_smi, "every timeout is an SMI, also one without a reload since the last",
     SPEC(TCO_SPEC "TCO1_STS: TIMEOUT; SMI_EN: TCO_EN"), NEEDS("smp=2 " TCO_NEEDS STRAP))
{
    tco_begin_timer(ON);
    tco_start(4);
    for (unsigned int i = 1; i <= 4; i++) {
        CONTEXT("timeout %u", i);
        smi_count_start();
        alarm_sleep(i == 1 ? TICKS(5) : TICKS(4));
        EXPECT_EQ("timeout", tco1_status(), TCO1_STS_TIMEOUT, "TIMEOUT is set");
        smi_count_check(SMI_CPU(0));
        ich9_pm_write16(TCO1_STS, TCO1_STS_TIMEOUT);
    }
    CONTEXT_CLEAR();
    tco_stop();
}

/* Two timeouts without a reload, on a machine that must survive them. */
static void check_second_timeout(void)
{
    tco_start(4);
    alarm_sleep(TICKS(5) + SLACK_US);
    EXPECT_EQ("first", tco2_status() & TCO2_STS_SECOND_TO, 0, "one timeout is not a second one");
    alarm_sleep(TICKS(4) + SLACK_US);
    EXPECT_BITS("second", tco2_status(), TCO2_STS_SECOND_TO, TCO2_STS_SECOND_TO,
                "SECOND_TO_STS is set");
    EXPECT_BITS("timeout", tco1_status(), TCO1_STS_TIMEOUT, TCO1_STS_TIMEOUT, "TIMEOUT is");
    ich9_pm_write16(TCO1_STS, TCO1_STS_TIMEOUT);
    EXPECT_BITS("kept", tco2_status(), TCO2_STS_SECOND_TO, TCO2_STS_SECOND_TO,
                "clearing TIMEOUT leaves SECOND_TO_STS");
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT);
    ich9_pm_write16(TCO2_STS, TCO2_STS_SECOND_TO);
    EXPECT_BITS("cleared", tco2_status(), TCO2_STS_SECOND_TO, 0, "writing 1 clears it");
}

TEST(tco, second_strap, "the second timeout does not reset a machine that is strapped against it",
     SPEC("ICH9 datasheet, GCS: NO_REBOOT, by strap"), NEEDS(TCO_NEEDS STRAP))
{
    tco_begin_timer(OFF);
    tco_open_gcs(0); /* the strap is stronger */
    check_second_timeout();
    alarm_sleep(TICKS(30));
    EXPECT_TRUE("alive", true, "the machine goes on");
}

TEST(tco, second_again, "a machine that goes on is told of later second timeouts, too",
     SPEC(TCO_SPEC "TCO2_STS: SECOND_TO_STS, set by a timeout while one has not been answered"),
     NEEDS(TCO_NEEDS STRAP))
{
    tco_begin_timer(OFF);
    tco_start(4);
    for (unsigned int i = 1; i <= 3; i++) {
        CONTEXT("pair %u", i);
        alarm_sleep(TICKS(8) + SLACK_US);
        EXPECT_BITS("second", tco2_status(), TCO2_STS_SECOND_TO, TCO2_STS_SECOND_TO,
                    "two timeouts without a reload set SECOND_TO_STS");
        ich9_pm_write16(TCO1_STS, TCO1_STS_TIMEOUT);
        ich9_pm_write16(TCO2_STS, TCO2_STS_SECOND_TO);
    }
    CONTEXT_CLEAR();
    tco_stop();
}

TEST(tco, second_no_reboot, "the second timeout does not reset a machine with GCS.NO_REBOOT",
     SPEC("ICH9 datasheet, GCS: NO_REBOOT"), NEEDS(TCO_NEEDS NO_STRAP))
{
    tco_begin_timer(OFF);
    tco_open_gcs(TCO_GCS_NO_REBOOT);
    check_second_timeout();
    alarm_sleep(TICKS(30));
    EXPECT_TRUE("alive", true, "the machine goes on");
}

TEST(tco, second_resets, "else the second timeout resets the machine, not the first one",
     SPEC(TCO_SPEC "second timeout without a reload: reboot, unless NO_REBOOT"),
     NEEDS(TCO_NEEDS NO_STRAP))
{
    if (test_boot() == 1) {
        tco_begin_timer(OFF);
        tco_open_gcs(0);
        tco_start(10);
        alarm_sleep(TICKS(11) + SLACK_US);
        EXPECT_EQ("timeout", tco1_status(), TCO1_STS_TIMEOUT, "the first one is over");
        alarm_sleep(TICKS(6));
        test_set_word(0, 1);
        test_announce_reset();
        alarm_sleep(TICKS(6));
        FAIL_CHECK("resets", "the second one resets the machine", "it is still running");
        return;
    }
    EXPECT_EQ("not-first", test_word(0), 1, "the first timeout did not reset the machine");
    EXPECT_TRUE("resets", true, "the second one resets the machine");
    EXPECT_BITS("second", tco2_status(), TCO2_STS_SECOND_TO, TCO2_STS_SECOND_TO,
                "SECOND_TO_STS tells the firmware why");
}

TEST(tco, second_reload, "a reload between two timeouts prevents the reset",
     SPEC(TCO_SPEC "TCO_RLD prevents the timeout"), NEEDS(TCO_NEEDS NO_STRAP))
{
    tco_begin_timer(OFF);
    tco_open_gcs(0);
    tco_start(4);
    for (unsigned int i = 0; i < 4; i++) {
        alarm_sleep(TICKS(5) + SLACK_US);
        EXPECT_BITS("timeout", tco1_status(), TCO1_STS_TIMEOUT, TCO1_STS_TIMEOUT, "TIMEOUT is set");
        ich9_pm_write16(TCO_RLD, 1);
    }
    tco_stop();
    EXPECT_EQ("none", tco2_status(), 0, "none of them was a second one");
}

TEST(tco, second_event, "the host is told that the watchdog resets the machine",
     SPEC("QEMU qapi/run-state.json: WATCHDOG, action \"reset\""),
     NEEDS("host=wait " TCO_NEEDS NO_STRAP))
{
    char answer[160];

    if (!host_init())
        ERROR("there is no host on COM2");
    if (test_boot() == 1) {
        tco_begin_timer(OFF);
        tco_open_gcs(0);
        tco_start(2);
        test_announce_reset();
        alarm_sleep(TICKS(8));
        ERROR("the watchdog does not reset the machine");
    }
    REQUIRE_TRUE("event", host_request(answer, sizeof(answer), "wait WATCHDOG"), "it is told");
    EXPECT_TRUE("action", strstr(answer, "\"action\":\"reset\"") != NULL, "and of the action");
}
