/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protocol in its three written forms, step by step under their own names, with two
 * new CPUs at once: August 2019 (steps 01-15), October 2019 (a-f), and as OVMF has it.
 * docs/protocols.md holds them side by side.
 */
#include <stddef.h>

#include "firmware/hotplug.h"
#include "firmware/smm.h"
#include "hw/cpuhp.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/mch.h"
#include "hw/smi_features.h"
#include "kernel/host.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "smm/pen.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"
#include "tests/hotplug/steps.h"
#include "tests/hotplug/watch.h"

#define EDK2 "edk2-devel 2019-08-13, 2019-10-01; OvmfPkg/CpuHotplugSmm"
#define SMM  "QEMU docs/specs/acpi_cpu_hotplug; Intel SDM vol. 3, 34.2, 34.11, 34.13; "
#define HOST "host=plug,wait boot=own group=scenario timeout=40 "
#define ONE  HOST "smp=1 maxcpus=4"
#define APS  HOST "smp=3 maxcpus=6"

struct variant {
    enum smm_protocol protocol;
    enum smm_default_smbase mode;
    bool broadcast;
};

static const struct variant august = {SMM_PROTOCOL_FIFTEEN, SMM_DEFAULT_BORROWED, false};
static const struct variant october = {SMM_PROTOCOL_OCTOBER, SMM_DEFAULT_RESIDENT, true};
static const struct variant ovmf = {SMM_PROTOCOL_OVMF, SMM_DEFAULT_WINDOW, true};

#define NEW_CPUS 2U

static const struct smm_hotplug_report *const report = &smm_mailbox.hotplug;

static void prepare(const struct variant *v)
{
    uint64_t supported = 0;
    uint64_t needed = FW_SMI_BROADCAST | FW_SMI_CPU_HOTPLUG;

    if (!host_init())
        ERROR("there is no host on COM2");
    if (v->broadcast && (!smi_features_supported(&supported) || (supported & needed) != needed))
        SKIP("the machine type offers no CPU hotplug with SMI (supported-features %#llx)",
             (unsigned long long)supported);
    if (v->mode == SMM_DEFAULT_WINDOW && mch_smbase_window_probe() == SMBASE_WINDOW_ABSENT)
        SKIP("the machine type has no SMRAM at the default SMBASE");
    REQUIRE_SMM();
    step_boot_cpus_relocated();
    if (v->broadcast)
        REQUIRE_TRUE("negotiate", firmware_negotiate(supported & 7), "the features are accepted");
    os_fill_default_smbase();
    REQUIRE_TRUE("prepare", firmware_prepare_protocol(v->protocol, v->mode, !v->broadcast),
                 "the default SMBASE is prepared as the variant has it");
    step_smi_reach(v->broadcast);
    os_init();
}

/* 01-04: the new CPUs are there, and the operating system gets to know. */
static void plug(const char *id, uint32_t count)
{
    uint32_t sci = os_sci_count();

    for (uint32_t i = 0; i < count; i++)
        slots_plug(smp_cpus() + i);
    EXPECT_TRUE(id, os_wait_sci(sci + 1), "an SCI tells the operating system of the new CPUs");
    os_gpe_done();
}

/* Command 4 with somebody who looks in; what counts for every variant. */
static void command(struct watch *w, const char *id, uint32_t count)
{
    uint32_t before[SMP_MAX_CPUS] = {0};
    uint32_t runs = report->runs;

    step_count_smis(before);
    watch_begin(w);
    apm_write(APM_CNT_CPU_HOTPLUG, 0);
    watch_end();
    REQUIRE_EQ(id, report->runs, runs + 1, "command 4 on APM_CNT brings the handler to run");
    step_smi_counts(before, smp_cpus(), "once", "every existing CPU took exactly one SMI for it");
    REQUIRE_EQ("found", report->added, count, "the monarch finds all new CPUs, no other");
}

/* What must hold once step 11 is done, whatever led there. */
static void check_state(const struct variant *v, const struct watch *w)
{
    uint32_t known = smp_cpus();

    EXPECT_EQ("state-in-smm", w->inside_at_end, known,
              "all existing CPUs are in SMM until the new ones are dealt with");
    for (uint32_t i = 0; i < report->added; i++) {
        CONTEXT("new CPU %u", i);
        EXPECT_EQ("state-relocated", report->cpu[i].relocated, 1, "its SMBASE is relocated");
        EXPECT_NE("state-smbase", report->cpu[i].smbase, DEFAULT_SMBASE, "away from 30000h");
        for (uint32_t n = 0; n < known; n++)
            EXPECT_NE("state-distinct", report->cpu[i].smbase,
                      smm_report_of(smp_apic_id(n))->smbase, "and is no existing CPU's");
        EXPECT_EQ("state-held", report->cpu[i].in_pen, 1, "it has come into the pen");
    }
    CONTEXT_CLEAR();
    EXPECT_NE("state-apart", report->cpu[0].smbase, report->cpu[1].smbase,
              "the new CPUs do not share an SMBASE");
    EXPECT_EQ("state-pen", pen_at(POST_SMM_PEN_BASE)->arrived, 1, "the last one came once");
    EXPECT_EQ("state-waits", smp_cpus(), known, "none has reached the operating system");
    step_default_smbase_as_promised(v->mode, "state-memory");
}

/* 15: the operating system takes its CPUs. */
static void start(const struct variant *v, const char *id)
{
    for (uint32_t i = 0; i < report->added; i++) {
        uint32_t apic_id = report->cpu[i].apic_id;
        uint32_t slot = report->cpu[i].selector;
        uint32_t n = smp_start_one(apic_id);

        CONTEXT("APIC id %u", apic_id);
        REQUIRE_TRUE(id, n != UINT32_MAX, "INIT-SIPI-SIPI brings it into the operating system");
        CONTEXT_CLEAR();
        step_new_cpu_in_smm(n, v->broadcast);
        os_acknowledge_insert(slot);
    }
}

static void run_august(void)
{
    const struct variant *v = &august;
    struct watch w;

    prepare(v);
    plug("step03-tells", NEW_CPUS);
    command(&w, "step05-all-enter", NEW_CPUS);
    EXPECT_EQ("step05-not-the-new", w.os_data_at_begin, 1,
              "the new CPUs do not enter: no save state is at 30000h-3FFFFh");
    EXPECT_EQ("step06-code", w.relocation_at_gate, NEW_CPUS,
              "the relocation code lies at 38000h when a new CPU's turn comes");
    for (uint32_t i = 0; i < NEW_CPUS; i++) {
        CONTEXT("new CPU %u", i);
        EXPECT_EQ("step09-directed", report->cpu[i].directed_smi, 1,
                  "an SMI is sent to the new CPU only");
        EXPECT_EQ("step10-first-smi", report->cpu[i].entered, 1,
                  "it takes that one at 38000h, no other CPU does");
        EXPECT_EQ("step10-not-before", report->cpu[i].parked, 0, "and had taken none before");
        EXPECT_EQ("step12-tables", smm_report_of(report->cpu[i].apic_id) != NULL, 1,
                  "the firmware's tables have it");
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("step11-restored", w.os_data_at_end, 1,
              "the operating system's data are back before anybody leaves SMM");
    check_state(v, &w);
    start(v, "step15-init-sipi-sipi");
}

/* started: CPUs that the OS has started; they take the SMI in their own time. */
static void check_october(const struct watch *w, uint32_t started)
{
    uint32_t seen = 0, late = 0;

    EXPECT_EQ("before-noop", w->noop_at_begin, 1,
              "a no-operation handler lies at 38000h when the SMI comes");
    EXPECT_RANGE("a-entered", report->noop_entered, 0, report->added,
                 "an existing CPU never comes there, a new one at most once");
    EXPECT_RANGE("a-passed", report->noop_passed, 0, started,
                 "one that the OS has started may pass, one that waits for SIPI does not");
    EXPECT_EQ("b-replaced", w->relocation_at_gate, report->added,
              "the relocation handler has replaced it when a new CPU's turn comes");
    for (uint32_t i = 0; i < report->added; i++) {
        CONTEXT("new CPU %u", i);
        EXPECT_EQ("c-woken", report->cpu[i].in_pen, 1, "INIT-SIPI-SIPI leads it into the pen");
        EXPECT_EQ("d-relocated", report->cpu[i].relocated, 1, "by way of the relocation handler");
        seen += report->cpu[i].entered;
    }
    CONTEXT_CLEAR();
    /* A new CPU may take the broadcast SMI so late that the relocation handler is there already. */
    if (report->noop_entered < report->added)
        late = report->added - report->noop_entered;
    EXPECT_RANGE("d-once", seen, report->added, report->added + late,
                 "once, and no other CPU comes there");
    if (report->added > 1)
        EXPECT_TRUE("e-next", report->cpu[0].selector < report->cpu[1].selector,
                    "one after the other, in the order of the slots");
    EXPECT_EQ("f-noop-back", w->noop_at_end, 1, "the no-operation handler is back");
}

static void run_october(bool race)
{
    const struct variant *v = &october;
    /* Two would use the one save area at once, and one of them is not the firmware's to order. */
    uint32_t count = race ? 1 : NEW_CPUS;
    struct watch w;

    prepare(v);
    plug("tells", count);
    if (race) {
        uint32_t first = (uint32_t)cpuhp_arch_id(smp_cpus());
        uint32_t n = smp_start_one(first);

        REQUIRE_TRUE("a-early", n != UINT32_MAX, "the operating system starts a CPU too early");
        smp_forget(n);
    }
    command(&w, "all-enter", count);
    check_october(&w, race);
    if (!race)
        check_state(v, &w);
    start(v, "os-starts");
}

static void run_ovmf(void)
{
    const struct variant *v = &ovmf;
    struct watch w;

    prepare(v);
    plug("tells", NEW_CPUS);
    command(&w, "all-enter", NEW_CPUS);
    EXPECT_EQ("handler-resident", w.relocation_at_begin, 1,
              "the first-SMI handler lies in SMRAM at 38000h all the time");
    EXPECT_EQ("gate-shut", w.gate_at_begin, 0, "its gate is shut when the SMI comes");
    EXPECT_EQ("gate-one", w.gate_opened, NEW_CPUS, "it opens for one APIC id at a time");
    EXPECT_EQ("gate-each", w.gate_apic_ids,
              1U << report->cpu[0].apic_id | 1U << report->cpu[1].apic_id, "for each new CPU's");
    for (uint32_t i = 0; i < NEW_CPUS; i++) {
        CONTEXT("new CPU %u", i);
        EXPECT_EQ("handshake", report->cpu[i].relocated, 1,
                  "the CPU says that it is about to leave SMM, relocated");
        EXPECT_EQ("pen", report->cpu[i].in_pen, 1, "and comes into the post-SMM pen");
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("gate-shut-again", w.gate_at_end, 0, "the gate is shut again behind the last one");
    check_state(v, &w);
    start(v, "os-starts");
}

TEST(hotplug, august, "the fifteen steps of August 2019: unicast SMIs, the OS's memory borrowed",
     SPEC(SMM EDK2), NEEDS(ONE))
{
    run_august();
}

TEST(hotplug, august_aps, "the same with boot APs", SPEC(SMM EDK2), NEEDS(APS))
{
    run_august();
}

TEST(hotplug, october, "steps a to f of October 2019: a no-operation handler that is replaced",
     SPEC(SMM EDK2), NEEDS(ONE))
{
    run_october(false);
}

TEST(hotplug, october_aps, "the same with boot APs", SPEC(SMM EDK2), NEEDS(APS))
{
    run_october(false);
}

TEST(hotplug, october_race, "step a: a CPU that the OS has started early is shot down",
     SPEC(SMM EDK2), NEEDS(APS))
{
    run_october(true);
}

TEST(hotplug, ovmf, "as OVMF has it: gate, handshake, pen, behind SMRAM at the default SMBASE",
     SPEC(SMM EDK2 "; QEMU f404220e27"), NEEDS(ONE))
{
    run_ovmf();
}

TEST(hotplug, ovmf_aps, "the same with boot APs", SPEC(SMM EDK2 "; QEMU f404220e27"), NEEDS(APS))
{
    run_ovmf();
}
