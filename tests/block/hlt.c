/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HLT in SMM, and HLT interrupted by an SMI. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/block/events.h"
#include "tests/block/inside.h"

#define AP       1
#define PAUSE_MS 30 /* time in which a CPU that is woken by mistake shows itself */

struct talk {
    volatile uint32_t halting, woken;
};

static uint64_t SMM_CODE halt(struct smm_cpu *cpu, void *arg)
{
    struct talk *t = arg;

    (void)cpu;
    t->halting = 1;
    sti_hlt();
    t->woken = 1;
    return 0;
}

/* The interrupt was delivered to nobody who would have done so. */
static uint64_t end_of_interrupt(void *arg)
{
    (void)arg;
    apic_eoi();
    return 0;
}

TEST(block, hlt, "HLT in SMM with IF = 1 ends by a maskable interrupt, not by SMI or NMI",
     SPEC("Intel SDM vol. 3, 34.10.1, 34.3.1, 34.8; AMD APM vol. 2, 10.3.3"), NEEDS("smp=2"))
{
    struct talk t = {0};
    struct smm_run_result r;
    struct smm_cpu_report *report;
    uint32_t entries, ap;

    REQUIRE_SMM();
    ap = smp_apic_id(AP);
    report = smm_report_of(ap);
    events_begin();
    inside_start(AP, halt, &t);
    if (!WAIT_FOR(t.halting, PATIENCE_MS))
        ERROR("the AP does not enter SMM");
    entries = report->entries;
    apic_send_smi(ap);
    EXPECT_TRUE("smi", !WAIT_FOR(t.woken || !report->inside, PAUSE_MS),
                "an SMI does not end the HLT");
    apic_send_nmi(ap);
    EXPECT_TRUE("nmi", !WAIT_FOR(t.woken || !report->inside, PAUSE_MS),
                "an NMI does not end the HLT");
    apic_icr(ap, APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_TEST);
    REQUIRE_TRUE("left", inside_wait(AP, &r), "a maskable interrupt does");
    EXPECT_EQ("intr", r.caught ? r.vector : 0, VECTOR_TEST, "and is delivered in SMM");
    EXPECT_EQ("latched.smi", report->entries, entries + 1, "the SMI is taken after RSM, once");
    EXPECT_EQ("latched.nmi", events.count[EVENT_NMI], 1, "the NMI is delivered after RSM, once");
    if (!smp_call(AP, end_of_interrupt, NULL, NULL))
        ERROR("the AP does not answer");
    events_end();
}

static uint64_t SMM_CODE no_restart(struct smm_cpu *cpu, void *arg)
{
    union smm_save *save = smm_cpu_save(cpu);

    /* Continue behind the HLT, whatever the CPU has put there. */
    if (smm_save_is_amd64(save))
        save->amd64.auto_halt = 0;
    else
        save->legacy.auto_halt = 0;
    smm_mailbox.run_armed = 1; /* for the next one */
    ++*(volatile uint32_t *)arg;
    return 0;
}

/* IF = 0: nothing but SMI, NMI and INIT ends it. */
static uint64_t halt_outside(void *arg)
{
    struct talk *t = arg;

    cli();
    t->halting = 1;
    hlt();
    t->woken++;
    return 0;
}

/* Number of SMIs until the AP has left its HLT; one that comes before the HLT does not count. */
static uint32_t wake(const struct talk *t, const volatile uint32_t *taken)
{
    uint32_t sent = 0;

    while (!t->woken && sent < 10) {
        apic_send_smi(smp_apic_id(AP));
        sent++;
        if (!WAIT_FOR(*taken == sent, PATIENCE_MS))
            break;
        (void)WAIT_FOR(t->woken, PAUSE_MS);
    }
    return sent;
}

TEST(block, hlt_outside, "an SMI ends HLT; with the auto-HALT field 0, RSM goes on behind it",
     SPEC("Intel SDM vol. 3, Table 34-7; vol. 2, HLT; AMD APM vol. 2, 10.3.7"), NEEDS("smp=2"))
{
    struct talk t = {0};
    volatile uint32_t taken = 0;
    uint32_t sent;

    REQUIRE_SMM();
    events_begin();
    smm_mailbox.run_apic_id = smp_apic_id(AP);
    smm_mailbox.run_function = no_restart;
    smm_mailbox.run_argument = (void *)&taken;
    smm_mailbox.run_catch = false;
    smm_mailbox.run_armed = 1;
    smp_call_start(AP, halt_outside, &t);
    if (!WAIT_FOR(t.halting, PATIENCE_MS))
        ERROR("the AP does not begin");
    EXPECT_TRUE("halted", !WAIT_FOR(t.woken, PAUSE_MS), "the CPU halts until the SMI comes");
    apic_icr(smp_apic_id(AP), APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_TEST);
    EXPECT_TRUE("masked", !WAIT_FOR(t.woken, PAUSE_MS), "with IF = 0 an interrupt does not end it");
    sent = wake(&t, &taken);
    EXPECT_TRUE("goes_on", smp_call_wait(AP, NULL) && t.woken == 1,
                "SMI and RSM end the HLT, execution goes on behind it, once");
    EXPECT_EQ("once", taken, sent, "one SMI is one entry");
    EXPECT_TRUE("interrupt", WAIT_FOR(events.count[EVENT_INTR] == 1, PATIENCE_MS),
                "the interrupt comes as soon as IF is set");
    events_end();
}
