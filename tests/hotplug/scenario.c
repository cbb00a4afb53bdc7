/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU hotplug with SMM, from the firmware's preparations to the new CPU in the
 * operating system. The order is that of the protocol's October 2019 variant, as
 * OVMF implements it.
 */
#include "tests/hotplug/scenario.h"

#include "firmware/hotplug.h"
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpuhp.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "hw/smi_features.h"
#include "kernel/host.h"
#include "kernel/machine.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "smm/pen.h"
#include "smm/relocate.h"
#include "tests/hotplug/hostile.h"
#include "tests/hotplug/os.h"
#include "tests/hotplug/steps.h"

/* Data byte of the hotplug command: the firmware must be able to read it back. */
#define COMMAND_DATA 0xc4

static void firmware_part(const struct scenario *s)
{
    uint64_t supported = 0;
    uint64_t needed = FW_SMI_BROADCAST | FW_SMI_CPU_HOTPLUG;

    if (s->broadcast && (!smi_features_supported(&supported) || (supported & needed) != needed))
        SKIP("the machine type offers no CPU hotplug with SMI (supported-features %#llx)",
             (unsigned long long)supported);
    if (s->mode == SMM_DEFAULT_WINDOW && mch_smbase_window_probe() == SMBASE_WINDOW_ABSENT)
        SKIP("the machine type has no SMRAM at the default SMBASE");
    REQUIRE_SMM();
    step_boot_cpus_relocated();
    if (s->broadcast)
        REQUIRE_TRUE("step02-negotiate", firmware_negotiate(supported & 7),
                     "the supported SMI features are accepted and locked (QEMU 50de920b37)");
    os_fill_default_smbase();
    REQUIRE_TRUE("step03-default-smbase", firmware_prepare_hotplug(s->mode, !s->broadcast),
                 "the default SMBASE is prepared for a CPU's first SMI");
    step_default_smbase_as_promised(s->mode, "step03-contents");
    step_smi_reach(s->broadcast);
}

static void plug(const struct scenario *s)
{
    char answer[160];

    step_nothing_pending(s->slot);
    if (!host_request(answer, sizeof(answer), "plug %u", s->slot)) {
        FAIL_CHECK("step06-plug", "device_add is accepted", "%s", answer);
        test_end();
    }
    EXPECT_TRUE("step06-plug", true, "device_add is accepted");
    step_event_signalled(s->slot);
}

void scenario_hand_over(const struct scenario *s, uint32_t apic_id)
{
    uint32_t before[SMP_MAX_CPUS] = {0};
    const struct smm_hotplug_report *r = &smm_mailbox.hotplug;
    uint32_t known = smp_cpus();
    uint32_t runs = r->runs;

    step_count_smis(before);
    if (s->command) {
        outb(APM_STS, COMMAND_DATA);
        s->command(s->slot);
    } else {
        apm_write(APM_CNT_CPU_HOTPLUG, COMMAND_DATA);
    }
    REQUIRE_TRUE("step10-command", WAIT_FOR(r->runs == runs + 1, 3 * PATIENCE_MS),
                 "command 4 on APM_CNT brings the firmware's hotplug handler to run");
    EXPECT_EQ("step10-command", r->command, APM_CNT_CPU_HOTPLUG,
              "the handler reads the command back from APM_CNT");
    EXPECT_EQ("step10-command-data", r->data, COMMAND_DATA,
              "the handler reads the data back from APM_STS");
    EXPECT_EQ("step11-rendezvous", r->arrived, smp_present_cpus(),
              "all existing CPUs are in SMM, no other");
    step_smi_counts(before, known, "step11-once", "every existing CPU took exactly one SMI for it");
    REQUIRE_EQ("step12-enumerate", r->added, 1, "the monarch finds exactly one new CPU");
    EXPECT_EQ("step12-selector", r->cpu[0].selector, s->slot, "it is the one that was plugged");
    EXPECT_EQ("step12-apic-id", r->cpu[0].apic_id, apic_id, "its APIC id is the slot's");
    EXPECT_EQ("step13-first-smi", r->cpu[0].relocated, 1,
              "the new CPU goes through the first-SMI handler (SDM vol. 3, 34.11)");
    step_default_smbase_as_promised(s->mode, "step14-restore");
    EXPECT_EQ("step15-pen", r->cpu[0].in_pen, 1, "the new CPU reaches the post-SMM pen");
    EXPECT_EQ("step15-pen-once", pen_at(POST_SMM_PEN_BASE)->arrived, 1,
              "it comes into the pen once and waits there");
    EXPECT_EQ("step15-held", smp_cpus(), known, "it has not reached the operating system");
}

static void operating_system_part(const struct scenario *s, uint32_t apic_id)
{
    uint32_t n = smp_start_one(apic_id);

    REQUIRE_TRUE("step16-init-sipi-sipi", n != UINT32_MAX,
                 "INIT-SIPI-SIPI brings the new CPU into the operating system");
    EXPECT_EQ("step16-apic-id", smp_apic_id(n), apic_id, "it is the CPU that was called");
    step_new_cpu_in_smm(n, s->broadcast);
    step_new_cpu_sees_smram(n);
    step_acknowledge(s->slot);
}

static void plug_and_bring_up(const struct scenario *s)
{
    uint32_t apic_id = (uint32_t)cpuhp_arch_id(s->slot);

    if (s->hostile)
        hostile_prepare();
    plug(s);
    if (s->hostile)
        s->hostile(apic_id);
    scenario_hand_over(s, apic_id);
    operating_system_part(s, apic_id);
    if (s->hostile)
        hostile_check();
}

void scenario_prepare(const struct scenario *s)
{
    if (!host_init())
        ERROR("there is no host on COM2");
    firmware_part(s);
    os_init();
}

void scenario_run(const struct scenario *s)
{
    scenario_prepare(s);
    plug_and_bring_up(s);
}

void scenario_plug_another(const struct scenario *s)
{
    plug_and_bring_up(s);
}
