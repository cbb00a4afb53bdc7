/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sleep states that switch the machine off: S4 and S5. The host switches it on again. */
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "kernel/host.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/pm/pm.h"
#include "tests/s3/states.h"

#define OFF_SPEC \
    "ACPI 6.3, 4.8.3.2.1: SLP_TYP, SLP_EN; QEMU etc/system-states, qapi/run-state.json: "
#define OFF_NEEDS "smm=any accel=tcg firmware=virgin boot=own host=revive,events qemu>=6.0"

#define SLP_TYP_S5 0U /* of QEMU, which the file does not tell */

static uint32_t s4_code(void)
{
    uint8_t states[SLEEP_STATES];

    sleep_states_read(states);
    return states[4] & (uint8_t)~SLEEP_STATE_ENABLED;
}

/* In the boot before and in the one behind. */
static void check_off(uint32_t typ, bool disk)
{
    char events[256];

    if (test_boot() == 1) {
        host_do("revive");
        test_announce_reset();
        ich9_pm_write16(PM1_CNT, (uint16_t)PM1_CNT_SLP_TYP(typ));
        ich9_pm_write16(PM1_CNT, (uint16_t)(PM1_CNT_SLP_TYP(typ) | PM1_CNT_SLP_EN));
        (void)WAIT_FOR(false, PATIENCE_MS);
        FAIL_CHECK("off", "the machine is switched off", "it goes on");
        return;
    }
    REQUIRE_TRUE("events", host_request(events, sizeof(events), "events"), "the host has events");
    EXPECT_TRUE("shutdown", strstr(events, "SHUTDOWN") != NULL, "the machine was switched off");
    EXPECT_EQ("disk", strstr(events, "SUSPEND_DISK") != NULL, disk,
              "SUSPEND_DISK says that it was S4, and only then");
    EXPECT_BITS("wak", ich9_pm_read16(PM1_STS), PM1_STS_WAK, 0, "this is no wake-up");
    EXPECT_EQ("pm1-cnt", ich9_pm_read16(PM1_CNT) & ~PM1_CNT_SCI_EN, 0, "PM1_CNT is 0 again");
}

TEST(pm, power_off, "S5 switches the machine off", SPEC(OFF_SPEC "SHUTDOWN"), NEEDS(OFF_NEEDS))
{
    check_off(SLP_TYP_S5, false);
}

TEST(pm, hibernate, "S4 does, and the host is told which one it was",
     SPEC(OFF_SPEC "SUSPEND_DISK, SHUTDOWN"), NEEDS(OFF_NEEDS))
{
    check_off(s4_code(), true);
}

TEST(pm, hibernate_code, "the code of S4 is the one that property s4_val says",
     SPEC(OFF_SPEC "SUSPEND_DISK; property ICH9-LPC.s4_val"),
     NEEDS(OFF_NEEDS " global=ICH9-LPC.s4_val=5"))
{
    EXPECT_EQ("code", s4_code(), 5, "the firmware is told");
    check_off(5, true);
}
