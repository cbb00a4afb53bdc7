/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Insert, remove and firmware-eject events: who sees them, and what clears them. */
#include "hw/cpuhp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"

#define BLOCK "QEMU docs/specs/acpi_cpu_hotplug, \"CPU device status fields\", \"control fields\""
#define EN    CPUHP_ENABLED
#define INS   CPUHP_INSERT
#define RM    CPUHP_REMOVE
#define FW    CPUHP_FW_REMOVE
#define HERE  SPARSE "smm=any host=plug,unplug,cpus,events "

/* The same control bit to every slot but one. */
static void control_others(uint32_t slot, uint8_t bit)
{
    for (uint32_t other = 0; other < SPARSE_SLOTS; other++) {
        if (other != slot)
            slots_control(other, bit);
    }
}

TEST(cpuhp_host, insert_event,
     "a plugged CPU, and no other, has an insert event until it is cleared", SPEC(BLOCK),
     NEEDS(HERE))
{
    uint8_t flags[SPARSE_SLOTS] = {EN, EN};

    slots_begin();
    slots_expect("before", flags, SPARSE_SLOTS, "two boot CPUs, no event");
    slots_plug(4);
    flags[4] = EN | INS;
    slots_expect("after", flags, SPARSE_SLOTS, "the CPU is enabled and has an insert event");
    slots_expect_scan("scan", flags, SPARSE_SLOTS);
    slots_expect("kept", flags, SPARSE_SLOTS, "finding an event does not clear it");
    slots_expect_host("host", flags, SPARSE_SLOTS, "the host's list agrees");
    control_others(4, CPUHP_INSERT);
    slots_control(4, CPUHP_REMOVE);
    slots_expect("only-its-own", flags, SPARSE_SLOTS,
                 "neither other slots' bit 1 nor its own bit 2 clears the insert event");
    slots_control(4, CPUHP_INSERT);
    flags[4] = EN;
    slots_expect("cleared", flags, SPARSE_SLOTS, "bit 1 clears the insert event, the CPU stays");
    slots_expect_scan("scan-none", flags, SPARSE_SLOTS);
}

TEST(cpuhp_host, insert_events, "several plugged CPUs are found one by one and cleared one by one",
     SPEC(BLOCK "; \"Command field\" 0"), NEEDS(HERE))
{
    static const uint32_t order[] = {5, 2, 4};
    uint8_t flags[SPARSE_SLOTS] = {EN, EN};

    slots_begin();
    for (unsigned int i = 0; i < 3; i++) {
        slots_plug(order[i]);
        flags[order[i]] = EN | INS;
        slots_expect("plugged", flags, SPARSE_SLOTS, "every plugged CPU has its own insert event");
        slots_expect_scan("scan", flags, SPARSE_SLOTS);
    }
    for (unsigned int i = 0; i < 3; i++) {
        uint32_t slot = order[(i + 2) % 3];

        slots_control(slot, CPUHP_INSERT);
        flags[slot] = EN;
        slots_expect("cleared", flags, SPARSE_SLOTS, "one is cleared, the others stay");
        slots_expect_scan("scan-rest", flags, SPARSE_SLOTS);
    }
}

TEST(cpuhp_host, selector_range,
     "behind a selector that names no slot, nobody's events can be cleared",
     SPEC(BLOCK ": CPU selector must refer to a possible CPU, else writes are ignored"),
     NEEDS(HERE))
{
    static const uint32_t impossible[] = {SPARSE_SLOTS, SPARSE_SLOTS + 1, 0x100, 0x80000000,
                                          0xffffffff};
    static const uint8_t controls[] = {CPUHP_INSERT, CPUHP_REMOVE, CPUHP_EJECT, CPUHP_FW_REMOVE};
    uint8_t flags[SPARSE_SLOTS] = {EN, EN | RM, [4] = EN | INS, [5] = EN | INS};

    slots_begin();
    slots_plug(4);
    slots_plug(5);
    slots_unplug(1);
    for (unsigned int i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
        for (unsigned int n = 0; n < sizeof(controls); n++) {
            slots_control(impossible[i], controls[n]);
            slots_expect("unchanged", flags, SPARSE_SLOTS, "every slot keeps its flags");
        }
    }
    slots_expect_host("host", flags, SPARSE_SLOTS, "and its CPU");
}

TEST(cpuhp_host, remove_event,
     "device_del gives the CPU a remove event; it stays until it is ejected",
     SPEC(BLOCK "; QEMU qapi/qdev.json, device_del"), NEEDS(HERE))
{
    uint8_t flags[SPARSE_SLOTS] = {EN, EN};

    slots_begin();
    slots_plug(3);
    slots_control(3, CPUHP_INSERT);
    flags[3] = EN;
    slots_expect("before", flags, SPARSE_SLOTS, "there are three CPUs and no event");
    slots_unplug(3);
    flags[3] = EN | RM;
    slots_expect("after", flags, SPARSE_SLOTS, "the CPU has a remove event and is still enabled");
    slots_expect_scan("scan", flags, SPARSE_SLOTS);
    slots_expect_host("host", flags, SPARSE_SLOTS, "the host still has it as well");
    control_others(3, CPUHP_REMOVE);
    slots_control(3, CPUHP_INSERT);
    slots_expect("only-its-own", flags, SPARSE_SLOTS,
                 "neither other slots' bit 2 nor its own bit 1 clears the remove event");
    slots_unplug(1);
    flags[1] = EN | RM;
    slots_expect("two", flags, SPARSE_SLOTS, "a CPU that was there at boot can be asked for, too");
    slots_expect_scan("scan-two", flags, SPARSE_SLOTS);
    slots_control(3, CPUHP_REMOVE);
    flags[3] = EN;
    slots_expect("cleared", flags, SPARSE_SLOTS, "bit 2 clears the remove event, the CPU stays");
    slots_expect_scan("scan-rest", flags, SPARSE_SLOTS);
    slots_control(1, CPUHP_REMOVE);
    flags[1] = EN;
    slots_expect("all-cleared", flags, SPARSE_SLOTS, "and so for the other one");
    hostevent_expect_none("nothing-deleted", "DEVICE_DELETED",
                          "without an eject the host is not told that the CPU is gone");
}

TEST(cpuhp_host, both_events, "insert and remove events of one CPU do not touch each other",
     SPEC(BLOCK), NEEDS(HERE))
{
    uint8_t flags[SPARSE_SLOTS] = {EN, EN};

    slots_begin();
    slots_plug(2);
    slots_unplug(2);
    flags[2] = EN | INS | RM;
    slots_expect("both", flags, SPARSE_SLOTS, "a remove event joins an insert event");
    slots_expect_scan("scan-both", flags, SPARSE_SLOTS);
    slots_control(2, CPUHP_INSERT);
    flags[2] = EN | RM;
    slots_expect("insert-cleared", flags, SPARSE_SLOTS, "bit 1 leaves the remove event");
    slots_control(2, CPUHP_REMOVE);
    flags[2] = EN;
    slots_expect("none", flags, SPARSE_SLOTS, "bit 2 clears that");
    slots_plug(4);
    slots_unplug(4);
    slots_control(4, CPUHP_REMOVE);
    flags[4] = EN | INS;
    slots_expect("remove-cleared", flags, SPARSE_SLOTS, "bit 2 leaves the insert event");
    slots_unplug(4);
    flags[4] = EN | INS | RM;
    slots_expect("again", flags, SPARSE_SLOTS, "a second device_del asks again");
    slots_expect_scan("scan-again", flags, SPARSE_SLOTS);
    slots_unplug(2);
    flags[2] = EN | RM;
    slots_expect("after-clear", flags, SPARSE_SLOTS, "also where the first one was refused");
}

TEST(cpuhp_host, firmware_eject_event,
     "the request to the firmware is a flag of its own, next to insert and remove",
     SPEC(BLOCK " bit 4; QEMU 1e6107d901"), NEEDS(HERE "qemu>=6.0"))
{
    uint8_t flags[SPARSE_SLOTS] = {EN, EN};

    slots_begin();
    slots_plug(3);
    slots_plug(5);
    slots_unplug(3);
    slots_control(3, CPUHP_FW_REMOVE);
    flags[3] = EN | INS | RM | FW;
    flags[5] = EN | INS;
    slots_expect("set", flags, SPARSE_SLOTS, "bit 4 is set for this CPU and changes nothing else");
    slots_control(3, CPUHP_FW_REMOVE);
    slots_expect("twice", flags, SPARSE_SLOTS, "asking twice is asking");
    slots_control(3, CPUHP_INSERT);
    flags[3] = EN | RM | FW;
    slots_expect("insert-cleared", flags, SPARSE_SLOTS, "bit 1 does not take the request back");
    slots_control(3, CPUHP_REMOVE);
    flags[3] = EN | FW;
    slots_expect("remove-cleared", flags, SPARSE_SLOTS, "bit 2 does not take the request back");
    slots_control(5, CPUHP_INSERT);
    flags[5] = EN;
    slots_expect_scan("scan", flags, SPARSE_SLOTS);
    slots_control(1, CPUHP_FW_REMOVE);
    flags[1] = EN | FW;
    slots_expect("two", flags, SPARSE_SLOTS, "two CPUs may wait for the firmware");
    slots_expect_scan("scan-two", flags, SPARSE_SLOTS);
    slots_expect_host("host", flags, SPARSE_SLOTS, "all of them are still there");
    hostevent_expect_none("nothing-deleted", "DEVICE_DELETED", "the request alone ejects nothing");
}

TEST(cpuhp_host, firmware_eject_every_slot, "any slot's CPU can be left to the firmware to eject",
     SPEC(BLOCK " bit 4; QEMU 1e6107d901"), NEEDS(HERE "qemu>=6.0"))
{
    uint8_t flags[SPARSE_SLOTS] = {EN, EN};

    slots_begin();
    for (uint32_t slot = SPARSE_SLOTS - 1; slot > 0; slot--) {
        if (!flags[slot]) {
            slots_plug(slot);
            slots_control(slot, CPUHP_INSERT);
        }
        slots_control(slot, CPUHP_FW_REMOVE);
        flags[slot] = EN | FW;
        slots_expect("set", flags, SPARSE_SLOTS, "bit 4 is set for this CPU as for those before");
        slots_expect_scan("scan", flags, SPARSE_SLOTS);
    }
}

TEST(cpuhp_host, combined_clear, "one write with bits 1 and 2 clears both events",
     SPEC(BLOCK ": each bit has its meaning by itself, no order or exclusion is stated"),
     NEEDS(HERE))
{
    uint8_t flags[SPARSE_SLOTS] = {EN, EN};

    slots_begin();
    slots_plug(3);
    slots_plug(4);
    slots_unplug(3);
    slots_unplug(4);
    slots_control(3, CPUHP_INSERT | CPUHP_REMOVE);
    flags[3] = EN;
    flags[4] = EN | INS | RM;
    slots_expect("both-cleared", flags, SPARSE_SLOTS, "bits 1 and 2 together clear both events");
}
