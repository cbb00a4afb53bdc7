/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An operating system that gives the hotplug command for nothing, or forges events. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/scenario.h"
#include "tests/hotplug/steps.h"

#define PROTOCOL                                                                     \
    "QEMU docs/specs/acpi_cpu_hotplug; 1e6107d901; the CPU hotplug request: VCPU 0 " \
    "always exists; edk2 OvmfPkg/CpuHotplugSmm"
#define HERE  "boot=own timeout=40 smp=3 maxcpus=12 sockets=4 dies=1 cores=3 threads=1 "
#define SLOTS 12U

static const struct smm_hotplug_report *const report = &smm_mailbox.hotplug;

/* The command from CPU n: all meet, once, nothing is found, all come back. */
static void idle_command(uint32_t n)
{
    uint32_t before[SMP_MAX_CPUS] = {0};
    uint32_t runs = report->runs;

    step_count_smis(before);
    REQUIRE_TRUE("returns", smm_trigger_on(n, APM_CNT_CPU_HOTPLUG, (uint8_t)n),
                 "the CPU that gives the command comes back");
    EXPECT_EQ("runs", report->runs, runs + 1, "the handler runs once");
    EXPECT_EQ("rendezvous", report->arrived, smp_present_cpus(), "all CPUs meet in SMM");
    EXPECT_EQ("added", report->added, 0, "there is no CPU to take in");
    EXPECT_EQ("ejected", report->ejected, 0, "nor one to eject");
    step_smi_counts(before, smp_cpus(), "once", "every CPU took exactly one SMI and came back");
}

static void prepare(void)
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};

    scenario_prepare(&s);
}

TEST(hostile, idle_command, "the hotplug command without an event changes nothing", SPEC(PROTOCOL),
     NEEDS(HERE "host=cpus,events"))
{
    uint8_t flags[SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED, CPUHP_ENABLED};

    prepare();
    for (int i = 0; i < 4; i++) {
        for (uint32_t n = 0; n < smp_cpus(); n++)
            idle_command(n);
    }
    step_default_smbase_as_promised(SMM_DEFAULT_RESIDENT, "memory");
    slots_expect("slots", flags, SLOTS, "all slots are as they were");
    slots_expect_host("host", flags, SLOTS, "for the host, too");
    hostevent_expect_none("events", "DEVICE", "which hears of nothing");
}

TEST(hostile, forged_absent, "writes to the flags of empty slots bring no CPU and no event to life",
     SPEC(PROTOCOL), NEEDS(HERE "host=cpus,events"))
{
    uint8_t flags[SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED, CPUHP_ENABLED};

    prepare();
    for (uint32_t slot = 3; slot < SLOTS; slot++) {
        for (uint8_t bit = CPUHP_INSERT; bit <= CPUHP_FW_REMOVE; bit <<= 1)
            slots_control(slot, bit);
        slots_control(slot, CPUHP_INSERT | CPUHP_REMOVE | CPUHP_EJECT | CPUHP_FW_REMOVE);
    }
    slots_expect("slots", flags, SLOTS, "an empty slot stays empty and has no event");
    slots_expect_scan("scan", flags, SLOTS);
    idle_command(0);
    idle_command(2);
    slots_expect("slots-after", flags, SLOTS, "the firmware finds nothing to do");
    slots_expect_host("host", flags, SLOTS, "the host has the CPUs that it had");
    hostevent_expect_none("events", "DEVICE", "and hears of nothing");
}

TEST(hostile, boot_cpu, "the boot CPU can neither be ejected nor handed over to be ejected",
     SPEC(PROTOCOL), NEEDS(HERE "host=cpus,events"))
{
    uint8_t flags[SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED, CPUHP_ENABLED};

    prepare();
    slots_control(0, CPUHP_FW_REMOVE);
    slots_expect("not-handed-over", flags, SLOTS, "bit 4 does not apply to it");
    slots_expect_scan("scan", flags, SLOTS);
    idle_command(1);
    slots_control(0, CPUHP_EJECT);
    slots_expect("not-ejected", flags, SLOTS, "bit 3 does not either");
    slots_expect_host("host", flags, SLOTS, "the host still has all of them");
    slots_expect_number("number", 3, "and firmware would find them");
    idle_command(0);
    hostevent_expect_none("events", "DEVICE", "nobody has heard of anything");
}
