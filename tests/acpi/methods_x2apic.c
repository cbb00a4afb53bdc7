/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DSDT's objects and methods for CPUs with APIC ids above 254, which ids below look like. */
#include <stddef.h>

#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "kernel/acpi.h"
#include "kernel/test.h"
#include "tests/acpi/cpu_methods.h"
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"

#define SPECS METHODS_SPECS ", 5.2.12.12 (x2APIC structure)"
/* 5 cores, dies and sockets, three bits each: ids 64 * socket + 8 * die + core, up to 292. */
#define HERE                                                                                    \
    "smp=2 maxcpus=125 sockets=5 dies=5 cores=5 threads=1 cpu=max qemu>=9.0 accel=tcg smm=any " \
    "boot=own timeout=40 host=plug,unplug,cpus,events,wait "
#define SLOTS 125U

static void begin(void)
{
    methods_slots = SLOTS;
    methods_begin();
}

/* _MAT of a slot: the type of entry that its id needs, the id, and the processor's id. */
static void check_mat(uint32_t slot)
{
    uint32_t want = (uint32_t)cpuhp_arch_id(slot), id = ~0U, flags = 0, uid;
    uint32_t node = aml_child(methods_cpu[slot], "_MAT");
    const struct acpi_madt_entry *entry;
    struct aml_value mat = {0};

    CONTEXT("processor %u, APIC id %u", slot, want);
    REQUIRE_TRUE("mat",
                 node != AML_NONE && aml_evaluate(node, NULL, 0, &mat) && mat.type == AML_BUFFER &&
                     mat.length >= sizeof(*entry),
                 "_MAT is a buffer");
    entry = (const void *)mat.bytes;
    EXPECT_EQ("mat-length", entry->length, mat.length, "it holds one MADT entry");
    EXPECT_EQ("mat-type", entry->type,
              want < UINT8_MAX ? ACPI_MADT_LOCAL_APIC : ACPI_MADT_LOCAL_X2APIC,
              "of the x2APIC type if the id needs that (ACPI 6.3, 5.2.12.12)");
    REQUIRE_TRUE("mat-cpu", acpi_madt_cpu(entry, &id, &flags), "for a CPU");
    EXPECT_EQ("mat-apic-id", id, want, "with all bits of the slot's APIC id");
    EXPECT_EQ("mat-enabled", flags & ACPI_MADT_ENABLED, ACPI_MADT_ENABLED, "enabled");
    uid = entry->type == ACPI_MADT_LOCAL_X2APIC
              ? ((const struct acpi_madt_local_x2apic *)entry)->uid
              : ((const struct acpi_madt_local_apic *)entry)->uid;
    EXPECT_EQ("mat-uid", uid, slot, "and the processor's id");
    CONTEXT_CLEAR();
}

TEST(acpi, processors_x2apic, "_MAT has the type of entry that the APIC id needs, for every slot",
     SPEC(SPECS), NEEDS(HERE))
{
    begin();
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        check_mat(slot);
    methods_expect_states("sta");
}

/* Slots with ids 256, 257 and 292, and 0 and 1 at boot, of which the former are 8 bits. */
TEST(acpi, handler_x2apic, "the methods tell CPUs apart whose ids differ in the upper bits only",
     SPEC(SPECS), NEEDS(HERE))
{
    static const uint64_t one[] = {1}, done[] = {NOTIFY_EJECT, 0, 0};

    begin();
    slots_plug(124);
    slots_plug(100);
    slots_plug(101);
    methods_flags[100] = methods_flags[101] = methods_flags[124] = CPUHP_ENABLED;
    methods_handle_gpe("plug",
                       (const struct aml_notify[]){{100, NOTIFY_DEVICE_CHECK},
                                                   {101, NOTIFY_DEVICE_CHECK},
                                                   {124, NOTIFY_DEVICE_CHECK}},
                       3);
    methods_expect_states("sta-plugged");
    slots_unplug(101);
    methods_handle_gpe("unplug", (const struct aml_notify[]){{101, NOTIFY_EJECT}}, 1);
    methods_evaluate(aml_child(methods_cpu[101], "_EJ0"), one, 1);
    methods_flags[101] = 0;
    slots_expect("ejected", methods_flags, SLOTS, "_EJ0 ejects its own CPU, no other");
    slots_expect_host("ejected-host", methods_flags, SLOTS, "the host agrees");
    methods_expect_states("sta-ejected");
    hostevent_expect_deleted("deleted", 101);
    methods_evaluate(aml_child(methods_cpu[101], "_OST"), done, 3);
    hostevent_expect_ost("ost", 101, NULL, NOTIFY_EJECT, 0);
}
