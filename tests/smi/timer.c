/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two timers of the ICH9 that raise SMIs: SWSMI_TMR and the periodic one. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/alarm.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/smi/count.h"

#define SWSMI    "ICH9 datasheet, SMI_EN: SWSMI_TMR_EN; GEN_PMCON_3: SWSMI_RATE_SEL"
#define PERIODIC "ICH9 datasheet, SMI_EN: PERIODIC_EN; GEN_PMCON_1: PER_SMI_SEL"

#define GLOBAL (SMI_EN_GBL_SMI_EN | SMI_EN_EOS)
#define MS     1000U
#define S      1000000U

struct timer {
    uint32_t enable, status; /* SMI_EN, SMI_STS */
    struct {
        uint32_t min, max; /* us */
    } rates[4];
};

/* 1.5 ms +- 0.6, the others +- 4 ms */
static const struct timer software = {
    .enable = SMI_EN_SWSMI_TMR_EN,
    .status = SMI_STS_SWSMI_TMR,
    .rates = {{900, 2100}, {12 * MS, 20 * MS}, {28 * MS, 36 * MS}, {60 * MS, 68 * MS}},
};

/* No tolerance is given; a second covers what the RTC clock might do. */
static const struct timer periodic = {
    .enable = SMI_EN_PERIODIC_EN,
    .status = SMI_STS_PERIODIC,
    .rates = {{63 * S, 65 * S}, {31 * S, 33 * S}, {15 * S, 17 * S}, {7 * S, 9 * S}},
};

static void set_rate(const struct timer *t, uint32_t sel)
{
    if (t == &software)
        ich9_write8(ICH9_GEN_PMCON_3, (uint8_t)(sel << 6));
    else
        ich9_write8(ICH9_GEN_PMCON_1, (uint8_t)sel);
}

static uint32_t status(void)
{
    return ich9_pm_read32(SMI_STS);
}

/* Off, and what it and others (APM_STS) left behind is cleared: by writing 1 as the datasheet has
 * it, and by writing 0 for QEMU, whose SMI_STS is storage. */
static void stop(void)
{
    ich9_smi_en_write(GLOBAL);
    ich9_pm_write32(SMI_STS, UINT32_MAX);
    ich9_pm_write32(SMI_STS, 0);
    EXPECT_EQ("no-status", status(), 0, "SMI_STS is clear");
}

/* QEMU raises these SMIs on the first CPU only, by its own account (commit 3c23402d40). */
static void check_first_expiry(const struct timer *t, uint32_t sel)
{
    stop();
    set_rate(t, sel);
    smi_count_start();
    ich9_smi_en_write(GLOBAL | t->enable);
    alarm_sleep(t->rates[sel].min);
    EXPECT_EQ("not-before", smi_count_of(0), 0, "no SMI before the time");
    EXPECT_EQ("no-status", status(), 0, "SMI_STS is clear");
    alarm_sleep(t->rates[sel].max - t->rates[sel].min);
    ich9_smi_en_write(GLOBAL);
    EXPECT_EQ("status", status(), t->status, "SMI_STS names this source, and no other");
    smi_count_check(SMI_CPU(0));
}

static void check_rates(const struct timer *t)
{
    alarm_init();
    for (uint32_t sel = 0; sel < 4; sel++) {
        CONTEXT("rate %u", sel);
        check_first_expiry(t, sel);
    }
    CONTEXT_CLEAR();
}

static void check_stopped(const struct timer *t, uint32_t sel)
{
    uint32_t max = t->rates[sel].max;

    alarm_init();
    stop();
    set_rate(t, sel);
    smi_count_start();
    CONTEXT("never enabled");
    alarm_sleep(max * 2);
    smi_count_check(0);
    EXPECT_EQ("no-status", status(), 0, "SMI_STS is clear");
    CONTEXT("disabled again before the time");
    ich9_smi_en_write(GLOBAL | t->enable);
    alarm_sleep(t->rates[sel].min / 2);
    ich9_smi_en_write(GLOBAL);
    alarm_sleep(max * 2);
    smi_count_check(0);
    EXPECT_EQ("no-status", status(), 0, "SMI_STS is clear");
    CONTEXT("other enables instead");
    ich9_smi_en_write(GLOBAL | (~t->enable & ~(SMI_EN_SWSMI_TMR_EN | SMI_EN_PERIODIC_EN)));
    alarm_sleep(max * 2);
    smi_count_check(0);
    CONTEXT_CLEAR();
}

TEST(smi, swsmi_rates, "the software SMI timer raises an SMI after 1.5, 16, 32 or 64 ms",
     SPEC(SWSMI ": 1.5 ms +- 0.6 ms, the others +- 4 ms; QEMU: to the first CPU"),
     NEEDS("smp=3 machine>=pc-q35-9.2 firmware=virgin boot=own icount=6"))
{
    REQUIRE_SMM();
    check_rates(&software);
}

TEST(smi, swsmi_stopped, "disabled before its time, or never enabled, it raises none", SPEC(SWSMI),
     NEEDS("smp=3 machine>=pc-q35-9.2 firmware=virgin boot=own icount=6"))
{
    REQUIRE_SMM();
    check_stopped(&software, 1);
    check_stopped(&software, 3);
}

TEST(smi, periodic_rates, "the periodic timer raises an SMI after 64, 32, 16 or 8 s",
     SPEC(PERIODIC "; QEMU: to the first CPU"),
     NEEDS("smp=3 machine>=pc-q35-9.2 firmware=virgin boot=own icount=6"))
{
    REQUIRE_SMM();
    check_rates(&periodic);
}

TEST(smi, periodic_stopped, "disabled before its time, or never enabled, it raises none",
     SPEC(PERIODIC), NEEDS("smp=3 machine>=pc-q35-9.2 firmware=virgin boot=own icount=6"))
{
    REQUIRE_SMM();
    check_stopped(&periodic, 3);
    check_stopped(&periodic, 0);
}

TEST(smi, periodic_repeats, "the periodic timer goes on, one SMI a period", SPEC(PERIODIC),
     NEEDS("smp=2 machine>=pc-q35-9.2 firmware=virgin boot=own icount=6"))
{
    REQUIRE_SMM();
    alarm_init();
    stop();
    set_rate(&periodic, 3);
    smi_count_start();
    ich9_smi_en_write(GLOBAL | periodic.enable);
    alarm_sleep(4 * S);
    for (uint32_t period = 1; period <= 5; period++) {
        alarm_sleep(8 * S);
        CONTEXT("period %u", period);
        ich9_pm_write32(SMI_STS, SMI_STS_PERIODIC);
        smi_count_check(SMI_CPU(0));
    }
    CONTEXT_CLEAR();
    ich9_smi_en_write(GLOBAL);
}

/* Both at once: the software timer expires many times in one period of the other. */
TEST(smi, timers_together, "the periodic timer leaves the software timer's status alone",
     SPEC("ICH9 datasheet, SMI_STS: every source has a sticky bit of its own"),
     NEEDS("smp=2 machine>=pc-q35-9.2 firmware=virgin boot=own icount=6"))
{
    REQUIRE_SMM();
    stop();
    set_rate(&periodic, 3);
    set_rate(&software, 3);
    ich9_smi_en_write(GLOBAL | software.enable);
    alarm_sleep(100 * MS);
    EXPECT_EQ("software", status(), SMI_STS_SWSMI_TMR, "the software timer has left its mark");
    ich9_smi_en_write(GLOBAL | periodic.enable);
    EXPECT_EQ("kept", status(), SMI_STS_SWSMI_TMR, "disabling it does not clear it");
    alarm_sleep(9 * S);
    EXPECT_BITS("periodic", status(), SMI_STS_PERIODIC, SMI_STS_PERIODIC, "the other one has, too");
    EXPECT_BITS("both", status(), SMI_STS_SWSMI_TMR, SMI_STS_SWSMI_TMR, "and both are there");
    ich9_smi_en_write(GLOBAL);
}

TEST(smi, timer_status_clear, "the timers' status is cleared by writing 1, not by writing 0",
     SPEC("ICH9 datasheet, SMI_STS: R/WC"),
     NEEDS("smp=2 machine>=pc-q35-9.2 firmware=virgin boot=own icount=6"))
{
    static const struct timer *const timers[] = {&software, &periodic};

    REQUIRE_SMM();
    for (size_t i = 0; i < 2; i++) {
        const struct timer *t = timers[i];

        CONTEXT("status bit %#x", t->status);
        ich9_smi_en_write(GLOBAL);
        set_rate(t, 3);
        ich9_smi_en_write(GLOBAL | t->enable);
        alarm_sleep(t->rates[3].max);
        ich9_smi_en_write(GLOBAL);
        REQUIRE_EQ("set", status() & t->status, t->status, "the status is there");
        ich9_pm_write32(SMI_STS, 0);
        EXPECT_EQ("kept", status() & t->status, t->status, "writing 0 does not clear it");
        ich9_pm_write32(SMI_STS, t->status);
        EXPECT_EQ("cleared", status() & t->status, 0, "writing 1 does");
    }
    CONTEXT_CLEAR();
}

TEST(smi, timer_global, "without GBL_SMI_EN the timers raise no SMI",
     SPEC("ICH9 datasheet, SMI_EN: no SMI# is generated while GBL_SMI_EN is 0"),
     NEEDS("smp=2 machine>=pc-q35-9.2 firmware=virgin boot=own icount=6"))
{
    REQUIRE_SMM();
    set_rate(&software, 3);
    set_rate(&periodic, 3);
    smi_count_start();
    CONTEXT("software timer");
    ich9_smi_en_write(software.enable);
    alarm_sleep(software.rates[3].max);
    ich9_smi_en_write(0);
    smi_count_check(0);
    CONTEXT("periodic timer");
    ich9_smi_en_write(periodic.enable);
    alarm_sleep(periodic.rates[3].max);
    ich9_smi_en_write(0);
    smi_count_check(0);
    CONTEXT_CLEAR();
}

TEST(smi, swsmi, "there is a software SMI timer", SPEC(SWSMI),
     NEEDS("firmware=virgin boot=own icount=6"))
{
    REQUIRE_SMM();
    set_rate(&software, 0);
    smi_count_start();
    ich9_smi_en_write(GLOBAL | software.enable);
    alarm_sleep(10 * MS);
    ich9_smi_en_write(GLOBAL);
    EXPECT_NE("fires", smi_count_of(0), 0, "it raises an SMI");
}

TEST(smi, periodic, "there is a periodic SMI timer", SPEC(PERIODIC),
     NEEDS("firmware=virgin boot=own icount=6"))
{
    REQUIRE_SMM();
    set_rate(&periodic, 3);
    smi_count_start();
    ich9_smi_en_write(GLOBAL | periodic.enable);
    alarm_sleep(10 * S);
    ich9_smi_en_write(GLOBAL);
    EXPECT_NE("fires", smi_count_of(0), 0, "it raises an SMI");
}

/* RSM at the default SMBASE: RAM survives the reset, and an SMI that comes in spite of it finds
 * something to run, whenever it comes. */
static void put_rsm(void)
{
    volatile uint8_t *entry = mmio_pointer(DEFAULT_SMBASE + 0x8000);

    entry[0] = 0x0f;
    entry[1] = 0xaa;
}

TEST(smi, timer_reset, "a reset stops the periodic timer",
     SPEC("ICH9 datasheet, SMI_EN: core well"),
     NEEDS("machine>=pc-q35-9.2 firmware=virgin boot=own icount=6"))
{
    if (test_boot() == 1) {
        put_rsm();
        set_rate(&periodic, 3);
        ich9_smi_en_write(GLOBAL | periodic.enable);
        test_announce_reset();
        ich9_reset();
    }
    EXPECT_BITS("disabled", ich9_smi_en(), SMI_EN_PERIODIC_EN, 0, "PERIODIC_EN is 0");
    alarm_sleep(10 * S);
    EXPECT_EQ("no-status", status(), 0, "the time goes by without a mark in SMI_STS");
    EXPECT_EQ("no-smi", rdmsr(MSR_SMI_COUNT), 0, "and without an SMI");
}
