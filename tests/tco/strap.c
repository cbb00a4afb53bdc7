/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The strap against reboots as the machine types have it; timer.c has both of its states. */
#include "hw/cpu.h"
#include "kernel/alarm.h"
#include "kernel/test.h"
#include "tests/tco/tco.h"

#define STRAP_SPEC \
    "QEMU property ICH9-LPC.noreboot: on up to machine type 7.2, off since (pc_compat_7_2)"

/* Both timeouts are over after this. */
#define TICKS 4U
#define AFTER (3U * TICKS * TICK_US)

static void strapped(void)
{
    tco_begin_timer(SMI_EN_GBL_SMI_EN | SMI_EN_EOS);
    tco_open_gcs(0);
    tco_start(TICKS);
    alarm_sleep(AFTER);
    EXPECT_BITS("second", tco2_status(), TCO2_STS_SECOND_TO, TCO2_STS_SECOND_TO,
                "the second timeout is over and the machine goes on");
    tco_stop();
}

static void not_strapped(void)
{
    if (test_boot() == 1) {
        tco_begin_timer(SMI_EN_GBL_SMI_EN | SMI_EN_EOS);
        tco_open_gcs(0);
        tco_start(TICKS);
        test_announce_reset();
        alarm_sleep(AFTER);
        FAIL_CHECK("resets", "the second timeout resets the machine", "it is still running");
        return;
    }
    EXPECT_BITS("second", tco2_status(), TCO2_STS_SECOND_TO, TCO2_STS_SECOND_TO,
                "SECOND_TO_STS tells the firmware why");
}

TEST(tco, strap_old, "old machine types are strapped against a reset by the watchdog",
     SPEC(STRAP_SPEC), NEEDS(TCO_NEEDS " machine=pc-q35-5.2"))
{
    strapped();
}

TEST(tco, strap_last, "machine type 7.2 is the last that is strapped against it", SPEC(STRAP_SPEC),
     NEEDS(TCO_NEEDS " machine=pc-q35-7.2"))
{
    strapped();
}

TEST(tco, strap_first, "machine type 8.0 is the first where the second timeout resets",
     SPEC(STRAP_SPEC), NEEDS(TCO_NEEDS " machine=pc-q35-8.0"))
{
    not_strapped();
}

TEST(tco, strap_new, "new machine types are not strapped: the second timeout resets",
     SPEC(STRAP_SPEC), NEEDS(TCO_NEEDS " machine>=pc-q35-8.0"))
{
    not_strapped();
}
