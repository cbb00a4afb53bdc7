/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One slot that is filled and emptied again and again. */
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"
#include "tests/hotplug/scenario.h"
#include "tests/unplug/steps.h"

#define SPECS                                                                          \
    "QEMU docs/specs/acpi_cpu_hotplug, control bits 1 to 4; docs/system/cpu-hotplug; " \
    "qapi/qdev.json, device_del, DEVICE_DELETED"
#define HERE  "boot=own host=plug,unplug,cpus,events,wait "
#define SLOTS 12U

static void os_cycles(uint32_t count)
{
    static const uint32_t order[] = {4, 11, 2, 7};
    struct slots s;

    slots_begin();
    REQUIRE_TRUE("boot-aps", smp_start_all(), "the boot APs start");
    unplug_slots(&s, SLOTS);
    for (uint32_t i = 0; i < count; i++) {
        plug_without_firmware(&s, order[i % 4]);
        unplug_without_firmware(&s, order[i % 4]);
    }
    slots_expect_number("number", 2, "firmware would find the boot CPUs, as at first");
}

TEST(unplug, os_cycles, "CPUs come and go ten times, without SMM", SPEC(SPECS),
     NEEDS(HERE "smp=2 maxcpus=12 sockets=4 dies=1 cores=3 threads=1 smm=off accel=tcg qemu>=10.0 "
                "timeout=60"))
{
    os_cycles(10);
}

TEST(unplug, os_cycles_kvm, "CPUs come and go forty times, without SMM", SPEC(SPECS),
     NEEDS(HERE "smp=2 maxcpus=12 sockets=4 dies=1 cores=3 threads=1 smm=off accel=kvm timeout=60"))
{
    os_cycles(40);
}

TEST(unplug, os_cycles_kvm_300, "CPUs come and go three hundred times, without SMM", SPEC(SPECS),
     NEEDS(HERE "smp=2 maxcpus=12 sockets=4 dies=1 cores=3 threads=1 smm=off accel=kvm "
                "group=large timeout=300"))
{
    os_cycles(300);
}

/* TCG creates at most maxcpus CPUs in the life of a machine. */
static void firmware_cycles(uint32_t count)
{
    static const uint32_t order[] = {4, 11, 2, 7};
    struct scenario s = {.mode = SMM_DEFAULT_WINDOW, .broadcast = true, .slot = order[0]};
    struct slots slots;

    scenario_run(&s);
    unplug_slots(&slots, SLOTS);
    unplug_with_firmware(&slots, order[0]);
    for (uint32_t i = 1; i < count; i++) {
        s.slot = order[i % 4];
        scenario_plug_another(&s);
        slots.flags[s.slot] = CPUHP_ENABLED;
        unplug_with_firmware(&slots, s.slot);
    }
}

TEST(unplug, firmware_cycles, "CPUs come and go eight times, with the firmware's help", SPEC(SPECS),
     NEEDS(HERE "smp=2 maxcpus=12 sockets=4 dies=1 cores=3 threads=1 accel=tcg qemu>=10.0 "
                "timeout=60"))
{
    firmware_cycles(8);
}

TEST(unplug, firmware_cycles_300, "CPUs come and go 300 times, with the firmware's help",
     SPEC(SPECS),
     NEEDS(HERE "smp=2 maxcpus=304 sockets=76 dies=1 cores=4 threads=1 accel=tcg qemu>=10.0 "
                "machine>=pc-q35-9.0 group=large timeout=300"))
{
    firmware_cycles(300);
}
