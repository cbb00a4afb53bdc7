/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How CPUs meet in SMM: edk2's traditional and relaxed synchronisation, over
 * broadcast SMIs and over unicast ones with directed SMIs through the local APIC.
 */
#include <stddef.h>

#include "firmware/hotplug.h"
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/smi_features.h"
#include "kernel/smp.h"
#include "kernel/test.h"

#define THREAD                                                                             \
    "QEMU 5ce45c7a2b (broadcast), 3c23402d40 (SMI to the writing CPU); Intel SDM vol. 3, " \
    "34.2, 34.13"

/* How long the monarch waits for a CPU that does not exist. */
#define GRACE_MS 20

static struct {
    volatile uint32_t runs;
    volatile uint32_t inside; /* registered CPUs in SMM while the monarch works */
} work_seen;

static uint64_t SMM_CODE work(struct smm_cpu *cpu, void *arg)
{
    uint32_t *inside = arg;

    (void)cpu;
    work_seen.runs++;
    *inside = 0;
    for (uint32_t i = 0; i < smm_state.cpus; i++)
        *inside += smm_mailbox.cpu[i].inside;
    work_seen.inside = *inside;
    return 0;
}

static uint64_t smi_count(void *arg)
{
    (void)arg;
    return (uint32_t)rdmsr(MSR_SMI_COUNT);
}

static uint32_t smis_of(uint32_t n)
{
    uint64_t value = 0;

    smp_call(n, smi_count, NULL, &value);
    return (uint32_t)value;
}

/* One synchronised SMI raised by CPU n; false if the work was not done. */
static bool synchronise(enum smm_sync_mode mode, bool pull_in, uint32_t n)
{
    static uint32_t inside;
    struct smm_sync *s = &smm_mailbox.sync;
    uint32_t done = s->done;
    s->pull_in = pull_in;
    s->writer = smp_apic_id(n);
    s->sure = smp_cpus();
    s->patience_ms = GRACE_MS;
    s->work = work;
    s->argument = &inside;
    work_seen.runs = 0;
    s->mode = mode;
    return smm_trigger_on(n, SMM_CMD_PING, 0) && WAIT_FOR(s->done != done, 2 * PATIENCE_MS);
}

/* all: every CPU comes in; else only the writer and the monarch. */
static void round(enum smm_sync_mode mode, bool pull_in, uint32_t writer, bool all)
{
    uint32_t before[8] = {0};

    for (uint32_t n = 0; n < smp_cpus() && n < 8; n++)
        before[n] = smis_of(n);
    CONTEXT("SMI raised by CPU %u", writer);
    REQUIRE_TRUE("done", synchronise(mode, pull_in, writer),
                 "the monarch comes in and does the work");
    EXPECT_EQ("once", work_seen.runs, 1, "the work is done once");
    EXPECT_EQ("monarch", smm_mailbox.sync.monarch, smp_apic_id(0), "by the BSP");
    if (mode == SMM_SYNC_TRADITIONAL) {
        EXPECT_EQ("joined", smm_mailbox.sync.joined, smp_cpus(), "all CPUs have met before it");
        EXPECT_EQ("held", work_seen.inside, smp_cpus(), "and all are in SMM while it is done");
    }
    for (uint32_t n = 0; n < smp_cpus() && n < 8; n++) {
        CONTEXT("SMI raised by CPU %u, SMIs of CPU %u", writer, n);
        EXPECT_EQ("smis", smis_of(n) - before[n], all || n == 0 || n == writer,
                  all ? "every CPU takes exactly one SMI"
                      : "writer and monarch take exactly one SMI, the others none");
    }
    CONTEXT_CLEAR();
}

static void both_writers(enum smm_sync_mode mode, bool pull_in, bool all)
{
    for (int i = 0; i < 2; i++) {
        round(mode, pull_in, 0, all);
        round(mode, pull_in, smp_cpus() - 1, all);
    }
}

static void negotiate_broadcast(void)
{
    uint64_t supported = 0;

    if (!smi_features_supported(&supported) || !(supported & FW_SMI_BROADCAST))
        SKIP("the machine type offers no broadcast SMI");
    REQUIRE_SMM();
    REQUIRE_TRUE("negotiate", firmware_negotiate(FW_SMI_BROADCAST), "broadcast is in force");
}

static void unicast(void)
{
    REQUIRE_SMM();
    both_writers(SMM_SYNC_TRADITIONAL, true, true);
    both_writers(SMM_SYNC_RELAXED, true, false);
}

static void broadcast(void)
{
    negotiate_broadcast();
    both_writers(SMM_SYNC_TRADITIONAL, false, true);
    both_writers(SMM_SYNC_RELAXED, false, true);
}

TEST(sync, unicast_2, "two CPUs meet by directed SMIs, whoever raises the first one", SPEC(THREAD),
     NEEDS("smp=2 boot=own"))
{
    unicast();
}

TEST(sync, unicast_4, "four CPUs meet by directed SMIs, whoever raises the first one", SPEC(THREAD),
     NEEDS("smp=4 boot=own"))
{
    unicast();
}

TEST(sync, unicast_8, "eight CPUs meet by directed SMIs, whoever raises the first one",
     SPEC(THREAD), NEEDS("smp=8 boot=own thread=single"))
{
    unicast();
}

TEST(sync, broadcast_2, "two CPUs meet by a broadcast SMI, whoever raises it", SPEC(THREAD),
     NEEDS("smp=2 boot=own"))
{
    broadcast();
}

TEST(sync, broadcast_4, "four CPUs meet by a broadcast SMI, whoever raises it", SPEC(THREAD),
     NEEDS("smp=4 boot=own"))
{
    broadcast();
}

TEST(sync, broadcast_8, "eight CPUs meet by a broadcast SMI, whoever raises it", SPEC(THREAD),
     NEEDS("smp=8 boot=own thread=single"))
{
    broadcast();
}

static volatile uint32_t held;

/* Keeps its CPU in SMM until the monarch waits for it. */
static uint64_t SMM_CODE hold(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    held = 1;
    (void)WAIT_FOR(smm_mailbox.sync.waiting, PATIENCE_MS);
    return 0;
}

static uint64_t raise(void *arg)
{
    (void)arg;
    apm_write(SMM_CMD_RUN, 0);
    return 0;
}

TEST(sync, late, "a CPU that is in SMM already joins by the SMI it has latched",
     SPEC("Intel SDM vol. 3, 34.3.1: one SMI is latched and serviced on RSM"),
     NEEDS("smp=4 boot=own"))
{
    struct smm_mailbox *m = &smm_mailbox;
    uint32_t before[4], entries[4];

    negotiate_broadcast();
    for (uint32_t n = 0; n < 4; n++) {
        before[n] = smis_of(n);
        entries[n] = smm_report_of(smp_apic_id(n))->entries;
    }
    m->run_apic_id = smp_apic_id(2);
    m->run_function = hold;
    m->run_catch = 0;
    m->run_done = 0;
    m->run_armed = 1;
    smp_call_start(2, raise, NULL);
    REQUIRE_TRUE("late.held", WAIT_FOR(held, PATIENCE_MS), "CPU 2 is in SMM and stays there");
    /* Else the next SMI would find the first one still pending, and be the same. */
    for (uint32_t n = 0; n < 4; n++)
        REQUIRE_TRUE("late.first",
                     WAIT_FOR(smm_report_of(smp_apic_id(n))->entries != entries[n], PATIENCE_MS),
                     "every CPU takes the SMI that brought CPU 2 in");
    REQUIRE_TRUE("late.done", synchronise(SMM_SYNC_TRADITIONAL, false, 0),
                 "the monarch comes in and does the work");
    EXPECT_EQ("late.joined", m->sync.joined, 4, "all CPUs have met before it, the late one too");
    REQUIRE_TRUE("late.back", smp_call_wait(2, NULL), "CPU 2 comes back from SMM");
    for (uint32_t n = 0; n < 4; n++) {
        CONTEXT("CPU %u", n);
        EXPECT_EQ("late.smis", smis_of(n) - before[n], 2,
                  "each CPU took both SMIs, none was lost and none doubled");
    }
}

static uint64_t SMM_CODE register_absent(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    return smm_register(*(uint32_t *)arg) != NULL;
}

/*
 * A CPU that has yet to take an earlier SMI would come in by that, before the
 * writer could write. Its answer to an interrupt is behind a pending SMI.
 */
static void settle(void)
{
    for (uint32_t n = 0; n < smp_cpus(); n++)
        (void)smis_of(n);
}

static void with_one_missing(bool pull_in)
{
    uint32_t absent = 0x77;

    REQUIRE_TRUE("missing.registered", smm_run(register_absent, &absent),
                 "the firmware counts on one more CPU than there is");
    settle();
    CONTEXT("%s", pull_in ? "directed SMIs" : "broadcast SMI");
    REQUIRE_TRUE("missing.done", synchronise(SMM_SYNC_TRADITIONAL, pull_in, 0),
                 "the monarch does not wait for ever");
    EXPECT_EQ("missing.expected", smm_mailbox.sync.expected, smp_cpus() + 1, "one is missing");
    EXPECT_EQ("missing.joined", smm_mailbox.sync.joined, smp_cpus(), "all that exist have met");
    settle();
    REQUIRE_TRUE("missing.again", synchronise(SMM_SYNC_TRADITIONAL, pull_in, 3),
                 "and the next time is no different");
    EXPECT_EQ("missing.joined", smm_mailbox.sync.joined, smp_cpus(), "all that exist have met");
    CONTEXT_CLEAR();
}

TEST(sync, missing_unicast, "a CPU that does not exist is waited for in vain, and harms nobody",
     SPEC(THREAD), NEEDS("smp=4 boot=own"))
{
    REQUIRE_SMM();
    with_one_missing(true);
}

TEST(sync, missing_broadcast, "the same where SMIs are broadcast", SPEC(THREAD),
     NEEDS("smp=4 boot=own"))
{
    negotiate_broadcast();
    with_one_missing(false);
}
