/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host may not do to CPU slots, whatever the firmware negotiated. */
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"

#define HERE SPARSE "smm=any host=plug,unplug,cpus "

TEST(cpuhp_host, refusals, "occupied slots cannot be plugged, CPU 0 and absent ones not unplugged",
     SPEC("QEMU qapi/qdev.json: device_add, device_del (DeviceNotFound); the CPU hotplug request: "
          "VCPU 0 always exists"),
     NEEDS(HERE))
{
    uint8_t flags[SPARSE_SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED};

    slots_begin();
    slots_plug(4);
    slots_control(4, CPUHP_INSERT);
    flags[4] = CPUHP_ENABLED;
    ich9_pm_write8(GPE0_STS, GPE0_CPU_HOTPLUG);
    slots_refused("occupied", "GenericError", "", "plug", 1, "a slot holds one CPU");
    slots_refused("occupied-0", "GenericError", "", "plug", 0, "the boot CPU's as well");
    slots_refused("occupied-hot", "GenericError", "", "plug", 4, "a plugged CPU's as well");
    slots_refused("boot-cpu", "GenericError", "", "unplug", 0, "CPU 0 cannot be unplugged");
    slots_refused("absent", "DeviceNotFound", "", "unplug", 3,
                  "what is not there cannot be unplugged");
    slots_expect("unchanged", flags, SPARSE_SLOTS, "what is refused leaves no event behind");
    slots_expect_scan("unchanged-scan", flags, SPARSE_SLOTS);
    EXPECT_EQ("no-gpe", ich9_pm_read8(GPE0_STS), 0, "nor a GPE");
    slots_expect_host("host", flags, SPARSE_SLOTS, "nor a change of the host's list");
    slots_expect_number("number", 3, "nor of the number of CPUs");
    slots_plug(3);
    flags[3] = CPUHP_ENABLED | CPUHP_INSERT;
    slots_expect("next", flags, SPARSE_SLOTS, "the next valid request works as ever");
    slots_expect_number("next-number", 4, "and counts");
}
