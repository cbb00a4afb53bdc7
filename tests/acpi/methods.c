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
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"

#define SPECS                                                                             \
    "ACPI 6.3, 5.6.4 (_Exx), 5.6.6 (Notify: 1 device check, 3 ejection request), 6.2.10 " \
    "(_MAT), 6.3.3 (_EJ0), 6.3.5 (_OST), 6.3.7 (_STA); QEMU docs/specs/acpi_cpu_hotplug"
/* The DSDT of older machine types knows the legacy bitmap only. */
#define MODERN "machine>=pc-q35-2.7 "
#define HERE                                                                           \
    "smp=2 maxcpus=12 sockets=4 dies=1 cores=3 threads=1 boot=own timeout=40 smm=any " \
    "host=plug,unplug,cpus,events,wait " MODERN
#define SLOTS 12U

#define NOTIFY_DEVICE_CHECK 1U
#define NOTIFY_EJECT        3U
#define STA_PRESENT         0xfU /* present, enabled, shown, functioning */

static uint32_t cpu_object[SLOTS]; /* node, by processor id */
static uint8_t flags[SLOTS];       /* what the register block should say */

static uint64_t evaluate(uint32_t node, const uint64_t *args, uint32_t count)
{
    struct aml_value v = {0};

    if (!aml_evaluate(node, args, count, &v)) {
        FAIL_CHECK("method", "the DSDT's methods can be carried out", "%s: %s", aml_name(node),
                   aml_error());
        test_end();
    }
    return v.integer;
}

/* Processor (ACPI 5) or Device with _HID "ACPI0007" (ACPI 6). */
static bool processor_id(uint32_t node, uint64_t *id)
{
    struct aml_value hid = {0};
    uint32_t child;

    *id = aml_number(node);
    if (aml_kind(node) == AML_PROCESSOR)
        return true;
    child = aml_kind(node) == AML_DEVICE ? aml_child(node, "_HID") : AML_NONE;
    if (child == AML_NONE || !aml_evaluate(child, NULL, 0, &hid) || hid.type != AML_STRING ||
        strcmp((const char *)hid.bytes, "ACPI0007") != 0)
        return false;
    child = aml_child(node, "_UID");
    *id = child == AML_NONE ? ~UINT64_C(0) : evaluate(child, NULL, 0);
    return true;
}

static void find_processors(void)
{
    uint32_t found = 0;

    for (uint32_t node = 1; node < aml_nodes(); node++) {
        uint64_t id;

        if (!processor_id(node, &id))
            continue;
        REQUIRE_TRUE("processor-id", id < SLOTS && cpu_object[id] == AML_NONE,
                     "every processor object has an id of its own, as in the MADT");
        cpu_object[id] = node;
        found++;
    }
    REQUIRE_EQ("processors", found, SLOTS, "there is a processor object for every slot");
}

/* _INI of the device that owns the register block: an operating system starts with that. */
static void initialise(void)
{
    uint32_t device = AML_NONE, ini;

    for (uint32_t node = 1; node < aml_nodes(); node++) {
        if (aml_kind(node) == AML_REGION && aml_number(node) == CPUHP_BASE)
            device = aml_parent(node);
    }
    REQUIRE_TRUE("region", device != AML_NONE, "an operation region is at the register block");
    ini = aml_child(device, "_INI");
    if (ini != AML_NONE)
        evaluate(ini, NULL, 0);
}

static void load(void)
{
    if (!acpi_rsdp())
        SKIP("the firmware installed no ACPI tables");
    if (!aml_load())
        ERROR("the DSDT cannot be read: %s", aml_error());
    find_processors();
    initialise();
}

/* Some QEMUs do not obey _INI: acpi.ini_method is about that. */
static void begin(void)
{
    uint32_t selector = 0;

    if (!host_init())
        ERROR("there is no host on COM2");
    load();
    REQUIRE_TRUE("modern", cpuhp_modern_enable(), "the modern interface is in force");
    REQUIRE_TRUE("nothing-pending", !cpuhp_next_event(&selector), "no event is pending");
    flags[0] = flags[1] = CPUHP_ENABLED;
}

static void expect_states(const char *id)
{
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        bool present = flags[slot] & CPUHP_ENABLED;

        CONTEXT("processor %u", slot);
        EXPECT_EQ(id, evaluate(aml_child(cpu_object[slot], "_STA"), NULL, 0),
                  present ? STA_PRESENT : 0, "_STA is that of a CPU that is there, or 0");
    }
    CONTEXT_CLEAR();
}

/* GPE0 bit 2 is set: its handler makes exactly these notifications, in any order of CPUs. */
static void handle_gpe(const char *id, const struct aml_notify *want, uint32_t count)
{
    struct aml_notify got[16];
    uint32_t n, handler = aml_find("_GPE._E02");

    REQUIRE_TRUE("handler", handler != AML_NONE, "GPE 2 has a handler for its edge (_E02)");
    EXPECT_EQ("gpe", ich9_pm_read8(GPE0_STS), count ? GPE0_CPU_HOTPLUG : 0,
              "GPE0 bit 2 tells of it");
    ich9_pm_write8(GPE0_STS, GPE0_CPU_HOTPLUG);
    evaluate(handler, NULL, 0);
    n = aml_take_notifies(got, 16);
    EXPECT_EQ(id, n, count, "the handler notifies of every event once");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t times = 0;

        for (uint32_t k = 0; k < n; k++)
            times += got[k].node == cpu_object[want[i].node] && got[k].value == want[i].value;
        CONTEXT("processor %u, value %u", want[i].node, want[i].value);
        EXPECT_EQ(id, times, 1, "the CPU is notified of its event");
    }
    CONTEXT_CLEAR();
    slots_expect("cleared", flags, SLOTS, "and no event is left");
}

TEST(acpi, ini_method, "the DSDT's _INI switches to the modern hotplug registers",
     SPEC("ACPI 6.3, 6.5.1 (_INI); QEMU docs/specs/acpi_cpu_hotplug: 0 in the first DWORD of the "
          "bitmap switches"),
     NEEDS("smp=2 maxcpus=12 sockets=4 dies=1 cores=3 threads=1 boot=own smm=any " MODERN))
{
    load();
    EXPECT_EQ("switched", inb(CPUHP_DATA2), 0, "the bitmap, with its bit of the boot CPU, is gone");
    EXPECT_EQ("slots", cpuhp_max_cpus(), SLOTS, "the block counts slots");
}

TEST(acpi, processors, "the DSDT has an object for every CPU slot, which knows its APIC id",
     SPEC(SPECS), NEEDS(HERE))
{
    begin();
    expect_states("sta");
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        struct aml_value mat = {0};
        const struct acpi_madt_entry *entry;
        uint32_t id = ~0U, enabled = 0, node = aml_child(cpu_object[slot], "_MAT");

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
        EXPECT_EQ("eject", aml_child(cpu_object[slot], "_EJ0") != AML_NONE, slot != 0,
                  "every CPU can be ejected, but not the boot CPU");
        EXPECT_TRUE("ost", aml_child(cpu_object[slot], "_OST") != AML_NONE, "all report by _OST");
    }
    CONTEXT_CLEAR();
}

TEST(acpi, handler_plug, "the GPE handler notifies of plugged CPUs and clears their events",
     SPEC(SPECS), NEEDS(HERE))
{
    begin();
    handle_gpe("none", NULL, 0);
    slots_plug(7);
    flags[7] = CPUHP_ENABLED;
    expect_states("sta-before");
    handle_gpe("one", (const struct aml_notify[]){{7, NOTIFY_DEVICE_CHECK}}, 1);
    expect_states("sta-after");
    slots_plug(11);
    slots_plug(2);
    slots_plug(8);
    flags[2] = flags[8] = flags[11] = CPUHP_ENABLED;
    handle_gpe("three",
               (const struct aml_notify[]){
                   {2, NOTIFY_DEVICE_CHECK}, {8, NOTIFY_DEVICE_CHECK}, {11, NOTIFY_DEVICE_CHECK}},
               3);
    expect_states("sta-three");
    handle_gpe("no-more", NULL, 0);
}

TEST(acpi, handler_unplug, "the GPE handler asks for the CPUs that device_del names, _EJ0 ejects",
     SPEC(SPECS), NEEDS(HERE))
{
    static const uint64_t one[] = {1};

    begin();
    REQUIRE_TRUE("boot-aps", smp_start_all(), "the boot APs start");
    slots_plug(4);
    slots_plug(9);
    flags[4] = flags[9] = CPUHP_ENABLED;
    handle_gpe("plug",
               (const struct aml_notify[]){{4, NOTIFY_DEVICE_CHECK}, {9, NOTIFY_DEVICE_CHECK}}, 2);
    slots_unplug(9);
    slots_unplug(1);
    handle_gpe("unplug", (const struct aml_notify[]){{1, NOTIFY_EJECT}, {9, NOTIFY_EJECT}}, 2);
    expect_states("sta-asked");
    evaluate(aml_child(cpu_object[9], "_EJ0"), one, 1);
    flags[9] = 0;
    slots_expect("ejected", flags, SLOTS, "_EJ0 ejects its own CPU, no other");
    slots_expect_host("ejected-host", flags, SLOTS, "the host agrees");
    expect_states("sta-ejected");
    hostevent_expect_deleted("deleted", 9);
    slots_unplug(4);
    handle_gpe("later", (const struct aml_notify[]){{4, NOTIFY_EJECT}}, 1);
}

TEST(acpi, eject_method, "_EJ0 ejects a CPU whatever events it still has",
     SPEC(SPECS ": bit 3 ejects, bit 0 is reserved and must be written 0"), NEEDS(HERE))
{
    static const uint64_t one[] = {1};

    begin();
    slots_plug(6);
    slots_plug(7);
    slots_plug(8);
    slots_unplug(7);
    slots_unplug(8);
    slots_control(8, CPUHP_INSERT);
    for (uint32_t slot = 6; slot <= 8; slot++) {
        CONTEXT("processor %u", slot);
        evaluate(aml_child(cpu_object[slot], "_EJ0"), one, 1);
        EXPECT_BITS("ejected", slots_flags(slot), CPUHP_ENABLED, 0, "its slot is empty at once");
        for (uint32_t other = slot + 1; other <= 8; other++)
            EXPECT_BITS("others", slots_flags(other), CPUHP_ENABLED, CPUHP_ENABLED,
                        "the others are not");
    }
    CONTEXT_CLEAR();
    slots_expect_host("host", flags, SLOTS, "the host agrees");
    slots_expect_number("number", 2, "firmware would find the boot CPUs");
}

TEST(acpi, handler_both, "one run of the handler deals with CPUs that come and CPUs that go",
     SPEC(SPECS), NEEDS(HERE))
{
    begin();
    slots_unplug(1);
    slots_plug(3);
    slots_plug(10);
    flags[3] = flags[10] = CPUHP_ENABLED;
    handle_gpe("both",
               (const struct aml_notify[]){
                   {1, NOTIFY_EJECT}, {3, NOTIFY_DEVICE_CHECK}, {10, NOTIFY_DEVICE_CHECK}},
               3);
}

TEST(acpi, ost_method, "what is told to _OST reaches the host, for that CPU", SPEC(SPECS),
     NEEDS(HERE))
{
    static const uint64_t report[][3] = {{1, 0, 0}, {3, 0x80, 0}, {0x103, 0x84, 0}};
    static const uint32_t slot[] = {5, 0, 11};

    begin();
    slots_plug(5);
    for (int i = 0; i < 3; i++) {
        evaluate(aml_child(cpu_object[slot[i]], "_OST"), report[i], 3);
        hostevent_expect_ost("ost", slot[i], i == 0 ? "cpu5" : NULL, (uint32_t)report[i][0],
                             (uint32_t)report[i][1]);
    }
    hostevent_expect_none("no-more", "ACPI_DEVICE_OST", "once each");
    flags[5] = CPUHP_ENABLED | CPUHP_INSERT;
    slots_expect("flags", flags, SLOTS, "and changes no event");
}
