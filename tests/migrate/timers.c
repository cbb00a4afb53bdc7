/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The timers of the ICH9 that raise SMIs, over a migration. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/ich9.h"
#include "kernel/alarm.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/migrate/migrate.h"
#include "tests/smi/count.h"

#define GLOBAL (SMI_EN_GBL_SMI_EN | SMI_EN_EOS)
#define S      1000000U
#define HERE                                                                              \
    "machine>=pc-q35-9.2 accel=tcg firmware=virgin boot=own icount=6 smp=2 host=migrate " \
    "timeout=40"

#define HALF (1U << 23) /* of the PM timer's 24 bits; 3.579545 MHz */

/* Microseconds until the PM timer's bit 23 toggles. */
static uint32_t until_overflow(uint32_t count)
{
    return (HALF - count % HALF) / 7 * 1956 / 1000; /* 7 / 3.579545 us */
}

static bool overflow(void)
{
    return ich9_pm_read16(PM1_STS) & PM1_STS_TMROF;
}

TEST(migrate, pm_timer, "the PM timer goes on, and overflows when its bit 23 toggles",
     SPEC(MIGRATION "ACPI 6.3, 4.8.3.3 \"Power Management Timer\"; 4.8.3.1.1: TMR_STS"),
     NEEDS("firmware=virgin boot=own icount=2 smp=2 host=migrate timeout=40"))
{
    uint32_t before, after;

    alarm_init();
    alarm_sleep(until_overflow(ich9_pm_read32(PM1_TMR)) + 2000); /* all of a half is to come */
    ich9_pm_write16(PM1_STS, PM1_STS_TMROF);
    before = ich9_pm_read32(PM1_TMR);
    EXPECT_EQ("clear", overflow(), 0, "TMROF_STS can be cleared");
    migrate();
    after = ich9_pm_read32(PM1_TMR);
    if ((after ^ before) & HALF)
        ERROR("the migration took longer than the PM timer to overflow");
    EXPECT_RANGE("on", after, before, (before | (HALF - 1)), "the timer goes on from where it was");
    EXPECT_EQ("not-yet", overflow(), 0, "no overflow before it is time");
    alarm_sleep(until_overflow(ich9_pm_read32(PM1_TMR)) - 2000);
    EXPECT_EQ("not-before", overflow(), 0, "nor just before");
    alarm_sleep(4000);
    EXPECT_EQ("overflow", overflow(), 1, "then TMROF_STS is set");
    migrate();
    EXPECT_EQ("kept", overflow(), 1, "and stays so");
}

static void stop(void)
{
    ich9_smi_en_write(GLOBAL);
    ich9_pm_write32(SMI_STS, 0xffffffff);
    ich9_pm_write32(SMI_STS, 0);
}

TEST(migrate, smi_status, "the status of an expired SMI timer is kept, and a stopped one stays so",
     SPEC(MIGRATION "ICH9 datasheet, SMI_STS: SWSMI_TMR_STS, PERIODIC_STS"), NEEDS(HERE))
{
    static const uint32_t timers[][2] = {{SMI_EN_SWSMI_TMR_EN, SMI_STS_SWSMI_TMR},
                                         {SMI_EN_PERIODIC_EN, SMI_STS_PERIODIC}};

    REQUIRE_SMM();
    alarm_init();
    ich9_write8(ICH9_GEN_PMCON_1, 3); /* 8 s */
    for (size_t i = 0; i < 2; i++) {
        CONTEXT("timer %#x", timers[i][0]);
        stop();
        ich9_smi_en_write(GLOBAL | timers[i][0]);
        alarm_sleep(9 * S);
        ich9_smi_en_write(GLOBAL);
        EXPECT_EQ("before", ich9_pm_read32(SMI_STS), timers[i][1], "it has expired");
        smi_count_start();
        migrate();
        EXPECT_EQ("after", ich9_pm_read32(SMI_STS), timers[i][1], "its status is kept");
        alarm_sleep(20 * S);
        smi_count_check(0);
    }
    CONTEXT_CLEAR();
    stop();
}

TEST(migrate, smi_timers, "an SMI timer that runs expires on the other side",
     SPEC(MIGRATION "ICH9 datasheet, SMI_EN: SWSMI_TMR_EN, PERIODIC_EN"), NEEDS(HERE))
{
    REQUIRE_SMM();
    alarm_init();
    stop();
    ich9_write8(ICH9_GEN_PMCON_1, 0); /* 64 s, more than a migration may take */
    ich9_smi_en_write(GLOBAL | SMI_EN_PERIODIC_EN);
    smi_count_start();
    migrate();
    alarm_sleep(66 * S);
    EXPECT_EQ("periodic", ich9_pm_read32(SMI_STS) & SMI_STS_PERIODIC, SMI_STS_PERIODIC,
              "the periodic timer has expired");
    EXPECT_RANGE("smi", smi_count_of(0), 1, 2, "and raised its SMI");
    stop();
}
