/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An operating system that lays hands on a new CPU before the firmware has it, or
 * while it is in SMM, or never.
 */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpuhp.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "smm/pen.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"
#include "tests/hotplug/scenario.h"
#include "tests/hotplug/steps.h"
#include "tests/unplug/steps.h"

#define PROTOCOL                                                                        \
    "QEMU docs/specs/acpi_cpu_hotplug; edk2 OvmfPkg/CpuHotplugSmm/Smbase.c, cases 1.2 " \
    "and 2.2; Intel SDM vol. 3, 8.4.3, 34.11"
#define HERE                                                                                 \
    "host=plug,unplug,cpus,events,wait boot=own group=scenario timeout=40 smp=2 maxcpus=12 " \
    "sockets=4 dies=1 cores=3 threads=1 "
#define SLOTS 12U
#define SLOT  4U
#define ID    5U

static const struct smm_hotplug_report *const report = &smm_mailbox.hotplug;

static void prepare(enum smm_default_smbase mode)
{
    struct scenario s = {.mode = mode, .broadcast = true};

    scenario_prepare(&s);
}

static void plug(void)
{
    uint32_t before = os_sci_count();

    slots_plug(SLOT);
    EXPECT_TRUE("sci", os_wait_sci(before + 1), "an SCI tells of the new CPU");
    os_gpe_done();
}

/* Whatever has been done to the CPU, the command makes it the firmware's, and it waits. */
static void expect_taken_in(void)
{
    apm_write(APM_CNT_CPU_HOTPLUG, 0);
    EXPECT_EQ("rendezvous", report->arrived, report->expected, "all registered CPUs meet");
    REQUIRE_EQ("added", report->added, 1, "the firmware finds the new CPU");
    EXPECT_EQ("apic-id", report->cpu[0].apic_id, ID, "by its APIC id");
    EXPECT_EQ("first-smi", report->cpu[0].relocated, 1, "it goes through the first-SMI handler");
    EXPECT_EQ("pen", report->cpu[0].in_pen, 1, "and leaves SMM for the pen, not for the OS's code");
}

static void take_in(void)
{
    uint32_t n;

    os_acknowledge_insert(SLOT);
    n = smp_start_one(ID);
    REQUIRE_TRUE("starts", n != UINT32_MAX, "INIT-SIPI-SIPI brings it into the OS afterwards");
    step_new_cpu_in_smm(n, true);
}

static void started_early(enum smm_default_smbase mode)
{
    uint32_t early;

    prepare(mode);
    plug();
    early = smp_start_one(ID);
    REQUIRE_TRUE("early", early != UINT32_MAX, "the OS starts the CPU before the firmware has it");
    smp_forget(early);
    expect_taken_in();
    step_default_smbase_as_promised(mode, "memory");
    take_in();
}

TEST(hostile, started_early,
     "a CPU that the OS has started first becomes the firmware's all the same", SPEC(PROTOCOL),
     NEEDS(HERE))
{
    started_early(SMM_DEFAULT_RESIDENT);
}

TEST(hostile, started_early_window, "the same with locked SMRAM at the default SMBASE",
     SPEC(PROTOCOL "; f404220e27"), NEEDS(HERE))
{
    started_early(SMM_DEFAULT_WINDOW);
}

TEST(hostile, ipis_before_command,
     "IPIs of all kinds to a new CPU do not keep the firmware from it", SPEC(PROTOCOL), NEEDS(HERE))
{
    prepare(SMM_DEFAULT_RESIDENT);
    plug();
    apic_send_init(ID);
    apic_send_nmi(ID);
    apic_icr(ID, APIC_DM_FIXED | APIC_ICR_ASSERT | 0x50);
    apic_send_init(ID);
    expect_taken_in();
    take_in();
}

static volatile uint32_t hold, inside;

static uint64_t SMM_CODE stay_inside(struct smm_cpu *cpu, void *arg)
{
    (void)arg;
    inside = 1;
    return WAIT_FOR(!hold, 2 * PATIENCE_MS) ? cpu->apic_id : UINT32_MAX;
}

static uint64_t enter(void *arg)
{
    (void)arg;
    apm_write(SMM_CMD_RUN, 0);
    return 0;
}

/* CPU n enters SMM alone and stays there until hold is 0. */
static void hold_in_smm(uint32_t n)
{
    struct smm_mailbox *m = &smm_mailbox;

    hold = 1;
    inside = 0;
    m->run_apic_id = smp_apic_id(n);
    m->run_function = stay_inside;
    m->run_catch = 0;
    m->run_done = 0;
    m->run_armed = 1;
    smp_call_start(n, enter, NULL);
    REQUIRE_TRUE("inside", WAIT_FOR(inside, PATIENCE_MS), "the CPU is in SMM");
}

TEST(hostile, sipi_in_smm, "start-up IPIs to a CPU in SMM are lost on it",
     SPEC("Intel SDM vol. 3, 8.4.3, 34.2 (INIT-SIPI only in wait-for-SIPI); edk2 Smbase.c"),
     NEEDS(HERE))
{
    volatile struct pen *pen = pen_at(POST_SMM_PEN_BASE);
    uint32_t n, arrived;

    prepare(SMM_DEFAULT_RESIDENT);
    plug();
    expect_taken_in();
    take_in();
    n = smp_find(ID);
    arrived = pen->arrived;
    hold_in_smm(n);
    for (int i = 0; i < 3; i++)
        apic_send_sipi(ID, POST_SMM_PEN_BASE >> 12);
    hold = 0;
    EXPECT_TRUE("returns", smp_call_wait(n, NULL), "it leaves SMM for where it was");
    EXPECT_EQ("result", smm_mailbox.run_result, ID, "its SMM code ran to the end");
    EXPECT_EQ("pen", pen->arrived, arrived, "it was not led to the vector's page");
    step_new_cpu_in_smm(n, true);
}

TEST(hostile, never_started,
     "a CPU that the OS leaves in the pen takes part in every SMI, and can go", SPEC(PROTOCOL),
     NEEDS(HERE "qemu>=6.0 machine>=pc-q35-6.0"))
{
    struct smm_cpu_report *r;
    struct slots slots;
    uint32_t entries;

    prepare(SMM_DEFAULT_RESIDENT);
    plug();
    expect_taken_in();
    os_acknowledge_insert(SLOT);
    r = smm_report_of(ID);
    REQUIRE_TRUE("registered", r != NULL, "the firmware has it in its registry");
    for (int i = 0; i < 3; i++) {
        entries = r->entries;
        apm_write(SMM_CMD_PING, 0);
        EXPECT_TRUE("smi", WAIT_FOR(r->entries == entries + 1, PATIENCE_MS),
                    "every broadcast SMI takes it to its own SMBASE once");
    }
    unplug_slots(&slots, SLOTS);
    step_unplug_request(&slots, SLOT);
    slots_control(SLOT, CPUHP_REMOVE);
    slots.flags[SLOT] &= (uint8_t)~CPUHP_REMOVE;
    step_unplug_hand_over(&slots, SLOT);
    step_unplug_command(&slots, (const uint32_t[]){SLOT}, 1);
    step_unplug_gone(&slots, SLOT);
    step_unplug_others(ID);
}

TEST(hostile, ejected_by_the_os,
     "the OS can eject a CPU that is the firmware's: the others do not notice, nor do SMIs miss it",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, control bit 3; 5ce45c7a2b: an SMI for every CPU"),
     NEEDS(HERE))
{
    uint32_t before[SMP_MAX_CPUS] = {0}, entries, n;
    uint8_t flags[SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED};

    prepare(SMM_DEFAULT_RESIDENT);
    plug();
    expect_taken_in();
    take_in();
    n = smp_find(ID);
    REQUIRE_TRUE("park", smp_park(n), "the OS puts the CPU to sleep");
    slots_control(SLOT, CPUHP_EJECT);
    slots_expect("slots", flags, SLOTS, "its slot is empty, no other");
    entries = smm_report_of(ID)->entries;
    for (int i = 0; i < 3; i++) {
        step_count_smis(before);
        apm_write(SMM_CMD_PING, 0);
        step_smi_counts(before, smp_cpus(), "others", "every remaining CPU takes the SMI once");
    }
    EXPECT_EQ("gone", smm_report_of(ID)->entries, entries, "the ejected one takes none");
    step_unplug_ipis(ID);
}

TEST(hostile, removed_before_taken_in,
     "a CPU that goes before the firmware has seen it leaves no trace", SPEC(PROTOCOL),
     NEEDS(HERE "qemu>=6.0 machine>=pc-q35-6.0"))
{
    uint8_t flags[SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED};

    prepare(SMM_DEFAULT_RESIDENT);
    plug();
    slots_unplug(SLOT);
    slots_control(SLOT, CPUHP_INSERT);
    slots_control(SLOT, CPUHP_REMOVE);
    slots_control(SLOT, CPUHP_FW_REMOVE);
    apm_write(APM_CNT_CPU_HOTPLUG, 0);
    EXPECT_EQ("added", report->added, 0, "the firmware does not take it in");
    REQUIRE_EQ("ejected", report->ejected, 1, "it ejects it");
    EXPECT_EQ("which", report->eject[0].selector, SLOT, "by its slot");
    EXPECT_EQ("unknown", report->eject[0].known, 0, "though it has never known it");
    slots_expect("slots", flags, SLOTS, "the slot is empty");
    step_unplug_others(ID);
}
