/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hotplug into slots whose APIC ids are high, sparse or look alike in their low bits,
 * and of many CPUs one after the other.
 */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/cpuhp.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/scenario.h"
#include "tests/scale/ids.h"
#include "tests/scale/roads.h"

#define PROTOCOL                                                                           \
    "QEMU docs/specs/acpi_cpu_hotplug; commits 50de920b37, 5ce45c7a2b, 00dc02d284; Intel " \
    "SDM vol. 3, 34.11, 34.13, 8.9 (ids), 10.6 (IPIs)"
#define X2APIC PROTOCOL ", 10.12 (x2APIC)"
#define HOST   "host=plug,wait boot=own thread=single timeout=60 "
/* SMBIOS 2 of older machine types counts up to 254 CPUs a socket. */
#define SOCKETS255 "maxcpus=255 sockets=255 cores=1 "
/* The kernel's word size does not matter here: one architecture has to do. */
#define ONCE "arch=x86_64 "
#define BIG  ONCE "cpu=max qemu>=9.0 machine>=pc-q35-9.0 "

struct slot {
    uint32_t slot;
    uint32_t apic_id;
};

/* The hotplug block's id is of 64 bits, the upper half in a register of its own. */
static void check_arch_id(const struct slot *slot)
{
    CONTEXT("slot %u", slot->slot);
    EXPECT_EQ("arch-id", cpuhp_arch_id(slot->slot), slot->apic_id,
              "command 3 gives the slot's APIC id, as its place in the topology makes it");
    CONTEXT_CLEAR();
}

/* One slot after the other by the whole protocol, then every road to every CPU. */
static void plug_all(const struct slot *slots, uint32_t count)
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};

    scenario_prepare(&s);
    for (uint32_t i = 0; i < count; i++)
        check_arch_id(&slots[i]);
    for (uint32_t i = 0; i < count; i++) {
        s.slot = slots[i].slot;
        scenario_plug_another(&s);
        EXPECT_EQ("number", smp_find(slots[i].apic_id), smp_cpus() - 1,
                  "the CPU that arrived has the slot's APIC id");
    }
    slots_expect_number("fw-cfg", smp_cpus(), "fw_cfg and the CMOS count them all");
    ids_check();
    roads_check_each(false);
    if (apic_is_x2apic())
        roads_check_each(true);
    roads_check_all();
    roads_check_shorthands();
    roads_check_nobody();
    for (uint32_t i = 0; i < count; i++)
        roads_restart(smp_find(slots[i].apic_id));
}

#define PLUG_ALL(...)                            \
    plug_all((const struct slot[]){__VA_ARGS__}, \
             sizeof((const struct slot[]){__VA_ARGS__}) / sizeof(struct slot))

TEST(scale, plug_255, "slots up to the last of 255, at the edges of words of a bitmap of ids",
     SPEC(PROTOCOL), NEEDS(HOST "smp=2 " SOCKETS255))
{
    PLUG_ALL({31, 31}, {32, 32}, {64, 64}, {129, 129}, {254, 254});
}

TEST(scale, plug_sparse, "sockets of 33 CPUs: APIC ids with gaps of 31", SPEC(PROTOCOL),
     NEEDS(HOST ONCE "smp=2 maxcpus=99 sockets=3 cores=33"))
{
    PLUG_ALL({98, 160}, {33, 64}, {32, 32}, {66, 128});
}

TEST(scale, plug_x2apic, "APIC ids of 255 and more, of which some differ in the upper bits only",
     SPEC(X2APIC), NEEDS(HOST BIG "smp=5 maxcpus=640 sockets=5 cores=128"))
{
    PLUG_ALL({254, 254}, {255, 255}, {256, 256}, {260, 260}, {516, 516}, {639, 639});
}

TEST(scale, plug_x2apic_sparse, "sockets of 129 CPUs: slot and APIC id are far apart", SPEC(X2APIC),
     NEEDS(HOST BIG "smp=2 maxcpus=645 sockets=5 cores=129"))
{
    PLUG_ALL({128, 128}, {129, 256}, {258, 512}, {644, 1152}, {387, 768});
}

TEST(scale, plug_at_64, "a CPU comes to a machine of 64, which all wait in SMM meanwhile",
     SPEC(PROTOCOL), NEEDS(HOST ONCE "smp=64 maxcpus=66"))
{
    PLUG_ALL({65, 65}, {64, 64});
}

/* SMIs that this CPU, the monarch, has taken: what a plug costs it. */
static uint32_t own_smis(void)
{
    return (uint32_t)rdmsr(MSR_SMI_COUNT);
}

/* Every free slot in turn, from one CPU on; the last one costs no more SMIs than the first. */
static void plug_row(uint32_t slots)
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};
    uint32_t first = 0;

    scenario_prepare(&s);
    for (s.slot = smp_cpus(); s.slot < slots; s.slot++) {
        uint32_t before = own_smis();

        scenario_plug_another(&s);
        if (!first)
            first = own_smis() - before;
        CONTEXT("slot %u", s.slot);
        EXPECT_EQ("flat", own_smis() - before, first,
                  "a plug takes the monarch as many SMIs as the first one did");
        CONTEXT_CLEAR();
    }
    EXPECT_EQ("all", smp_cpus(), slots, "every slot's CPU has come");
    slots_expect_number("fw-cfg", slots, "fw_cfg and the CMOS count them all");
    ids_check();
    roads_check_each(false);
    roads_check_all();
}

TEST(scale, plug_1_to_12, "from one CPU to twelve, one plug after the other", SPEC(PROTOCOL),
     NEEDS(HOST "maxcpus=12 sockets=4 cores=3"))
{
    plug_row(12);
}

TEST(scale, plug_1_to_255, "from one CPU to 255, one plug after the other", SPEC(PROTOCOL),
     NEEDS("host=plug,wait boot=own group=large timeout=3600 mem=512 " SOCKETS255))
{
    plug_row(255);
}

/* Without SMM, where a CPU more among so many is cheap. */
TEST(scale, plug_at_256, "to 256 CPUs comes one more: what counts them has room for it",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, docs/specs/fw_cfg (item 5); Intel SDM vol. 3, 10.12"),
     NEEDS("host=plug,wait boot=own timeout=60 smp=256 maxcpus=258 sockets=2 cores=129 "
           "smm=off accel=tcg " BIG))
{
    uint32_t id;

    slots_begin();
    REQUIRE_TRUE("boot-aps", smp_start_all(), "the boot APs start");
    REQUIRE_EQ("cpus", smp_cpus(), 256, "all 256");
    slots_expect_number("before", 256, "fw_cfg counts them, the CMOS cannot");
    id = (uint32_t)cpuhp_arch_id(256);
    EXPECT_EQ("id", id, 256 + 127, "slot 256 is CPU 127 of the second socket");
    slots_plug(256);
    slots_expect_number("after", 257, "and one more");
    REQUIRE_TRUE("starts", smp_start_one(id) != UINT32_MAX, "INIT-SIPI-SIPI to its id starts it");
    EXPECT_EQ("alone", smp_cpus(), 257, "and no other");
}
