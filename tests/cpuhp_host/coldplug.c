/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CPU given on the command line is there from the beginning: nothing to announce. */
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"

#define COLD                                                               \
    "QEMU docs/specs/acpi_cpu_hotplug, insert event: \"no device check\" " \
    "\"event to OSPM was issued\"; docs/system/cpu-hotplug"
#define HERE SPARSE "smm=any host=unplug,cpus "

/* Slot 3 is socket 1, core 0. */
static void cold_plugged(void)
{
    uint8_t flags[SPARSE_SLOTS] = {[0] = CPUHP_ENABLED, [1] = CPUHP_ENABLED, [3] = CPUHP_ENABLED};

    slots_begin();
    slots_expect("flags", flags, SPARSE_SLOTS, "the CPU is enabled without an insert event");
    slots_expect_scan("scan", flags, SPARSE_SLOTS);
    slots_expect_host("host", flags, SPARSE_SLOTS, "the host's list agrees");
    slots_expect_number("number", 3, "firmware counts it among its CPUs");
    REQUIRE_TRUE("starts", smp_start_all() && smp_cpus() == 3, "it starts like any other");
    EXPECT_NE("apic-id", smp_find(sparse_id(3)), UINT32_MAX, "with the APIC id of its slot");
    slots_unplug(3);
    flags[3] = CPUHP_ENABLED | CPUHP_REMOVE;
    slots_expect("remove", flags, SPARSE_SLOTS, "device_del asks for it like for any other");
    EXPECT_EQ("gpe", ich9_pm_read8(GPE0_STS), GPE0_CPU_HOTPLUG, "by GPE0 bit 2");
}

TEST(cpuhp_host, cold_plugged, "a CPU given as -device is present, without an insert event",
     SPEC(COLD),
     NEEDS(HERE "arch=x86_64 device=qemu64-x86_64-cpu,socket-id=1,core-id=0,thread-id=0"))
{
    cold_plugged();
}

TEST(cpuhp_host, cold_plugged_i386, "the same with the 32-bit emulator's CPU", SPEC(COLD),
     NEEDS(HERE "arch=i386 cpu=max device=max-i386-cpu,socket-id=1,core-id=0,thread-id=0"))
{
    cold_plugged();
}
