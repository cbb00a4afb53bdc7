/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUs that come and go in no order, with all that tells of them checked after every step. The
 * order is that of the kernel's command line, seed=N; the same in every run without it.
 */
#include <stddef.h>

#include "hw/smi_features.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/hotplug/scenario.h"
#include "tests/hotplug/steps.h"
#include "tests/registry/view.h"
#include "tests/unplug/steps.h"

#define SPECS                                                                                 \
    "QEMU docs/specs/acpi_cpu_hotplug; docs/system/cpu-hotplug; Intel SDM vol. 3, 8.9 (ids: " \
    "whole bits a level of the topology), 34.11; edk2 OvmfPkg/CpuHotplugSmm"
/* 5 cores, three bits: APIC ids 8 * socket + core. TCG creates maxcpus CPUs in a machine's life. */
#define HERE                                                                                \
    "boot=own host=plug,unplug,cpus,events,wait smp=2 maxcpus=25 sockets=5 dies=1 cores=5 " \
    "threads=1 timeout=90 "
#define SLOTS 25U
#define BOOT  2U
#define STEPS 40U

/* All that are plugged wait in SMM for each other, on the host's few processors. */
#define MOST 6U

struct walk {
    struct scenario scenario; /* mode and so on; its slot is that of the present step */
    struct slots slots;
    struct view view;
    bool firmware;
    uint32_t random;
    uint32_t plugged; /* now */
    uint32_t plugs;   /* ever */
};

/* xorshift32 (Marsaglia, "Xorshift RNGs", 2003), which never leaves a state of 0. */
static uint32_t draw(struct walk *w, uint32_t below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 17;
    w->random ^= w->random << 5;
    return w->random % below;
}

/* One of the slots behind the boot CPUs' that are, or are not, filled. */
static uint32_t draw_slot(struct walk *w, bool filled)
{
    uint32_t slot;

    do {
        slot = BOOT + draw(w, SLOTS - BOOT);
    } while ((w->slots.flags[slot] != 0) != filled);
    return slot;
}

static bool draw_plug(struct walk *w)
{
    bool may = w->plugged < MOST && w->plugs < SLOTS - BOOT;

    return w->plugged == 0 || (may && draw(w, 2));
}

static void plug(struct walk *w, uint32_t slot)
{
    w->scenario.slot = slot;
    if (w->firmware)
        scenario_plug_another(&w->scenario);
    else
        plug_without_firmware(&w->slots, slot);
    w->slots.flags[slot] = CPUHP_ENABLED;
    w->plugged++;
    w->plugs++;
}

static void unplug(struct walk *w, uint32_t slot)
{
    if (w->firmware)
        unplug_with_firmware(&w->slots, slot);
    else
        unplug_without_firmware(&w->slots, slot);
    w->plugged--;
}

/* What SMM knows: as after the last step, but for one CPU. */
static void check_firmware(struct walk *w)
{
    struct view now;

    view_read(&now);
    EXPECT_EQ("state-registry", now.count, BOOT + w->plugged, "SMM's registry counts them");
    view_check(&now);
    view_check_kept(&w->view, &now);
    w->view = now;
    step_default_smbase_as_promised(w->scenario.mode, "state-memory");
}

static void check_state(struct walk *w)
{
    slots_expect("state-block", w->slots.flags, SLOTS, "the block has these CPUs, and no event");
    slots_expect_scan("state-scan", w->slots.flags, SLOTS);
    slots_expect_host("state-host", w->slots.flags, SLOTS, "so has the host's list");
    slots_expect_number("state-number", BOOT + w->plugged, "fw_cfg and the CMOS count them");
    EXPECT_EQ("state-os", smp_present_cpus(), BOOT + w->plugged, "so does the operating system");
    if (w->firmware)
        check_firmware(w);
}

static void walk(struct walk *w)
{
    w->random = cmdline.seed ? cmdline.seed : UINT32_MAX;
    print("  # seed %u; the command line word seed=N is another order\n", cmdline.seed);
    unplug_slots(&w->slots, SLOTS);
    check_state(w);
    for (uint32_t step = 1; step <= STEPS; step++) {
        bool come = draw_plug(w);
        uint32_t slot = draw_slot(w, !come);

        print("  # step %u: %s slot %u\n", step, come ? "plug" : "unplug", slot);
        if (come)
            plug(w, slot);
        else
            unplug(w, slot);
        check_state(w);
    }
}

static void walk_with_firmware(void)
{
    static struct walk w;
    uint64_t supported = 0;

    if (!smi_features_supported(&supported) || !(supported & FW_SMI_CPU_UNPLUG))
        SKIP("the machine type offers no CPU unplug with SMI (supported-features %#llx)",
             (unsigned long long)supported);
    w.firmware = true;
    w.scenario = (struct scenario){.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};
    scenario_prepare(&w.scenario);
    view_read(&w.view);
    walk(&w);
}

static void walk_alone(void)
{
    static struct walk w;

    slots_begin();
    REQUIRE_TRUE("boot-aps", smp_start_all(), "the boot APs start");
    walk(&w);
}

TEST(unplug, random, "forty plugs and unplugs in a random order, over APIC ids with gaps",
     SPEC(SPECS), NEEDS(HERE "group=scenario qemu>=10.0 machine>=pc-q35-6.0"))
{
    walk_with_firmware();
}

TEST(unplug, random_os, "the same without SMM", SPEC(SPECS),
     NEEDS(HERE "smm=off accel=tcg qemu>=10.0"))
{
    walk_alone();
}

TEST(unplug, random_os_kvm, "the same without SMM", SPEC(SPECS), NEEDS(HERE "smm=off accel=kvm"))
{
    walk_alone();
}
