/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does not wake a machine from S3. */
#include <stddef.h>

#include "firmware/hotplug.h"
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cmos.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/smi_features.h"
#include "kernel/host.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "tests/reset/after.h"
#include "tests/s3/s3.h"

#define HERE       "firmware=virgin boot=own accel=tcg smp=3 host=wakeup,events "
#define CPUS       3
#define VECTOR_NMI 2
#define NMIS       0 /* test_word() */

static void check_asleep(void)
{
    char events[160];

    REQUIRE_TRUE("events", host_request(events, sizeof(events), "events"), "the host tells");
    EXPECT_TRUE("asleep", strstr(events, "STILL_ASLEEP") != NULL,
                "the machine sleeps on behind it");
}

static void check_slept(void)
{
    check_asleep();
    after_reset_bsp();
    after_reset_cpus(CPUS);
}

static void on_nmi(struct trap_frame *frame)
{
    (void)frame;
    test_set_word(NMIS, test_word(NMIS) + 1);
}

TEST(s3, nmi_asleep, "an NMI neither wakes the machine nor is it left behind the wake-up",
     SPEC(S3 "ICH9 datasheet, \"Causes of Wake Events\": no NMI; Intel SDM vol. 3, 9.1"),
     NEEDS(HERE "host=nmi"))
{
    if (test_boot() == 1) {
        test_set_word(NMIS, 0);
        irq_set_handler(VECTOR_NMI, on_nmi);
        apic_enable();
        apic_write(APIC_LVT_LINT1, APIC_DM_NMI);
        host_do("nmi");
        REQUIRE_TRUE("delivered", WAIT_FOR(test_word(NMIS) == 1, PATIENCE_MS),
                     "an NMI by the host is delivered");
        s3_suspend_disturbed("nmi");
    }
    EXPECT_EQ("not-taken", test_word(NMIS), 1, "no CPU has taken it while the machine slept");
    check_slept();
}

TEST(s3, smi_asleep, "nor does an SMI, and is not left behind either",
     SPEC(S3 "ICH9 datasheet, \"Causes of Wake Events\": no SMI; Intel SDM vol. 3, 34.11"),
     NEEDS(HERE "machine>=pc-q35-2.9"))
{
    if (test_boot() == 1) {
        REQUIRE_SMM();
        REQUIRE_TRUE("broadcast", firmware_negotiate(FW_SMI_BROADCAST), "broadcast is in force");
        s3_suspend_disturbed("o /b 0xb2 0x10"); /* APM_CNT, by no CPU: an SMI for all */
    }
    check_slept();
}

#define PM1_RTC BIT(10)

/* An alarm at the next full second of the RTC, and none before. */
static void set_alarm(bool interrupt)
{
    uint8_t b = cmos_read(CMOS_REG_B) & (uint8_t)~CMOS_REG_B_AIE;

    cmos_write(CMOS_SECONDS_ALARM, CMOS_ALARM_ANY);
    cmos_write(CMOS_MINUTES_ALARM, CMOS_ALARM_ANY);
    cmos_write(CMOS_HOURS_ALARM, CMOS_ALARM_ANY);
    cmos_write(CMOS_REG_B, interrupt ? b | CMOS_REG_B_AIE : b);
    (void)cmos_read(CMOS_REG_C);
}

#define ALARM "firmware=virgin boot=own accel=tcg smm=any host=doze,events"

static void check_not_woken(void)
{
    EXPECT_BITS("source", ich9_pm_read16(PM1_STS), PM1_STS_WAK | PM1_RTC, PM1_STS_WAK,
                "it was not the RTC that woke the machine");
    check_asleep();
}

TEST(s3, alarm_not_enabled,
     "an alarm of the RTC does not wake while RTC_EN is 0, set before or not",
     SPEC(S3 "4.8.2.4 \"Real Time Clock Alarm\", 4.8.3.1.2: RTC_EN"), NEEDS(ALARM))
{
    if (test_boot() > 1)
        check_not_woken();
    if (test_boot() <= 2) {
        CONTEXT("RTC_EN %s", test_boot() == 1 ? "never set" : "cleared");
        if (test_boot() == 2)
            ich9_pm_write16(PM1_EN, PM1_RTC);
        ich9_pm_write16(PM1_EN, 0);
        set_alarm(true);
        s3_doze();
    }
}

TEST(s3, alarm_after_reset, "nor where RTC_EN was 1 before a reset of the platform",
     SPEC(S3 "4.8.3.1.2: RTC_EN; QEMU hw/acpi/core.c: PM1_EN is 0 after a reset"), NEEDS(ALARM))
{
    if (test_boot() == 1) {
        ich9_pm_write16(PM1_EN, PM1_RTC);
        test_announce_reset();
        ich9_reset();
    }
    if (test_boot() == 2) {
        REQUIRE_EQ("enable", ich9_pm_read16(PM1_EN), 0, "PM1_EN is 0 after the reset");
        set_alarm(true);
        s3_doze();
    }
    check_not_woken();
}

TEST(s3, alarm_interrupt, "nor while the alarm's interrupt is disabled in the RTC",
     SPEC(S3 "4.8.2.4; MC146818A, register B: AIE"), NEEDS(ALARM))
{
    if (test_boot() == 1) {
        ich9_pm_write16(PM1_EN, PM1_RTC);
        set_alarm(false);
        s3_doze();
    }
    check_not_woken();
}
