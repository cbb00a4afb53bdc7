/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the local APIC must not do with an SMI: hold it back, or make an interrupt of it. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/smi/count.h"
#include "tests/smi/ipi.h"

#define SMI_LOW (APIC_DM_SMI | APIC_ICR_ASSERT)

static volatile uint32_t interrupts;

static void on_interrupt(struct trap_frame *frame)
{
    (void)frame;
    interrupts++;
    apic_eoi();
}

static volatile uint32_t go_on, waiting;

/* Not reachable by interrupts while its APIC is software-disabled: waits in a loop. */
static uint64_t disabled(void *arg)
{
    struct smm_cpu_report *r = arg;
    uint64_t before = rdmsr(MSR_SMI_COUNT);
    uint64_t taken;

    apic_write(APIC_SVR, APIC_SPURIOUS_VECTOR);
    waiting = 1;
    (void)WAIT_FOR(go_on, PATIENCE_MS);
    (void)WAIT_FOR(r->inside == 0, PATIENCE_MS);
    taken = rdmsr(MSR_SMI_COUNT) - before;
    apic_write(APIC_SVR, APIC_SPURIOUS_VECTOR | APIC_SVR_ENABLE);
    return taken;
}

TEST(smi, apic_disabled, "a software-disabled local APIC still accepts SMIs",
     SPEC("Intel SDM vol. 3, 10.4.7.2: it responds normally to INIT, NMI, SMI and SIPI"),
     NEEDS("smp=3"))
{
    struct smm_cpu_report *r;
    uint64_t taken = 0;
    uint32_t before;

    REQUIRE_SMM();
    r = smm_report_of(smp_apic_id(1));
    before = r->entries;
    smi_count_start();
    waiting = go_on = 0;
    smp_call_start(1, disabled, r);
    REQUIRE_TRUE("waiting", WAIT_FOR(waiting, PATIENCE_MS), "its APIC is disabled");
    REQUIRE_TRUE("sent", apic_send_smi(smp_apic_id(1)), "the SMI can be sent");
    EXPECT_TRUE("reached", WAIT_FOR(r->entries != before, PATIENCE_MS), "the SMI is taken");
    go_on = 1;
    REQUIRE_TRUE("back", smp_call_wait(1, &taken), "the CPU goes on");
    EXPECT_EQ("while-disabled", taken, 1, "it was taken while the APIC was disabled, once");
    smi_count_check(SMI_CPU(1));
}

TEST(smi, apic_disabled_sender, "a software-disabled local APIC still sends SMIs",
     SPEC("Intel SDM vol. 3, 10.4.7.2: it can still issue IPIs"), NEEDS("smp=3"))
{
    REQUIRE_SMM();
    smi_count_start();
    apic_write(APIC_SVR, APIC_SPURIOUS_VECTOR);
    EXPECT_TRUE("sent", apic_send_smi(smp_apic_id(2)), "the SMI can be sent");
    apic_write(APIC_SVR, APIC_SPURIOUS_VECTOR | APIC_SVR_ENABLE);
    smi_count_check(SMI_CPU(2));
}

static uint64_t set_tpr(void *arg)
{
    apic_write(APIC_TPR, (uint32_t)(uintptr_t)arg);
    return apic_read(APIC_TPR);
}

/* CPU 1 waits in a loop: at priority 15 nothing could call it. */
static uint64_t at_highest_priority(void *arg)
{
    struct smm_cpu_report *r = arg;
    uint32_t before = r->entries;
    bool reached;

    (void)set_tpr((void *)0xf0);
    waiting = 1;
    reached = WAIT_FOR(r->entries != before, PATIENCE_MS);
    (void)set_tpr(NULL);
    return reached;
}

TEST(smi, priority_class, "task priority does not hold an SMI back",
     SPEC("Intel SDM vol. 3, 34.2: SMI is independent of local-APIC priority"), NEEDS("smp=3"))
{
    uint64_t reached = 0;

    REQUIRE_SMM();
    smi_count_start();
    waiting = 0;
    smp_call_start(1, at_highest_priority, smm_report_of(smp_apic_id(1)));
    REQUIRE_TRUE("waiting", WAIT_FOR(waiting, PATIENCE_MS), "its TPR is F0h");
    REQUIRE_TRUE("sent", apic_send_smi(smp_apic_id(1)), "the SMI can be sent");
    REQUIRE_TRUE("back", smp_call_wait(1, &reached), "the CPU goes on");
    EXPECT_TRUE("reached", reached, "the SMI was taken with TPR at F0h");
    smi_count_check(SMI_CPU(1));
}

struct vectors {
    uint32_t in_smm[24]; /* ISR, TMR, IRR as the handler sees them */
};

static uint64_t SMM_CODE read_vectors(struct smm_cpu *cpu, void *arg)
{
    struct vectors *v = arg;

    (void)cpu;
    for (unsigned int i = 0; i < 24; i++)
        v->in_smm[i] = apic_read(APIC_ISR + 0x10 * i);
    return 0;
}

TEST(smi, no_vector, "an SMI leaves no mark in ISR, TMR and IRR",
     SPEC("Intel SDM vol. 3, 10.8.1: SMI goes to the core directly, without IRR, ISR and EOI"),
     NEEDS(""))
{
    struct vectors v = {0};
    uint32_t marks = 0;

    REQUIRE_SMM();
    smm_mailbox.run_apic_id = smp_apic_id(0);
    smm_mailbox.run_function = read_vectors;
    smm_mailbox.run_argument = &v;
    smm_mailbox.run_catch = 0;
    smm_mailbox.run_done = 0;
    smm_mailbox.run_armed = 1;
    smi_count_start();
    smi_ipi_from(0, smp_apic_id(0), SMI_LOW);
    smi_count_check(SMI_CPU(0));
    REQUIRE_TRUE("ran", smm_mailbox.run_done, "the handler looked at the APIC");
    for (unsigned int i = 0; i < 24; i++)
        marks |= v.in_smm[i];
    EXPECT_EQ("in-smm", marks, 0, "ISR, TMR and IRR are empty in the handler");
    for (unsigned int i = 0; i < 24; i++)
        marks |= apic_read(APIC_ISR + 0x10 * i);
    EXPECT_EQ("behind", marks, 0, "and behind it");
}

/* "Vector field must be 00h" (SDM vol. 3, 10.6.1) does not say what another one does; but it can be
 * no interrupt besides. */
TEST(smi, vector, "whatever its vector field says, an SMI is no interrupt",
     SPEC("Intel SDM vol. 3, 10.6.1: the vector must be 00h for SMI; 10.8.1: no IRR, no ISR"),
     NEEDS("smp=2"))
{
    REQUIRE_SMM();
    irq_set_handler(VECTOR_TEST, on_interrupt);
    interrupts = 0;
    smi_count_start();
    smi_ipi_from(0, smp_apic_id(1), SMI_LOW | VECTOR_TEST);
    EXPECT_RANGE("smi", smi_count_of(1), 0, 1, "at most one SMI is taken");
    EXPECT_EQ("sender", smi_count_of(0), 0, "and none by the sender");
    EXPECT_EQ("interrupt", interrupts, 0, "the vector is not delivered");
    irq_set_handler(VECTOR_TEST, NULL);
}
