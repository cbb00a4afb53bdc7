/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plugged CPUs, and CPUs asked to go, across a reset of the machine. */
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"

#define HERE SPARSE "firmware=virgin "

TEST(cpuhp_host, reset_keeps_cpu, "a plugged CPU is one of the machine's CPUs after a reset",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, bit 0; docs/system/cpu-hotplug; fw_cfg item 5"),
     NEEDS(HERE "host=plug,cpus"))
{
    uint8_t flags[SPARSE_SLOTS] = {[0] = CPUHP_ENABLED, [1] = CPUHP_ENABLED, [4] = CPUHP_ENABLED};

    if (test_boot() == 1) {
        slots_begin();
        slots_plug(4);
        slots_control(4, CPUHP_INSERT);
        REQUIRE_TRUE("starts", smp_start_one(sparse_id(4)) != UINT32_MAX, "the plugged CPU runs");
        test_announce_reset();
        ich9_reset();
    }
    REQUIRE_TRUE("modern", cpuhp_modern_enable(), "the modern interface is there");
    slots_expect("flags", flags, SPARSE_SLOTS, "it is still there, the cleared event is not");
    slots_expect_number("number", 3, "firmware counts it");
    REQUIRE_TRUE("starts-again", smp_start_all() && smp_cpus() == 3,
                 "INIT-SIPI-SIPI to all starts it with the others");
    EXPECT_NE("apic-id", smp_find(sparse_id(4)), UINT32_MAX, "with its APIC id");
}

TEST(cpuhp_host, reset_completes_removal, "a reset completes the removal that device_del asked for",
     SPEC("QEMU qapi/qdev.json, device_del: \"Guest reset will automatically complete removal for "
          "all devices\""),
     NEEDS(HERE "host=plug,unplug,cpus,wait"))
{
    uint8_t flags[SPARSE_SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED};

    if (test_boot() == 1) {
        slots_begin();
        slots_plug(4);
        slots_control(4, CPUHP_INSERT);
        slots_unplug(4);
        test_announce_reset();
        ich9_reset();
    }
    REQUIRE_TRUE("modern-again", cpuhp_modern_enable(), "the modern interface is there");
    REQUIRE_EQ("removed", slots_flags(4), 0, "the CPU is gone");
    slots_expect("others", flags, SPARSE_SLOTS, "the others are not");
    slots_expect_host("host-removed", flags, SPARSE_SLOTS, "also from the host's list");
    slots_expect_number("number", 2, "firmware does not count it any more");
    hostevent_expect_deleted("deleted", 4);
}
