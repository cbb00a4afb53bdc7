/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU hotplug after S3 resume, the second column of the protocol's matrix: the scenario as it is,
 * in a machine that has slept.
 */
#include "firmware/smm.h"
#include "hw/ich9.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/hotplug/scenario.h"
#include "tests/s3/s3.h"
#include "tests/unplug/steps.h"

#define PROTOCOL S3 "QEMU docs/specs/acpi_cpu_hotplug; edk2 replays SMM's set-up on resume"
#define HOST                                                                               \
    "firmware=virgin accel=tcg boot=own host=wakeup,plug,unplug,wait,cpus group=scenario " \
    "timeout=40 "

/* Firmware and operating system are set up, then everything but memory is lost. */
static void sleep_first(const struct scenario *s)
{
    if (test_boot() > 1)
        return;
    scenario_prepare(s);
    s3_suspend();
}

TEST(s3, hotplug_window, "a CPU is plugged after a resume, behind SMRAM at the default SMBASE",
     SPEC(PROTOCOL), NEEDS(HOST "smp=3 maxcpus=6"))
{
    struct scenario s = {.mode = SMM_DEFAULT_WINDOW, .broadcast = true, .slot = 4};

    sleep_first(&s);
    scenario_run(&s);
}

TEST(s3, hotplug_resident, "the same with a handler in reserved RAM", SPEC(PROTOCOL),
     NEEDS(HOST "maxcpus=4"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 1};

    sleep_first(&s);
    scenario_run(&s);
}

TEST(s3, hotplug_borrowed, "the same with the OS's memory borrowed, without broadcast",
     SPEC(PROTOCOL), NEEDS(HOST "smp=2 maxcpus=4"))
{
    struct scenario s = {.mode = SMM_DEFAULT_BORROWED, .broadcast = false, .slot = 2};

    sleep_first(&s);
    scenario_run(&s);
}

TEST(s3, hotplug_both,
     "a CPU is plugged before, sleeps with the others, and another one afterwards", SPEC(PROTOCOL),
     NEEDS(HOST "smp=2 maxcpus=6"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 2};

    if (test_boot() == 1) {
        scenario_run(&s);
        s3_suspend();
    }
    REQUIRE_SMM();
    EXPECT_EQ("three", smp_cpus(), 3, "the plugged CPU is one of the machine's when it wakes");
    s.slot = 4;
    scenario_run(&s);
}

TEST(s3, unplug, "a CPU that was plugged before S3 is unplugged after the resume", SPEC(PROTOCOL),
     NEEDS(HOST "smp=2 maxcpus=6 machine>=pc-q35-6.0 qemu>=6.0"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 3};
    struct slots slots;

    if (test_boot() == 1) {
        scenario_run(&s);
        s3_suspend();
    }
    scenario_prepare(&s);
    unplug_slots(&slots, 6);
    unplug_with_firmware(&slots, 3);
}
