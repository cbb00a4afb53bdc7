/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots, APIC ids and topology belong together, in whatever order the host fills them. */
#include "hw/apic.h"
#include "hw/cpuhp.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"

/* 2 sockets of 2 dies of 3 cores of 2 threads: one, one, two and one bits of the APIC id. */
#define SLOTS 24U
_Static_assert(SLOTS <= SLOTS_MAX, "slots.h");

static uint32_t id_of(uint32_t slot)
{
    uint32_t thread = slot % 2, core = slot / 2 % 3, die = slot / 6 % 2, socket = slot / 12;

    return socket << 4 | die << 3 | core << 1 | thread;
}

/* The CPU that was plugged is the one that answers to the slot's APIC id, with that id. */
static void start(uint32_t slot)
{
    uint32_t id = id_of(slot);

    CONTEXT("slot %u, APIC id %#x", slot, id);
    EXPECT_NE("starts", smp_start_one(id), UINT32_MAX,
              "INIT-SIPI-SIPI to the APIC id starts it, and CPUID gives that id");
    CONTEXT_CLEAR();
}

TEST(cpuhp_host, topology, "every slot's CPU has the APIC id of its socket, die, core and thread",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, command 3; Intel SDM vol. 3, 8.9.1: each field has "
          "as many bits as its largest value needs"),
     NEEDS("smp=1 maxcpus=24 sockets=2 dies=2 cores=3 threads=2 boot=own smm=any "
           "host=plug,cpus"))
{
    uint8_t flags[SLOTS] = {CPUHP_ENABLED};

    slots_begin();
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        CONTEXT("slot %u", slot);
        EXPECT_EQ("arch-id", cpuhp_arch_id(slot), id_of(slot),
                  "command 3 gives the APIC id of a slot, in ascending order, also if it is empty");
    }
    CONTEXT_CLEAR();
    /* 7 and 24 have no common divisor: every slot comes once. */
    for (uint32_t i = 1; i < SLOTS; i++) {
        uint32_t slot = i * 7 % SLOTS;
        uint32_t found = 0;

        slots_plug(slot);
        flags[slot] = CPUHP_ENABLED | CPUHP_INSERT;
        CONTEXT("slot %u", slot);
        EXPECT_TRUE("event", cpuhp_next_event(&found) && found == slot,
                    "the insert event is that of the slot with this topology");
        CONTEXT_CLEAR();
        slots_expect("flags", flags, SLOTS, "this slot has become enabled, no other");
        start(slot);
        slots_control(slot, CPUHP_INSERT);
        flags[slot] = CPUHP_ENABLED;
    }
    EXPECT_EQ("cpus", smp_cpus(), SLOTS, "all CPUs run");
    slots_expect_host("host", flags, SLOTS, "the host's list is full");
    slots_expect_number("number", SLOTS, "firmware would find them all");
}
