/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the operating system reports by _OST, as it reaches the host. */
#include <stddef.h>

#include "hw/cpuhp.h"
#include "hw/io.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"

#define OST  "QEMU docs/specs/acpi_cpu_hotplug, commands 1 and 2; qapi/acpi.json, ACPIOSTInfo"
#define HERE SPARSE "smm=any host=plug,unplug,cpus,events,wait "

TEST(cpuhp_host, ost, "writing the OST status sends the host one event with what was written",
     SPEC(OST), NEEDS(HERE))
{
    uint8_t flags[SPARSE_SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED};

    slots_begin();
    slots_plug(4);
    flags[4] = CPUHP_ENABLED | CPUHP_INSERT;
    cpuhp_ost(4, 1, 0);
    hostevent_expect_ost("plugged", 4, "cpu4", 1, 0);
    hostevent_expect_none("once", "ACPI_DEVICE_OST", "... exactly once");
    slots_unplug(4);
    flags[4] |= CPUHP_REMOVE;
    cpuhp_ost(4, 0x103, 0x84);
    hostevent_expect_ost("removing", 4, "cpu4", 0x103, 0x84);
    cpuhp_ost(4, 0x9abcdef0, 0x87654321);
    hostevent_expect_ost("all-bits", 4, "cpu4", 0x9abcdef0, 0x87654321);
    cpuhp_ost(0, 2, 3);
    hostevent_expect_ost("boot-cpu", 0, NULL, 2, 3);
    cpuhp_ost(5, 4, 5);
    hostevent_expect_ost("empty-slot", 5, NULL, 4, 5);
    hostevent_expect_none("no-more", "ACPI_DEVICE_OST", "and nothing else was announced");
    slots_expect("flags", flags, SPARSE_SLOTS, "no report changes the events of any CPU");
}

/* Stores command and data for the selected CPU. */
static void command(uint8_t number, uint32_t data)
{
    outb(CPUHP_COMMAND, number);
    outl(CPUHP_DATA, data);
}

TEST(cpuhp_host, ost_registers, "OST event and status are registers of each CPU", SPEC(OST),
     NEEDS(HERE))
{
    slots_begin();
    slots_plug(2);
    slots_plug(3);
    cpuhp_select(2);
    command(CPUHP_CMD_OST_EVENT, 0x22);
    cpuhp_select(3);
    command(CPUHP_CMD_OST_EVENT, 0x33);
    hostevent_expect_none("event-is-silent", "ACPI_DEVICE_OST",
                          "writing the OST event alone announces nothing");
    cpuhp_select(2);
    command(CPUHP_CMD_OST_STATUS, 0x202);
    hostevent_expect_ost("first", 2, "cpu2", 0x22, 0x202);
    cpuhp_select(3);
    outl(CPUHP_DATA, 0x303);
    hostevent_expect_ost("second", 3, "cpu3", 0x33, 0x303);
    cpuhp_select(2);
    outl(CPUHP_DATA, 0x212);
    hostevent_expect_ost("event-kept", 2, "cpu2", 0x22, 0x212);
    command(CPUHP_CMD_OST_EVENT, 0x23);
    command(CPUHP_CMD_OST_EVENT, 0x24);
    command(CPUHP_CMD_OST_STATUS, 0x213);
    hostevent_expect_ost("last-event", 2, "cpu2", 0x24, 0x213);
    hostevent_expect_none("no-more", "ACPI_DEVICE_OST", "every status was announced once");
}
