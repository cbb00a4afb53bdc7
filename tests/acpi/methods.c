/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU hotplug as the machine's own DSDT does it: the methods that an operating system
 * calls, carried out here. They are looked for by what ACPI says of them, not by
 * QEMU's names.
 */
#include <stddef.h>

#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/acpi.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/acpi/aml.h"
#include "tests/acpi/cpu_methods.h"
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"

/* The DSDT of older machine types knows the legacy bitmap only. */
#define MODERN "machine>=pc-q35-2.7 "
#define HERE   METHODS_MACHINE "timeout=40 smm=any host=plug,unplug,cpus,events,wait " MODERN

TEST(acpi, ini_method, "the DSDT's _INI switches to the modern hotplug registers",
     SPEC("ACPI 6.3, 6.5.1 (_INI); QEMU docs/specs/acpi_cpu_hotplug: 0 in the first DWORD of the "
          "bitmap switches"),
     NEEDS(METHODS_MACHINE "smm=any " MODERN))
{
    methods_load();
    EXPECT_EQ("switched", inb(CPUHP_DATA2), 0, "the bitmap, with its bit of the boot CPU, is gone");
    EXPECT_EQ("slots", cpuhp_max_cpus(), METHODS_SLOTS, "the block counts slots");
}

TEST(acpi, processors, "the DSDT has an object for every CPU slot, which knows its APIC id",
     SPEC(METHODS_SPECS), NEEDS(HERE))
{
    methods_begin();
    methods_expect_states("sta");
    for (uint32_t slot = 0; slot < METHODS_SLOTS; slot++) {
        struct aml_value mat = {0};
        const struct acpi_madt_entry *entry;
        uint32_t id = ~0U, enabled = 0, node = aml_child(methods_cpu[slot], "_MAT");

        CONTEXT("processor %u", slot);
        REQUIRE_TRUE("mat",
                     node != AML_NONE && aml_evaluate(node, NULL, 0, &mat) &&
                         mat.type == AML_BUFFER && mat.length >= sizeof(*entry),
                     "_MAT is a buffer");
        entry = (const struct acpi_madt_entry *)mat.bytes;
        EXPECT_EQ("mat-length", entry->length, mat.length, "it holds one MADT entry");
        EXPECT_TRUE("mat-cpu", acpi_madt_cpu(entry, &id, &enabled), "for a CPU");
        EXPECT_EQ("mat-apic-id", id, (uint32_t)cpuhp_arch_id(slot), "with the slot's APIC id");
        EXPECT_BITS("mat-enabled", enabled, ACPI_MADT_ENABLED, ACPI_MADT_ENABLED,
                    "enabled, as it is wanted when the CPU comes");
        if (entry->type == ACPI_MADT_LOCAL_APIC)
            EXPECT_EQ("mat-uid", ((const struct acpi_madt_local_apic *)entry)->uid, slot,
                      "and the processor's id");
        EXPECT_EQ("eject", aml_child(methods_cpu[slot], "_EJ0") != AML_NONE, slot != 0,
                  "every CPU can be ejected, but not the boot CPU");
        EXPECT_TRUE("ost", aml_child(methods_cpu[slot], "_OST") != AML_NONE, "all report by _OST");
    }
    CONTEXT_CLEAR();
}

TEST(acpi, handler_plug, "the GPE handler notifies of plugged CPUs and clears their events",
     SPEC(METHODS_SPECS), NEEDS(HERE))
{
    methods_begin();
    methods_handle_gpe("none", NULL, 0);
    slots_plug(7);
    methods_flags[7] = CPUHP_ENABLED;
    methods_expect_states("sta-before");
    methods_handle_gpe("one", (const struct aml_notify[]){{7, NOTIFY_DEVICE_CHECK}}, 1);
    methods_expect_states("sta-after");
    slots_plug(11);
    slots_plug(2);
    slots_plug(10);
    methods_flags[2] = methods_flags[10] = methods_flags[11] = CPUHP_ENABLED;
    methods_handle_gpe("three",
                       (const struct aml_notify[]){{2, NOTIFY_DEVICE_CHECK},
                                                   {10, NOTIFY_DEVICE_CHECK},
                                                   {11, NOTIFY_DEVICE_CHECK}},
                       3);
    methods_expect_states("sta-three");
    /* Neighbours, up to the last slot. */
    slots_unplug(11);
    slots_unplug(10);
    methods_handle_gpe("leave", (const struct aml_notify[]){{10, NOTIFY_EJECT}, {11, NOTIFY_EJECT}},
                       2);
    methods_handle_gpe("no-more", NULL, 0);
}

TEST(acpi, handler_unplug, "the GPE handler asks for the CPUs that device_del names, _EJ0 ejects",
     SPEC(METHODS_SPECS), NEEDS(HERE))
{
    static const uint64_t one[] = {1};

    methods_begin();
    REQUIRE_TRUE("boot-aps", smp_start_all(), "the boot APs start");
    slots_plug(4);
    slots_plug(9);
    methods_flags[4] = methods_flags[9] = CPUHP_ENABLED;
    methods_handle_gpe(
        "plug", (const struct aml_notify[]){{4, NOTIFY_DEVICE_CHECK}, {9, NOTIFY_DEVICE_CHECK}}, 2);
    slots_unplug(9);
    slots_unplug(1);
    methods_handle_gpe("unplug", (const struct aml_notify[]){{1, NOTIFY_EJECT}, {9, NOTIFY_EJECT}},
                       2);
    methods_expect_states("sta-asked");
    methods_evaluate(aml_child(methods_cpu[9], "_EJ0"), one, 1);
    methods_flags[9] = 0;
    slots_expect("ejected", methods_flags, METHODS_SLOTS, "_EJ0 ejects its own CPU, no other");
    slots_expect_host("ejected-host", methods_flags, METHODS_SLOTS, "the host agrees");
    methods_expect_states("sta-ejected");
    hostevent_expect_deleted("deleted", 9);
    slots_unplug(4);
    methods_handle_gpe("later", (const struct aml_notify[]){{4, NOTIFY_EJECT}}, 1);
}

TEST(acpi, eject_method, "_EJ0 ejects a CPU whatever events it still has",
     SPEC(METHODS_SPECS ": bit 3 ejects, bit 0 is reserved and must be written 0"), NEEDS(HERE))
{
    static const uint64_t one[] = {1};

    methods_begin();
    REQUIRE_TRUE("boot-aps", smp_start_all(), "the boot APs start");
    slots_plug(6);
    slots_plug(7);
    slots_plug(8);
    slots_unplug(7);
    slots_unplug(8);
    slots_control(8, CPUHP_INSERT);
    for (uint32_t slot = 6; slot <= 8; slot++) {
        CONTEXT("processor %u", slot);
        methods_evaluate(aml_child(methods_cpu[slot], "_EJ0"), one, 1);
        EXPECT_BITS("ejected", slots_flags(slot), CPUHP_ENABLED, 0, "its slot is empty at once");
        for (uint32_t other = slot + 1; other <= 8; other++)
            EXPECT_BITS("others", slots_flags(other), CPUHP_ENABLED, CPUHP_ENABLED,
                        "the others are not");
    }
    CONTEXT_CLEAR();
    slots_expect_host("host", methods_flags, METHODS_SLOTS, "the host agrees");
    slots_expect_number("number", 2, "firmware would find the boot CPUs");
    methods_evaluate(aml_child(methods_cpu[1], "_EJ0"), one, 1);
    methods_flags[1] = 0;
    slots_expect_host("host-boot", methods_flags, METHODS_SLOTS, "a boot CPU can go as well");
    slots_expect_number("number-boot", 1, "and is counted no more");
}

TEST(acpi, handler_both, "one run of the handler deals with CPUs that come and CPUs that go",
     SPEC(METHODS_SPECS), NEEDS(HERE))
{
    methods_begin();
    slots_unplug(1);
    slots_plug(3);
    slots_plug(10);
    methods_flags[3] = methods_flags[10] = CPUHP_ENABLED;
    methods_handle_gpe("both",
                       (const struct aml_notify[]){
                           {1, NOTIFY_EJECT}, {3, NOTIFY_DEVICE_CHECK}, {10, NOTIFY_DEVICE_CHECK}},
                       3);
}

TEST(acpi, ost_method, "what is told to _OST reaches the host, for that CPU", SPEC(METHODS_SPECS),
     NEEDS(HERE))
{
    static const uint64_t report[][3] = {{1, 0, 0}, {3, 0x80, 0}, {0x103, 0x84, 0}};
    static const uint32_t slot[] = {5, 0, 11};

    methods_begin();
    slots_plug(5);
    for (int i = 0; i < 3; i++) {
        methods_evaluate(aml_child(methods_cpu[slot[i]], "_OST"), report[i], 3);
        hostevent_expect_ost("ost", slot[i], i == 0 ? "cpu5" : NULL, (uint32_t)report[i][0],
                             (uint32_t)report[i][1]);
    }
    hostevent_expect_none("no-more", "ACPI_DEVICE_OST", "once each");
    methods_flags[5] = CPUHP_ENABLED | CPUHP_INSERT;
    slots_expect("flags", methods_flags, METHODS_SLOTS, "and changes no event");
}
