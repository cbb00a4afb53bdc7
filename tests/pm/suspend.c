/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Suspend to RAM: what the firmware finds when it wakes, SMM set up and locked before. */
#include <stddef.h>

#include "hw/cmos.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "hw/smi_features.h"
#include "kernel/test.h"
#include "tests/pm/pm.h"
#include "tests/s3/states.h"

#define S3_SPEC "ACPI 6.3, 16.1.3 \"S3 Sleeping State\": all context but memory is lost; "

#define COOKIE 0x53330001ULL

enum { WORD_COOKIE };

/* An alarm at every full second wakes. */
static void wake_every_second(void)
{
    cmos_write(CMOS_SECONDS_ALARM, CMOS_ALARM_ANY);
    cmos_write(CMOS_MINUTES_ALARM, CMOS_ALARM_ANY);
    cmos_write(CMOS_HOURS_ALARM, CMOS_ALARM_ANY);
    cmos_write(CMOS_REG_B, cmos_read(CMOS_REG_B) | CMOS_REG_B_AIE);
    ich9_pm_write16(PM1_EN, PM1_RTC);
    /* Now, so that the next one is a second away. */
    REQUIRE_TRUE("alarm", WAIT_FOR(cmos_read(CMOS_REG_C) & CMOS_REG_C_AF, PATIENCE_MS),
                 "the alarm comes");
}

static uint32_t s3_code(void)
{
    uint8_t states[SLEEP_STATES];

    sleep_states_read(states);
    REQUIRE_EQ("s3", states[3] & SLEEP_STATE_ENABLED, SLEEP_STATE_ENABLED, "the machine has S3");
    return states[3] & ~SLEEP_STATE_ENABLED;
}

static void suspend(uint32_t typ)
{
    ich9_pm_write16(PM1_CNT, (uint16_t)(PM1_CNT_SLP_TYP(typ) | PM1_CNT_SCI_EN));
    ich9_pm_write16(PM1_CNT, (uint16_t)(PM1_CNT_SLP_TYP(typ) | PM1_CNT_SCI_EN | PM1_CNT_SLP_EN));
    /*
     * It may go on for a while. An alarm in this time wakes nobody and has to be acknowledged, or
     * it was the last one; by nothing but reads of register C, which cmos_read() has selected.
     */
    (void)cmos_read(CMOS_REG_C);
    (void)WAIT_FOR((inb(CMOS_DATA), false), PATIENCE_MS);
    FAIL_CHECK("suspends", "the machine goes to sleep", "it goes on");
}

TEST(pm, suspend, "behind S3, SMI_EN, SMRAM and the negotiation are as after a reset, RAM is kept",
     SPEC(S3_SPEC "ICH9 datasheet, SMI_EN, PM1_STS: WAK_STS; edk2 SmmControl2Dxe replays all"),
     NEEDS("accel=tcg machine>=pc-q35-2.9 firmware=virgin boot=own"))
{
    uint8_t ok = 0xff;

    CONTEXT("boot %u", test_boot());
    EXPECT_BITS("smi-en", ich9_smi_en(), ~SMI_EN_EOS, 0, "SMI_EN is 0, EOS apart");
    EXPECT_BITS("smram", mch_read8(MCH_SMRAM), SMRAM_D_LCK | SMRAM_D_OPEN | SMRAM_G_SMRAME, 0,
                "SMRAM is closed, disabled and not locked");
    EXPECT_BITS("esmramc", mch_read8(MCH_ESMRAMC), ESMRAMC_T_EN, 0, "TSEG is disabled");
    REQUIRE_TRUE("negotiates", smi_features_request(FW_SMI_BROADCAST, &ok),
                 "the machine negotiates");
    EXPECT_EQ("accepted", ok, 1, "broadcast is accepted, be it again");
    CONTEXT_CLEAR();
    if (test_boot() == 1) {
        uint32_t typ = s3_code();

        test_set_word(WORD_COOKIE, COOKIE);
        ich9_smi_en_write(SMI_EN_GBL_SMI_EN | SMI_EN_BIOS_EN);
        mch_write8(MCH_ESMRAMC, ESMRAMC_T_EN);
        mch_write8(MCH_SMRAM, SMRAM_G_SMRAME | SMRAM_D_LCK);
        wake_every_second();
        test_announce_reset();
        suspend(typ);
        return;
    }
    EXPECT_EQ("memory", test_word(WORD_COOKIE), COOKIE, "memory is kept");
    EXPECT_BITS("woken", ich9_pm_read16(PM1_STS), PM1_STS_WAK, PM1_STS_WAK, "WAK_STS is set");
    EXPECT_BITS("by-rtc", ich9_pm_read16(PM1_STS), PM1_RTC | PM1_PWRBTN, PM1_RTC,
                "RTC_STS says who woke it");
    ich9_pm_write16(PM1_STS, PM1_STS_WAK);
    EXPECT_BITS("acknowledged", ich9_pm_read16(PM1_STS), PM1_STS_WAK | PM1_RTC, PM1_RTC,
                "writing 1 clears WAK_STS, and nothing else");
}
