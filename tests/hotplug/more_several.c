/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several CPUs before one hotplug command, CPUs that come while it runs, and a
 * command that an AP gives.
 */
#include "firmware/smm.h"
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"
#include "tests/hotplug/scenario.h"
#include "tests/hotplug/smm_host.h"
#include "tests/hotplug/steps.h"

#define PROTOCOL                                                                           \
    "QEMU docs/specs/acpi_cpu_hotplug; QEMU 9cc5a90b0e (AML); edk2 OvmfPkg/CpuHotplugSmm " \
    "(020bb4b46d, cbccf99592); Intel SDM vol. 3, 34.11, 34.13"
#define HERE                                                                        \
    "host=plug,cpus boot=own group=scenario timeout=40 smp=2 maxcpus=12 sockets=4 " \
    "dies=1 cores=3 threads=1 "
#define SLOTS 12U

static const struct smm_hotplug_report *const report = &smm_mailbox.hotplug;

static uint32_t id_of(uint32_t slot)
{
    return slot / 3 << 2 | slot % 3;
}

static void plug(const uint32_t *slots, uint32_t count)
{
    uint32_t before = os_sci_count();

    for (uint32_t i = 0; i < count; i++)
        slots_plug(slots[i]);
    EXPECT_TRUE("m01-sci", os_wait_sci(before + 1), "an SCI tells of the new CPUs");
    os_gpe_done();
}

/* New CPU i of the last command, in the order of selectors, is that of slot. */
static void expect_added(uint32_t i, uint32_t slot)
{
    CONTEXT("slot %u", slot);
    EXPECT_EQ("m03-selector", report->cpu[i].selector, slot, "the monarch finds it by its slot");
    EXPECT_EQ("m03-apic-id", report->cpu[i].apic_id, id_of(slot), "with the slot's APIC id");
    EXPECT_EQ("m03-first-smi", report->cpu[i].relocated, 1,
              "it goes through the first-SMI handler alone, gate by gate");
    EXPECT_EQ("m03-pen", report->cpu[i].in_pen, 1, "and waits in the pen");
    for (uint32_t other = 0; other < i; other++)
        EXPECT_NE("m03-distinct", report->cpu[i].smbase, report->cpu[other].smbase,
                  "no two new CPUs get the same SMBASE (SDM vol. 3, 34.13)");
    CONTEXT_CLEAR();
}

/* Command 4; slots in ascending order are what it must take in. */
static void command(const uint32_t *slots, uint32_t count)
{
    uint32_t before[SMP_MAX_CPUS] = {0};
    uint32_t runs = report->runs;

    step_count_smis(before);
    apm_write(APM_CNT_CPU_HOTPLUG, 0);
    REQUIRE_EQ("m02-command", report->runs, runs + 1, "command 4 runs once and comes back");
    EXPECT_EQ("m02-rendezvous", report->arrived, report->expected, "all registered CPUs meet");
    step_smi_counts(before, smp_cpus(), "m02-once", "every CPU took exactly one SMI for it");
    REQUIRE_EQ("m02-added", report->added, count, "the monarch takes in exactly the new CPUs");
    for (uint32_t i = 0; i < count; i++)
        expect_added(i, slots[i]);
}

/* The operating system acknowledges the event, starts the CPU and sees it in SMM. */
static void take_in(uint32_t slot)
{
    uint32_t n;

    os_acknowledge_insert(slot);
    CONTEXT("slot %u", slot);
    EXPECT_BITS("m04-acknowledged", cpuhp_flags(), FLAGS_MASK, CPUHP_ENABLED,
                "the event is cleared");
    n = smp_start_one(id_of(slot));
    REQUIRE_TRUE("m05-starts", n != UINT32_MAX, "INIT-SIPI-SIPI brings it into the OS");
    CONTEXT_CLEAR();
    step_new_cpu_in_smm(n, true);
}

static void several(enum smm_default_smbase mode, const uint32_t *plugged, const uint32_t *sorted,
                    uint32_t count)
{
    struct scenario s = {.mode = mode, .broadcast = true};
    uint32_t selector = 0;

    scenario_prepare(&s);
    plug(plugged, count);
    command(sorted, count);
    step_default_smbase_as_promised(mode, "m03-restore");
    for (uint32_t i = count; i-- > 0;)
        take_in(plugged[i]);
    EXPECT_TRUE("m06-no-event", !cpuhp_next_event(&selector), "no event is left");
}

TEST(hotplug, two_at_once, "two CPUs plugged before one command are both taken in", SPEC(PROTOCOL),
     NEEDS(HERE))
{
    several(SMM_DEFAULT_RESIDENT, (const uint32_t[]){9, 4}, (const uint32_t[]){4, 9}, 2);
}

TEST(hotplug, three_at_once, "three CPUs, behind locked SMRAM at the default SMBASE",
     SPEC(PROTOCOL "; f404220e27"), NEEDS(HERE))
{
    several(SMM_DEFAULT_WINDOW, (const uint32_t[]){3, 11, 2}, (const uint32_t[]){2, 3, 11}, 3);
}

TEST(hotplug, seven_at_once, "seven CPUs before one command", SPEC(PROTOCOL), NEEDS(HERE))
{
    several(SMM_DEFAULT_RESIDENT, (const uint32_t[]){8, 2, 11, 5, 3, 10, 6},
            (const uint32_t[]){2, 3, 5, 6, 8, 10, 11}, 7);
}

TEST(hotplug, all_at_once, "all free slots before one command, in the host's order", SPEC(PROTOCOL),
     NEEDS(HERE))
{
    several(SMM_DEFAULT_RESIDENT, (const uint32_t[]){7, 2, 10, 5, 3, 11, 9, 4, 8, 6},
            (const uint32_t[]){2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, SLOTS - 2);
}

TEST(hotplug, late_arrival,
     "a CPU between the OS's scan and the command is taken in and told later", SPEC(PROTOCOL),
     NEEDS(HERE))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};
    uint8_t flags[SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED};
    uint32_t selector = 0, sci;

    scenario_prepare(&s);
    plug((const uint32_t[]){6}, 1);
    REQUIRE_TRUE("scan", cpuhp_next_event(&selector) && selector == 6, "the OS collects slot 6");
    sci = os_sci_count();
    slots_plug(3);
    command((const uint32_t[]){3, 6}, 2);
    take_in(6);
    flags[3] = CPUHP_ENABLED | CPUHP_INSERT;
    flags[6] = CPUHP_ENABLED;
    slots_expect("kept", flags, SLOTS, "the event of the other one waits");
    EXPECT_TRUE("sci", os_wait_sci(sci + 1), "an SCI of its own tells of it");
    os_gpe_done();
    command(NULL, 0);
    slots_expect("still", flags, SLOTS, "the firmware knows that CPU: nothing happens to it again");
    take_in(3);
}

TEST(hotplug, plug_behind_the_smi, "a CPU that comes when all are in SMM needs an SMI of its own",
     SPEC(PROTOCOL), NEEDS(HERE))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};
    uint32_t sci;

    scenario_prepare(&s);
    sci = os_sci_count();
    smm_host_plug_at(SMM_HOTPLUG_GATHERED, 7);
    command((const uint32_t[]){7}, 1);
    REQUIRE_TRUE("plug", smm_host_cancel(), "device_add is accepted meanwhile");
    EXPECT_EQ("not-pending", report->cpu[0].directed_smi, 1,
              "the SMI that the others took is not for a CPU that came later (cbccf99592)");
    EXPECT_TRUE("sci", os_wait_sci(sci + 1), "the SCI comes when the CPUs are out of SMM");
    os_gpe_done();
    take_in(7);
}

TEST(hotplug, plug_behind_the_scan,
     "a CPU that comes behind the firmware's scan waits for the next", SPEC(PROTOCOL), NEEDS(HERE))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};
    uint8_t flags[SLOTS] = {[0] = CPUHP_ENABLED,
                            [1] = CPUHP_ENABLED,
                            [2] = CPUHP_ENABLED | CPUHP_INSERT,
                            [5] = CPUHP_ENABLED | CPUHP_INSERT};
    uint32_t sci;

    scenario_prepare(&s);
    plug((const uint32_t[]){5}, 1);
    sci = os_sci_count();
    smm_host_plug_at(SMM_HOTPLUG_HANDLED, 2);
    command((const uint32_t[]){5}, 1);
    REQUIRE_TRUE("plug", smm_host_cancel(), "device_add is accepted meanwhile");
    slots_expect("events", flags, SLOTS, "both events are there for the OS");
    take_in(5);
    EXPECT_TRUE("sci", os_wait_sci(sci + 1), "the SCI comes when the CPUs are out of SMM");
    os_gpe_done();
    command((const uint32_t[]){2}, 1);
    take_in(2);
}

TEST(hotplug, plug_during_relocation,
     "a CPU that comes while another one has its first SMI waits for its turn", SPEC(PROTOCOL),
     NEEDS(HERE))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};
    uint8_t flags[SLOTS] = {[0] = CPUHP_ENABLED,
                            [1] = CPUHP_ENABLED,
                            [3] = CPUHP_ENABLED | CPUHP_INSERT,
                            [5] = CPUHP_ENABLED | CPUHP_INSERT};

    scenario_prepare(&s);
    plug((const uint32_t[]){5}, 1);
    smm_host_plug_at(SMM_HOTPLUG_GATE, 3);
    command((const uint32_t[]){5}, 1);
    REQUIRE_TRUE("plug", smm_host_cancel(), "device_add is accepted meanwhile");
    slots_expect("events", flags, SLOTS, "both events are there for the OS");
    command((const uint32_t[]){3}, 1);
    take_in(5);
    take_in(3);
}

TEST(hotplug, plug_ahead_of_the_scan,
     "a CPU that comes while another one has its first SMI is found if the scan has not passed it",
     SPEC(PROTOCOL), NEEDS(HERE))
{
    struct scenario s = {.mode = SMM_DEFAULT_WINDOW, .broadcast = true};

    scenario_prepare(&s);
    plug((const uint32_t[]){5}, 1);
    /* At its own turn the host refuses it, as the slot is taken by then. */
    smm_host_plug_at(SMM_HOTPLUG_GATE, 10);
    command((const uint32_t[]){5, 10}, 2);
    REQUIRE_TRUE("refused", !smm_host_cancel(), "a second CPU is refused in the same slot");
    EXPECT_EQ("not-pending", report->cpu[1].directed_smi, 1,
              "the SMI that the others took is not for a CPU that came later (cbccf99592)");
    take_in(10);
    take_in(5);
}

TEST(hotplug, command_from_ap,
     "the command may come from an AP: the BSP is the monarch all the same",
     SPEC(PROTOCOL "; QEMU 5ce45c7a2b"), NEEDS(HERE))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};
    uint32_t before[SMP_MAX_CPUS] = {0};

    scenario_prepare(&s);
    plug((const uint32_t[]){4}, 1);
    step_count_smis(before);
    REQUIRE_TRUE("returns", smm_trigger_on(1, APM_CNT_CPU_HOTPLUG, 0x77),
                 "the AP comes back from its command");
    step_smi_counts(before, smp_cpus(), "once", "every CPU took exactly one SMI for it");
    EXPECT_EQ("data", report->data, 0x77, "the monarch reads the AP's data");
    EXPECT_EQ("monarch", report->monarch_apic_id, smp_apic_id(0), "the BSP is the monarch");
    REQUIRE_EQ("added", report->added, 1, "one CPU is new");
    expect_added(0, 4);
    take_in(4);
}
