/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In which order a CPU takes an SMI, an NMI and an interrupt that it finds at the same boundary. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "smm/savestate.h"
#include "tests/smi/count.h"

#define PRIORITY "Intel SDM vol. 3, Table 6-2 and 34.3.1: SMI, NMI, maskable interrupts; "
#define AFTER    "34.8: a pending NMI precedes the next instruction"

#define VECTOR_NMI 2
#define LOG_MAX    8

/* What happened, in order, and the instruction before which it did. */
static struct {
    volatile uint32_t count;
    struct {
        char what; /* S, N, I; M: the interrupted code itself */
        uint64_t ip;
    } event[LOG_MAX];
} seen;

static void SMM_CODE note(char what, uint64_t ip)
{
    uint32_t n = seen.count;

    if (n < LOG_MAX) {
        seen.event[n].what = what;
        seen.event[n].ip = ip;
    }
    seen.count = n + 1;
}

static void on_nmi(struct trap_frame *frame)
{
    note('N', frame->ip);
}

static void on_interrupt(struct trap_frame *frame)
{
    note('I', frame->ip);
    apic_eoi();
}

struct plan {
    bool smi, nmi, interrupt; /* made pending in SMM, in whatever order */
    bool backwards;
    uint64_t first_ip; /* where the code outside was interrupted */
};

static uint64_t SMM_CODE note_smi(struct smm_cpu *cpu, void *arg)
{
    (void)arg;
    note('S', smm_save_get(smm_cpu_save(cpu), SMM_REG_IP));
    return 0;
}

static void SMM_CODE send(uint32_t id, uint32_t mode, bool wanted)
{
    if (wanted)
        (void)apic_icr(id, mode | APIC_ICR_ASSERT);
}

static uint64_t SMM_CODE make_pending(struct smm_cpu *cpu, void *arg)
{
    struct plan *p = arg;

    p->first_ip = smm_save_get(smm_cpu_save(cpu), SMM_REG_IP);
    send(cpu->apic_id, APIC_DM_FIXED | VECTOR_TEST, p->interrupt && p->backwards);
    send(cpu->apic_id, APIC_DM_NMI, p->nmi && p->backwards);
    send(cpu->apic_id, APIC_DM_SMI, p->smi);
    send(cpu->apic_id, APIC_DM_NMI, p->nmi && !p->backwards);
    send(cpu->apic_id, APIC_DM_FIXED | VECTOR_TEST, p->interrupt && !p->backwards);
    /* The next SMI of this CPU only takes notes. */
    smm_mailbox.run_function = note_smi;
    smm_mailbox.run_armed = 1;
    return 0;
}

static void check_event(uint32_t n, char what, uint64_t ip)
{
    EXPECT_EQ("order", (uint64_t)seen.event[n].what, (uint64_t)what,
              "SMI before NMI before interrupt before the next instruction");
    if (what != 'M')
        EXPECT_EQ("boundary", seen.event[n].ip, ip, "all at the same boundary");
}

/* One SMI by APM_CNT, in which the others become pending. */
static void run_plan(struct plan *p, bool interrupts_on)
{
    uint32_t n = 0;

    smi_count_start();
    seen.count = 0;
    smm_mailbox.run_apic_id = smp_apic_id(0);
    smm_mailbox.run_function = make_pending;
    smm_mailbox.run_argument = p;
    smm_mailbox.run_catch = 0;
    smm_mailbox.run_done = 0;
    smm_mailbox.run_armed = 1;
    if (interrupts_on)
        sti();
    apm_write(SMM_CMD_RUN, 0);
    note('M', 0);
    cli();
    smm_mailbox.run_armed = 0;
    REQUIRE_TRUE("ran", smm_mailbox.run_done, "the SMI reached our handler");
    if (p->smi)
        check_event(n++, 'S', p->first_ip);
    if (p->nmi)
        check_event(n++, 'N', p->first_ip);
    if (p->interrupt && interrupts_on)
        check_event(n++, 'I', p->first_ip);
    check_event(n++, 'M', 0);
    EXPECT_EQ("events", seen.count, n, "nothing is taken twice");
    if (p->interrupt && !interrupts_on) {
        irq_window();
        EXPECT_EQ("held", seen.count, n + 1, "the interrupt waits until IF is 1");
        check_event(n, 'I', seen.event[n].ip);
    }
    EXPECT_EQ("smis", smi_count_of(0), p->smi ? 2 : 1, "as many SMIs were taken as were raised");
}

TEST(smi, priority, "what waits for the end of SMM is taken in order: SMI, NMI, interrupt",
     SPEC(PRIORITY AFTER), NEEDS(""))
{
    REQUIRE_SMM();
    irq_set_handler(VECTOR_NMI, on_nmi);
    irq_set_handler(VECTOR_TEST, on_interrupt);
    for (unsigned int set = 0; set < 32; set++) {
        struct plan p = {
            .smi = set & 1, .nmi = set & 2, .interrupt = set & 4, .backwards = set & 8};

        CONTEXT("%s%s%s%s, IF %u", p.smi ? "SMI " : "", p.nmi ? "NMI " : "",
                p.interrupt ? "interrupt" : "", p.backwards ? " backwards" : "", !(set & 16));
        run_plan(&p, !(set & 16));
    }
    CONTEXT_CLEAR();
    irq_set_handler(VECTOR_NMI, NULL);
    irq_set_handler(VECTOR_TEST, NULL);
}

static volatile uint64_t inside_nmi;

static void raise_in_nmi(struct trap_frame *frame)
{
    uint64_t before = rdmsr(MSR_SMI_COUNT);

    (void)frame;
    apm_write(SMM_CMD_PING, 0);
    inside_nmi = rdmsr(MSR_SMI_COUNT) - before;
}

TEST(smi, in_nmi_handler, "an SMI is taken inside of an NMI handler",
     SPEC("Intel SDM vol. 3, 34.2: SMI is non-maskable"), NEEDS(""))
{
    REQUIRE_SMM();
    irq_set_handler(VECTOR_NMI, raise_in_nmi);
    inside_nmi = ~0ULL;
    apic_send_nmi(smp_apic_id(0));
    (void)rdmsr(MSR_SMI_COUNT);
    EXPECT_EQ("taken", inside_nmi, 1, "once, and before the handler goes on");
    irq_set_handler(VECTOR_NMI, NULL);
}

/* An SMI and STI, in either order; where the two instructions behind them are. */
#define IN_SHADOW(one, other)                                         \
    __asm__ volatile(one "\n\t" other "\n"                            \
                         "1:\tnop\n"                                  \
                         "2:\tnop\n\t"                                \
                         "nop\n\t"                                    \
                         "cli\n\t"                                    \
                         "movl $1b, %[first]\n\t"                     \
                         "movl $2b, %[second]"                        \
                     : [first] "=&m"(*first), [second] "=&m"(*second) \
                     : [port] "i"(APM_CNT), "a"(SMM_CMD_PING)         \
                     : "memory")

/* Raises an SMI just before STI, whose shadow is the first NOP. */
static void smi_before_sti(uint32_t *first, uint32_t *second)
{
    IN_SHADOW("outb %%al, %[port]", "sti");
}

/* Raises it in the shadow. */
static void smi_behind_sti(uint32_t *first, uint32_t *second)
{
    IN_SHADOW("sti", "outb %%al, %[port]");
}

static void check_shadow(void (*code)(uint32_t *first, uint32_t *second))
{
    uint32_t first, second;

    smi_count_start();
    seen.count = 0;
    REQUIRE_TRUE("sent", apic_icr(smp_apic_id(0), APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_TEST),
                 "an interrupt waits for IF");
    code(&first, &second);
    EXPECT_EQ("interrupts", seen.count, 1, "the interrupt is taken, once");
    EXPECT_RANGE("where", seen.event[0].ip, first, second,
                 "the SMI does not make the shadow of STI longer");
    smi_count_check(SMI_CPU(0));
}

TEST(smi, sti_shadow, "an SMI does not keep interrupts away longer than STI does",
     SPEC("Intel SDM vol. 3, 34.2: SMI may be blocked for one instruction after STI; vol. 2, STI"),
     NEEDS(""))
{
    REQUIRE_SMM();
    irq_set_handler(VECTOR_TEST, on_interrupt);
    CONTEXT("raised before STI");
    check_shadow(smi_before_sti);
    CONTEXT("raised behind STI");
    check_shadow(smi_behind_sti);
    CONTEXT_CLEAR();
    irq_set_handler(VECTOR_TEST, NULL);
}
