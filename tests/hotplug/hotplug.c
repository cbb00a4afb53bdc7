/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU hotplug with SMM, three ways to handle the memory at the default SMBASE, in
 * machines with and without boot APs.
 */
#include "kernel/test.h"
#include "tests/hotplug/hostile.h"
#include "tests/hotplug/scenario.h"

#define PROTOCOL                                                                         \
    "QEMU docs/specs/acpi_cpu_hotplug.rst; commits 50de920b37, 5ce45c7a2b, 00dc02d284; " \
    "Intel SDM vol. 3, 34.2, 34.11, 34.13"
#define HOST "host=plug,wait boot=own group=scenario timeout=40 "

static void run(enum smm_default_smbase mode, bool broadcast, uint32_t slot)
{
    struct scenario s = {.mode = mode, .broadcast = broadcast, .slot = slot};

    scenario_run(&s);
}

TEST(hotplug, window,
     "a hot-added CPU is relocated behind locked SMRAM at the default SMBASE before the OS gets it",
     SPEC(PROTOCOL "; f404220e27"), NEEDS(HOST "maxcpus=4 firmware=seabios"))
{
    run(SMM_DEFAULT_WINDOW, true, 1);
}

TEST(hotplug, window_aps, "the same in a machine with boot APs, which all meet in SMM",
     SPEC(PROTOCOL "; f404220e27"), NEEDS(HOST "smp=3 maxcpus=6 firmware=virgin"))
{
    run(SMM_DEFAULT_WINDOW, true, 4);
}

TEST(hotplug, resident,
     "a hot-added CPU is relocated by a handler that the firmware keeps in RAM at 38000h",
     SPEC(PROTOCOL), NEEDS(HOST "maxcpus=4"))
{
    run(SMM_DEFAULT_RESIDENT, true, 1);
}

TEST(hotplug, resident_aps, "the same in a machine with boot APs, which all meet in SMM",
     SPEC(PROTOCOL), NEEDS(HOST "smp=3 maxcpus=6"))
{
    run(SMM_DEFAULT_RESIDENT, true, 4);
}

TEST(hotplug, borrowed,
     "without broadcast the monarch borrows the OS's memory at 30000h and gives it back",
     SPEC(PROTOCOL), NEEDS(HOST "maxcpus=4"))
{
    run(SMM_DEFAULT_BORROWED, false, 1);
}

TEST(hotplug, borrowed_aps, "the same with boot APs, pulled into SMM by directed SMIs",
     SPEC(PROTOCOL), NEEDS(HOST "smp=3 maxcpus=6 firmware=seabios"))
{
    run(SMM_DEFAULT_BORROWED, false, 4);
}

TEST(hotplug, two_in_turn, "two CPUs, one after the other, in the order of the host's choice",
     SPEC(PROTOCOL), NEEDS(HOST "smp=2 maxcpus=6"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 5};

    scenario_run(&s);
    s.slot = 3;
    scenario_plug_another(&s);
}

#define HOSTILE                                                                           \
    "QEMU f404220e27: SMRAM at the default SMBASE, so that what the OS writes to 38000h " \
    "before a CPU arrives never runs in SMM; edk2 CpuHotplugSmm"

static void run_hostile(void (*hostile)(uint32_t apic_id), uint32_t slot)
{
    struct scenario s = {
        .mode = SMM_DEFAULT_WINDOW, .broadcast = true, .slot = slot, .hostile = hostile};

    scenario_run(&s);
}

TEST(hotplug, hostile_smi,
     "an OS that has prepared 38000h gains nothing by an SMI to a CPU that has just arrived",
     SPEC(HOSTILE), NEEDS(HOST "smp=2 maxcpus=4 firmware=virgin"))
{
    run_hostile(hostile_smi, 3);
}

TEST(hotplug, hostile_start, "nor by starting that CPU before the firmware hears of it",
     SPEC(HOSTILE), NEEDS(HOST "smp=2 maxcpus=4 firmware=virgin"))
{
    run_hostile(hostile_start, 2);
}
