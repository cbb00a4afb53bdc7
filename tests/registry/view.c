/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/registry/view.h"

#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/cpuhp.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/steps.h"

static uint64_t SMM_CODE read_registry(struct smm_cpu *cpu, void *arg)
{
    struct view *v = arg;

    (void)cpu;
    for (uint32_t number = 0; number < smm_state.cpus && v->count < VIEW_MAX; number++) {
        const struct smm_cpu *p = smm_processor(number);

        if (!p)
            continue;
        v->cpu[v->count].number = p->index;
        v->cpu[v->count].apic_id = p->apic_id;
        v->count++;
    }
    return smm_registered();
}

void view_read(struct view *v)
{
    uint64_t counted;

    memset(v, 0, sizeof(*v));
    counted = smm_run(read_registry, v);
    EXPECT_EQ("counted", counted, v->count, "the registry counts what it holds");
}

uint32_t view_find(const struct view *v, uint32_t apic_id)
{
    for (uint32_t i = 0; i < v->count; i++) {
        if (v->cpu[i].apic_id == apic_id)
            return v->cpu[i].number;
    }
    return UINT32_MAX;
}

static uint64_t SMM_CODE who_am_i(struct smm_cpu *cpu, void *arg)
{
    const struct smm_cpu *self = smm_who_am_i();

    (void)cpu;
    (void)arg;
    return self ? self->index : UINT32_MAX;
}

static uint64_t bsp_flag(void *arg)
{
    (void)arg;
    return (rdmsr(MSR_APIC_BASE) & APIC_BASE_BSP) != 0;
}

static void check_cpu(const struct view *v, uint32_t n)
{
    struct smm_run_result r = smm_run_on(n, who_am_i, NULL, false);
    uint64_t bsp = 2;

    CONTEXT("CPU %u, APIC id %u", n, smp_apic_id(n));
    EXPECT_TRUE("answers", r.done, "the CPU's SMI finds it where the registry has put it");
    EXPECT_EQ("who-am-i", r.value, view_find(v, smp_apic_id(n)),
              "the CPU finds itself in the registry, by its APIC id");
    REQUIRE_TRUE("call", smp_call(n, bsp_flag, NULL, &bsp), "the CPU answers");
    EXPECT_EQ("bsp", bsp, n == 0,
              "IA32_APIC_BASE says BSP on the boot CPU, only there (SDM vol. 3, 8.4.1)");
}

void view_check(const struct view *v)
{
    uint32_t slots = cpuhp_max_cpus();

    EXPECT_EQ("present", v->count, cpuhp_present_cpus(),
              "the registry has as many CPUs as the hotplug block");
    for (uint32_t slot = 0; slot < slots; slot++) {
        uint32_t id = (uint32_t)cpuhp_arch_id(slot);
        bool enabled = slots_flags(slot) & CPUHP_ENABLED;

        CONTEXT("slot %u, APIC id %u", slot, id);
        EXPECT_EQ("same", view_find(v, id) != UINT32_MAX, enabled,
                  "a CPU is registered if its slot is enabled, and only then");
    }
    CONTEXT_CLEAR();
    for (uint32_t i = 1; i < v->count; i++)
        EXPECT_TRUE("distinct", view_find(v, v->cpu[i].apic_id) == v->cpu[i].number,
                    "no APIC id is registered twice");
    slots_expect_number("fw-cfg", v->count, "fw_cfg and the CMOS count the same CPUs");
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (smp_present(n))
            check_cpu(v, n);
    }
    CONTEXT_CLEAR();
}

void view_check_kept(const struct view *before, const struct view *after)
{
    for (uint32_t i = 0; i < before->count; i++) {
        uint32_t number = view_find(after, before->cpu[i].apic_id);

        CONTEXT("APIC id %u", before->cpu[i].apic_id);
        if (number != UINT32_MAX)
            EXPECT_EQ("kept", number, before->cpu[i].number,
                      "a CPU keeps its number while others come and go");
    }
    CONTEXT_CLEAR();
}

static uint64_t SMM_CODE switch_bsp(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    return smm_switch_bsp((uint32_t)(uintptr_t)arg);
}

static uint64_t SMM_CODE switch_back(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    smm_switch_bsp_back();
    return 0;
}

bool view_switch_bsp(uint32_t apic_id)
{
    return smm_run(switch_bsp, (void *)(uintptr_t)apic_id);
}

void view_switch_bsp_back(void)
{
    smm_run(switch_back, NULL);
}

static uint64_t nothing(void *arg)
{
    (void)arg;
    return 0;
}

/* A CPU that answers has taken the SMIs sent before: none of them comes into the next session. */
static void settle(void)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (smp_present(n))
            REQUIRE_TRUE("settled", smp_call(n, nothing, NULL, NULL), "every CPU answers");
    }
}

struct meeting {
    uint32_t worker; /* APIC id */
    uint32_t inside; /* CPUs in SMM when it works */
};

static uint64_t SMM_CODE note_meeting(struct smm_cpu *cpu, void *arg)
{
    struct meeting *m = arg;

    m->worker = cpu->apic_id;
    m->inside = 0;
    for (uint32_t i = 0; i < smm_state.cpus; i++)
        m->inside += smm_mailbox.cpu[i].present && smm_mailbox.cpu[i].inside;
    return 0;
}

void view_check_monarch(uint32_t apic_id, uint32_t writer, bool broadcast)
{
    static volatile struct meeting meeting;
    struct smm_sync *s = &smm_mailbox.sync;
    uint32_t before[SMP_MAX_CPUS] = {0};
    uint32_t done = s->done;

    CONTEXT("SMI raised by CPU %u, monarch APIC id %u", writer, apic_id);
    settle();
    step_count_smis(before);
    meeting.worker = UINT32_MAX;
    s->pull_in = !broadcast;
    s->writer = smp_apic_id(writer);
    s->sure = smp_present_cpus();
    s->patience_ms = SETTLE_MS;
    s->work = note_meeting;
    s->argument = (void *)&meeting;
    s->mode = SMM_SYNC_TRADITIONAL;
    REQUIRE_TRUE("raised", smm_trigger_on(writer, SMM_CMD_PING, 0), "the CPU raises an SMI");
    REQUIRE_TRUE("done", WAIT_FOR(s->done != done, 2 * PATIENCE_MS), "a monarch comes forward");
    EXPECT_EQ("monarch", s->monarch, apic_id, "it is the one that was named, or else the BSP");
    EXPECT_EQ("worker", meeting.worker, apic_id, "and does the work itself");
    EXPECT_EQ("once", s->done, done + 1, "once");
    EXPECT_EQ("joined", s->joined, smp_present_cpus(), "with all others in SMM");
    EXPECT_EQ("inside", meeting.inside, smp_present_cpus(), "where they are when it works");
    step_smi_counts(before, smp_cpus(), "smis", "which took each of them one SMI");
}
