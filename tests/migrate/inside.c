/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Migration while a CPU is in SMM, with whatever waits for its RSM. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/mch.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/block/events.h"
#include "tests/block/inside.h"
#include "tests/migrate/migrate.h"
#include "tests/smi/count.h"

#define HERE "host=migrate boot=own "

static struct {
    uint64_t moved;
    uint64_t smis_in, smis_out; /* MSR_SMI_COUNT before and after, both inside */
    uint32_t same_save;         /* the save area is what it was */
} seen;

/* Moves, and looks at what a handler has: its save area and its SMRAM. */
static uint64_t SMM_CODE move(struct smm_cpu *cpu, void *arg)
{
    union smm_save save = *smm_cpu_save(cpu);

    seen.smis_in = rdmsr(MSR_SMI_COUNT);
    seen.moved = migrate_in_smm(cpu, arg);
    seen.smis_out = rdmsr(MSR_SMI_COUNT);
    seen.same_save = memcmp(&save, smm_cpu_save(cpu), sizeof(save)) == 0;
    return 0x5a5a1234;
}

static void check_moved(const struct smm_run_result *r)
{
    REQUIRE_TRUE("done", r->done && !r->caught,
                 "the handler runs to its end, nothing comes inside");
    REQUIRE_EQ("moved", seen.moved, 1, "the machine has moved meanwhile");
    EXPECT_EQ("save", seen.same_save, 1, "and its save area is what it was");
    EXPECT_EQ("count", seen.smis_out, seen.smis_in, "MSR_SMI_COUNT is kept");
}

TEST(migrate, in_smm, "a CPU that is in SMM is in SMM on the other side, and RSM leads out of it",
     SPEC(MIGRATION "Intel SDM vol. 3, 34.3.1, 34.4, 34.8, 34.14"), NEEDS(HERE))
{
    struct smm_run_result r;
    struct smm_cpu_report *report;
    uint32_t entries;

    REQUIRE_SMM();
    migrate_prepare();
    report = smm_report_of(smp_apic_id(0));
    for (unsigned int pending = 0; pending < 8; pending++) {
        bool smi = pending & 1, nmi = pending & 2, intr = pending & 4;

        CONTEXT("pending:%s%s%s", smi ? " SMI" : "", nmi ? " NMI" : "", intr ? " INTR" : "");
        events_begin();
        entries = report->entries;
        sti();
        r = events_provoke_and(&(struct provoke){.smi = smi, .nmi = nmi, .intr = intr}, move, NULL);
        cli();
        events_end();
        check_moved(&r);
        /* A second SMI leaves a result of its own. */
        if (!smi)
            EXPECT_EQ("value", r.value, 0x5a5a1234, "the handler has its registers and its stack");
        EXPECT_EQ("entries", report->entries, entries + 1 + smi, "no SMI but those was taken");
        EXPECT_EQ("smi", events.count[EVENT_SMI], smi, "a pending SMI is taken behind RSM, once");
        EXPECT_EQ("nmi", events.count[EVENT_NMI], nmi, "a held NMI is delivered, once");
        EXPECT_EQ("intr", events.count[EVENT_INTR], intr, "a held interrupt is delivered, once");
        for (unsigned int e = 0, n = 0; e < EVENTS; e++) {
            if (!events.count[e])
                continue;
            EXPECT_EQ("order", events.position[e], ++n, "in the order SMI, NMI, interrupt");
            EXPECT_EQ("at-once", events.ip[e], events.first_ip,
                      "before the interrupted code executes another instruction");
        }
        events_begin();
        events_send(&(struct provoke){.nmi = 1});
        events_end();
        EXPECT_EQ("nmi-open", events.count[EVENT_NMI], 1, "NMIs are not blocked afterwards");
    }
    CONTEXT_CLEAR();
}

static struct {
    bool inside; /* migrate in SMM, from the NMI's handler, else in that handler itself */
    uint32_t before_iret;
    struct smm_run_result result;
} nmi;

/* The first NMI's handler migrates, and is sent another NMI afterwards. */
static void on_nmi(struct trap_frame *frame)
{
    (void)frame;
    if (++events.count[EVENT_NMI] > 1)
        return;
    if (nmi.inside)
        nmi.result = smm_run_on(0, move, NULL, true);
    else
        migrate();
    events_send(&(struct provoke){.nmi = 1});
    nmi.before_iret = events.count[EVENT_NMI];
}

TEST(migrate, nmi_blocked, "NMIs that an NMI's handler holds off are held off, also behind SMM",
     SPEC(MIGRATION "Intel SDM vol. 3, 6.7.1, 34.8; QEMU commit 9982f74bad"), NEEDS(HERE))
{
    REQUIRE_SMM();
    migrate_prepare();
    for (unsigned int inside = 0; inside < 2; inside++) {
        CONTEXT("%s", inside ? "in SMM" : "in the handler");
        nmi.inside = inside;
        events_begin();
        irq_set_handler(VECTOR_NMI, on_nmi);
        events_send(&(struct provoke){.nmi = 1});
        events_end();
        if (inside)
            check_moved(&nmi.result);
        EXPECT_EQ("blocked", nmi.before_iret, 1, "an NMI in the handler stays pending");
        EXPECT_EQ("after", events.count[EVENT_NMI], 2, "IRET lets it through, once");
    }
    CONTEXT_CLEAR();
}

static volatile uint32_t arrived, release;

/* An AP that the BSP keeps in SMM while it migrates the machine. */
static uint64_t SMM_CODE stay(struct smm_cpu *cpu, void *arg)
{
    uint32_t base = mch_tseg_base();

    (void)cpu;
    (void)arg;
    arrived = 1;
    while (!release)
        cpu_pause();
    return *(volatile uint32_t *)(uintptr_t)base;
}

static uint64_t SMM_CODE first_word(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return *(volatile uint32_t *)(uintptr_t)mch_tseg_base();
}

TEST(migrate, ap_in_smm, "an AP that is in SMM stays there while another CPU migrates the machine",
     SPEC(MIGRATION "Intel SDM vol. 3, 34.3.1, 34.12.1"), NEEDS(HERE "smp=3"))
{
    struct smm_run_result r;
    uint64_t word;

    REQUIRE_SMM();
    migrate_prepare();
    firmware_lock_smram();
    word = smm_run(first_word, NULL);
    for (uint32_t latched = 0; latched < 3; latched++) {
        uint32_t want[3] = {0, 1 + (latched != 0), 0};

        CONTEXT("%u SMIs sent while it is in there", latched);
        smi_count_start();
        arrived = release = 0;
        inside_start(1, stay, NULL);
        REQUIRE_TRUE("inside", WAIT_FOR(arrived, PATIENCE_MS), "the AP is in SMM");
        for (uint32_t i = 0; i < latched; i++)
            apic_send_smi(smp_apic_id(1));
        migrate();
        release = 1;
        REQUIRE_TRUE("returns", inside_wait(1, &r) && !r.caught, "the AP leaves SMM");
        EXPECT_EQ("smram", (uint32_t)r.value, word, "it had its SMRAM");
        EXPECT_EQ("outside", *(volatile uint32_t *)(uintptr_t)mch_tseg_base(), 0xffffffff,
                  "which the CPUs outside SMM do not see");
        smi_count_check_each(want);
    }
    CONTEXT_CLEAR();
}
