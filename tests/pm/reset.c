/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Power management after power-on and after a reset, and the register that resets. */
#include <stddef.h>

#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/alarm.h"
#include "kernel/host.h"
#include "kernel/stop.h"
#include "kernel/test.h"
#include "tests/pm/pm.h"

#define RESET_SPEC \
    "QEMU docs/devel/reset: a system reset brings back the state at the start of QEMU; "

#define GPE0_BYTES 8U

#define RCBA_HOME 0xfed1c000U
#define GCS       0x3410U
#define D31IP     0x3100U
#define D31IR     0x3140U

enum { WORD_RCBA, WORD_GCS, WORD_D31IP, WORD_D31IR };

static void check_clear(void)
{
    CONTEXT("boot %u", test_boot());
    EXPECT_EQ("pm1-en", ich9_pm_read16(PM1_EN), 0, "PM1_EN is 0");
    EXPECT_EQ("pm1-sts", ich9_pm_read16(PM1_STS) & ~PM1_STS_TMROF, 0,
              "PM1_STS is 0, the timer's bit apart");
    EXPECT_EQ("pm1-cnt", ich9_pm_read16(PM1_CNT), 0, "PM1_CNT is 0");
    for (uint8_t i = 0; i < GPE0_BYTES; i++) {
        CONTEXT("boot %u, byte %u", test_boot(), i);
        EXPECT_EQ("gpe0-sts", ich9_pm_read8(GPE0_STS + i), 0, "GPE0_STS is 0");
        EXPECT_EQ("gpe0-en", ich9_pm_read8(GPE0_EN + i), 0, "GPE0_EN is 0");
    }
    CONTEXT_CLEAR();
}

/* Everything that can be set is. */
static void set_all(void)
{
    ich9_pm_write16(PM1_CNT, (uint16_t)(PM1_CNT_SCI_EN | PM1_CNT_SLP_TYP(7)));
    ich9_pm_write16(PM1_EN, PM1_STS_TMROF | PM1_GBL | PM1_PWRBTN | PM1_RTC);
    for (uint8_t i = 0; i < GPE0_BYTES; i++)
        ich9_pm_write8(GPE0_EN + i, 0xff);
    EXPECT_EQ("set", ich9_pm_read8(GPE0_EN + GPE0_BYTES - 1), 0xff, "all of GPE0_EN can be set");
}

TEST(pm, reset, "PM1_EN, PM1_CNT, GPE0_STS and GPE0_EN are 0 at power-on and after a reset",
     SPEC(RESET_SPEC PM_SPEC "default values"), NEEDS("firmware=virgin boot=own"))
{
    check_clear();
    if (test_boot() == 1) {
        set_all();
        test_announce_reset();
        ich9_reset();
    }
}

TEST(pm, reset_by_host, "the same when the host resets the machine",
     SPEC(RESET_SPEC PM_SPEC "default values"), NEEDS("firmware=virgin boot=own host=reset"))
{
    check_clear();
    if (test_boot() == 1) {
        set_all();
        test_announce_reset();
        host_do("reset");
        cpu_stop();
    }
}

TEST(pm, reset_events, "events of the power button and of CPU hotplug are forgotten at a reset",
     SPEC(RESET_SPEC PM_SPEC "PM1_STS and GPE0_STS, default values"),
     NEEDS("maxcpus=2 firmware=virgin boot=own host=hmp,wait,plug"))
{
    check_clear();
    if (test_boot() == 1) {
        ich9_pm_write16(PM1_EN, PM1_PWRBTN);
        host_do("hmp system_powerdown");
        host_do("wait POWERDOWN");
        host_do("plug 1");
        EXPECT_BITS("button", ich9_pm_read16(PM1_STS), PM1_PWRBTN, PM1_PWRBTN, "PWRBTN_STS is set");
        EXPECT_EQ("hotplug", ich9_pm_read8(GPE0_STS), GPE0_CPU_HOTPLUG, "GPE0 bit 2 is set");
        test_announce_reset();
        ich9_reset();
    }
}

TEST(pm, timer_status_default, "no event of the PM timer is pending at power-on",
     SPEC(PM_SPEC "PM1_STS, default 0000h; TMROF_STS is set when bit 23 of the timer changes"),
     NEEDS("smm=any firmware=virgin boot=own icount=6"))
{
    REQUIRE_TRUE("early", !pm_timer_msb() && pm_timer_us_to_toggle() > 1000000,
                 "bit 23 has not changed since power-on");
    EXPECT_EQ("clear", ich9_pm_read16(PM1_STS) & PM1_STS_TMROF, 0, "TMROF_STS is 0");
}

TEST(pm, reset_sci, "an SCI that is active at a reset is gone afterwards, and can come again",
     SPEC(RESET_SPEC PM_SPEC "default values"),
     NEEDS("smm=any accel=tcg firmware=virgin boot=own icount=6"))
{
    alarm_init();
    pm_begin();
    CONTEXT("boot %u", test_boot());
    EXPECT_TRUE("inactive", !pm_line(SCI_DEFAULT), "the SCI is inactive");
    ich9_pm_write16(PM1_EN, PM1_STS_TMROF);
    alarm_sleep(pm_timer_us_to_toggle() + 20000);
    EXPECT_TRUE("active", pm_line(SCI_DEFAULT), "an event raises it");
    CONTEXT_CLEAR();
    if (test_boot() == 1) {
        test_announce_reset();
        ich9_reset();
    }
    ich9_pm_write16(PM1_EN, 0);
}

static uint32_t chip_read(uint32_t offset)
{
    return mmio_read32(RCBA_HOME + offset);
}

TEST(pm, reset_chip_configuration, "RCBA and the registers behind it start over with a reset",
     SPEC(RESET_SPEC "ICH9 datasheet, RCBA, \"Chipset Configuration Registers\""),
     NEEDS("smm=any firmware=virgin boot=own"))
{
    uint32_t rcba = ich9_read32(ICH9_RCBA);

    if (test_boot() == 1)
        test_set_word(WORD_RCBA, rcba);
    EXPECT_EQ("rcba", rcba, test_word(WORD_RCBA), "RCBA is as at power-on");
    ich9_write32(ICH9_RCBA, RCBA_HOME | RCBA_EN);
    if (test_boot() == 1) {
        test_set_word(WORD_GCS, chip_read(GCS));
        test_set_word(WORD_D31IR, chip_read(D31IR));
        test_set_word(WORD_D31IP, chip_read(D31IP));
        mmio_write32(RCBA_HOME + D31IP, 0x00012345);
        mmio_write32(RCBA_HOME + GCS, ~chip_read(GCS) & BIT(5));
        mmio_write16(RCBA_HOME + D31IR, 0x0123);
        EXPECT_EQ("written", chip_read(D31IR) & 0xffff, 0x0123, "D31IR keeps what is written");
        ich9_write32(ICH9_RCBA, 0xfed20000 | RCBA_EN);
        test_announce_reset();
        ich9_reset();
    }
    EXPECT_EQ("gcs", chip_read(GCS), test_word(WORD_GCS), "GCS is as at power-on");
    EXPECT_EQ("d31ip", chip_read(D31IP), test_word(WORD_D31IP), "D31IP is as at power-on");
    EXPECT_EQ("d31ir", chip_read(D31IR), test_word(WORD_D31IR), "D31IR is as at power-on");
}

#define CNT_SPEC   "ICH9 datasheet, RST_CNT (CF9h): RST_CPU, 0 to 1, starts the reset"
#define RST_FIELDS (RST_CNT_SYS_RST | RST_CNT_RST_CPU | RST_CNT_FULL_RST)

TEST(pm, reset_control_keeps, "RST_CNT keeps SYS_RST and FULL_RST, and resets nothing by them",
     SPEC(CNT_SPEC "; SYS_RST, FULL_RST: R/W"), NEEDS("smm=any firmware=virgin boot=own"))
{
    static const uint8_t values[] = {0, RST_CNT_SYS_RST, RST_CNT_FULL_RST,
                                     RST_CNT_SYS_RST | RST_CNT_FULL_RST, 0};

    EXPECT_EQ("default", inb(RST_CNT) & RST_FIELDS, 0, "RST_CNT is 0 at power-on");
    for (size_t i = 0; i < sizeof(values); i++) {
        CONTEXT("value %#x", values[i]);
        outb(RST_CNT, values[i]);
        EXPECT_EQ("kept", inb(RST_CNT) & RST_FIELDS, values[i], "it reads what was written");
    }
    CONTEXT_CLEAR();
}

TEST(pm, reset_control_resets, "every value with SYS_RST and RST_CPU resets the machine",
     SPEC(CNT_SPEC "; 06h hard reset, 0Eh with power cycle; FADT: RESET_VALUE"),
     NEEDS("smm=any firmware=virgin boot=own"))
{
    static const uint8_t values[] = {0x06, 0x0e, 0x0f};
    uint32_t boot = test_boot();

    CONTEXT("boot %u", boot);
    EXPECT_EQ("after", inb(RST_CNT) & RST_FIELDS, 0, "RST_CNT is 0 afterwards");
    if (boot <= sizeof(values)) {
        outb(RST_CNT, values[boot - 1] & ~RST_CNT_RST_CPU & RST_FIELDS);
        test_announce_reset();
        outb(RST_CNT, values[boot - 1]);
        cpu_stop();
    }
    CONTEXT_CLEAR();
}
