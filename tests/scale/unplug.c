/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unplug of CPUs whose APIC ids are high, and look like those of others when they lose
 * bits: only the CPU that was named goes, and everything still reaches all others.
 */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpuhp.h"
#include "hw/smi_features.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/hotplug/scenario.h"
#include "tests/scale/ids.h"
#include "tests/scale/roads.h"
#include "tests/unplug/steps.h"

#define PROTOCOL                                                                          \
    "QEMU docs/specs/acpi_cpu_hotplug, control bits 3 and 4; commits 1e6107d901, "        \
    "69dea9d6b3; Intel SDM vol. 3, 8.9 (ids: whole bits a level of the topology), 10.6 (" \
    "destination of IPIs)"
#define HOST "host=plug,unplug,cpus,events,wait boot=own timeout=60 qemu>=6.0 machine>=pc-q35-6.0 "

struct leaving {
    uint32_t slot;
    uint32_t apic_id;
};

/* SMI, NMI and interrupt still find every CPU that is left, and INIT-SIPI-SIPI too. */
static void check_others(uint32_t gone)
{
    CONTEXT("without APIC id %u", gone);
    roads_check_each(false);
    if (apic_is_x2apic())
        roads_check_each(true);
    roads_check_all();
    roads_check_nobody();
}

/* Plugs all of them, unplugs the first few; those that are left can be started anew. */
static void come_and_go(const struct leaving *cpu, uint32_t count, uint32_t leave,
                        uint32_t all_slots)
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};
    uint64_t supported = 0;
    struct slots slots;
    uint32_t left;

    if (!smi_features_supported(&supported) || !(supported & FW_SMI_CPU_UNPLUG))
        SKIP("the machine type offers no CPU unplug with SMI (supported-features %#llx)",
             (unsigned long long)supported);
    scenario_prepare(&s);
    for (uint32_t i = 0; i < count; i++) {
        s.slot = cpu[i].slot;
        scenario_plug_another(&s);
        EXPECT_EQ("number", smp_find(cpu[i].apic_id), smp_cpus() - 1,
                  "the CPU that arrived has the slot's APIC id");
    }
    ids_check();
    unplug_slots(&slots, all_slots);
    for (uint32_t i = 0; i < leave; i++) {
        unplug_with_firmware(&slots, cpu[i].slot);
        check_others(cpu[i].apic_id);
    }
    /* Those that start anew get new numbers. */
    left = smp_cpus();
    for (uint32_t n = 1; n < left; n++) {
        if (smp_present(n))
            roads_restart(n);
    }
}

/*
 * 3 cores, dies and sockets, two bits each: 16 * socket + 4 * die + core. 32 and 33 are 0
 * and 1 in a word of 32 bits, and slot 21 is not APIC id 21.
 */
TEST(scale, unplug_sparse, "CPUs with APIC ids above 31 go, those with ids alike stay",
     SPEC(PROTOCOL), NEEDS(HOST "smp=3 maxcpus=27 sockets=3 dies=3 cores=3 threads=1"))
{
    static const struct leaving cpu[] = {{19, 33}, {21, 36}, {18, 32}, {13, 21}, {26, 42}};

    come_and_go(cpu, 5, 3, 27);
}

/*
 * 5 cores, dies and sockets, three bits each; 256 and 257 are 0 and 1 in a byte. Leaf 1Fh, which
 * knows of dies, is an Intel CPU's.
 */
#define INTEL "arch=x86_64 cpu=max,vendor=GenuineIntel qemu>=9.0 "

TEST(scale, unplug_x2apic, "the same with APIC ids above 255", SPEC(PROTOCOL ", 10.12 (x2APIC)"),
     NEEDS(HOST INTEL "smp=3 maxcpus=125 sockets=5 dies=5 cores=5 threads=1"))
{
    static const struct leaving cpu[] = {{101, 257}, {100, 256}, {32, 74}, {102, 258}, {124, 292}};

    come_and_go(cpu, 5, 3, 125);
}
