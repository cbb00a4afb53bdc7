/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens to one CPU, or at the host's wish, leaves the rest of the register block alone. */
#include <stddef.h>

#include "hw/cpuhp.h"
#include "hw/io.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"

#define BLOCK "QEMU docs/specs/acpi_cpu_hotplug, \"CPU device status fields\", \"control fields\""
#define EN    CPUHP_ENABLED
#define INS   CPUHP_INSERT
#define RM    CPUHP_REMOVE
#define FW    CPUHP_FW_REMOVE

TEST(cpuhp_host, eject_leaves_others, "an ejection ends the requests for that CPU alone",
     SPEC(BLOCK " bits 3 and 4; QEMU 1e6107d901"),
     NEEDS(SPARSE "smm=any qemu>=6.0 host=plug,unplug,cpus,events "))
{
    uint8_t flags[SPARSE_SLOTS] = {EN,           EN | RM | FW, EN | INS, EN | INS | RM | FW,
                                   EN | RM | FW, EN | FW};

    slots_begin();
    for (uint32_t slot = 2; slot < SPARSE_SLOTS; slot++)
        slots_plug(slot);
    slots_control(4, INS);
    slots_control(5, INS);
    slots_unplug(1);
    slots_unplug(3);
    slots_unplug(4);
    slots_control(1, FW);
    slots_control(3, FW);
    slots_control(4, FW);
    slots_control(5, FW);
    slots_expect("before", flags, SPARSE_SLOTS, "every CPU has its own requests");
    slots_control(4, RM);
    slots_control(4, CPUHP_EJECT);
    flags[4] = 0;
    slots_expect("one", flags, SPARSE_SLOTS, "one is ejected, the others' requests stay");
    slots_expect_scan("scan", flags, SPARSE_SLOTS);
    slots_control(5, CPUHP_EJECT);
    flags[5] = 0;
    slots_expect("last", flags, SPARSE_SLOTS, "and the last one");
    slots_expect_host("host", flags, SPARSE_SLOTS, "the host agrees");
}

TEST(cpuhp_host, registers_kept, "what the host does moves neither selector nor command",
     SPEC(BLOCK "; \"Command field\", \"Command data\": the last values stored"),
     NEEDS(SPARSE "smm=any host=plug,unplug,wait,events "))
{
    slots_begin();
    cpuhp_ost(2, 0x103, 0x84);
    hostevent_expect_ost("first", 2, NULL, 0x103, 0x84);
    REQUIRE_EQ("before", cpuhp_arch_id(3), sparse_id(3), "slot 3 is selected, command 3 stored");
    slots_plug(5);
    EXPECT_EQ("plug", inl(CPUHP_DATA), sparse_id(3), "and still is behind a plug");
    EXPECT_BITS("plug-flags", cpuhp_flags(), EN | CPUHP_EVENTS, 0, "the flags are slot 3's");
    slots_plug(2);
    EXPECT_EQ("plug-2", inl(CPUHP_DATA), sparse_id(3), "a second one");
    slots_unplug(5);
    EXPECT_EQ("unplug", inl(CPUHP_DATA), sparse_id(3), "a device_del");
    slots_unplug(1);
    EXPECT_EQ("unplug-2", inl(CPUHP_DATA), sparse_id(3), "and another one");
    cpuhp_select(2);
    outb(CPUHP_COMMAND, CPUHP_CMD_OST_STATUS);
    slots_plug(4);
    outl(CPUHP_DATA, 0x85);
    hostevent_expect_ost("ost", 2, "cpu2", 0x103, 0x85);
}
