/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NMIs against task priority and mask, and the shorthands with fixed interrupts. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/deadline.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/apic/nmi.h"

#define CPUS 3

/* An interrupt is taken at the next jump. */
static inline __attribute__((always_inline)) void boundary(void)
{
    __asm__ volatile("jmp 1f; 1: jmp 2f; 2:" : : : "memory");
}

TEST(apic, nmi_task_priority, "the task priority does not hold NMIs back",
     SPEC("Intel SDM vol. 3, 10.8.3.1: TPR is about fixed interrupts; 6.7"), NEEDS("smm=any"))
{
    static const uint8_t priorities[] = {0x20, 0x80, 0xf0};

    nmi_count_start();
    for (unsigned int i = 0; i < sizeof(priorities); i++) {
        CONTEXT("TPR %#x", priorities[i]);
        apic_write(APIC_TPR, priorities[i]);
        apic_send_nmi(apic_id());
        /* When is not promised, not even for an IPI to oneself. */
        (void)WAIT_FOR(nmi_count_all() > i, PATIENCE_MS);
        EXPECT_EQ("taken", nmi_count_all(), i + 1, "an NMI IPI arrives, once");
    }
    CONTEXT_CLEAR();
    apic_write(APIC_TPR, 0);
    nmi_count_stop();
}

TEST(apic, nmi_lint1, "an NMI by LINT1 arrives, unless the LVT masks it",
     SPEC("Intel SDM vol. 3, 10.5.1 Local Vector Table: mask; delivery mode 100b"),
     NEEDS("host=nmi smm=any"))
{
    uint32_t old = apic_read(APIC_LVT_LINT1);

    nmi_count_start();
    apic_write(APIC_LVT_LINT1, APIC_LVT_MASKED | APIC_DM_NMI);
    host_do("nmi");
    boundary();
    EXPECT_EQ("masked", nmi_count_all(), 0, "none while the mask is set");
    apic_write(APIC_LVT_LINT1, APIC_DM_NMI);
    host_do("nmi");
    EXPECT_TRUE("open", WAIT_FOR(nmi_count_all() == 1, PATIENCE_MS), "one when it is not");
    apic_write(APIC_LVT_LINT1, old);
    nmi_count_stop();
}

static volatile uint32_t fixed[CPUS];

static void on_fixed(struct trap_frame *frame)
{
    (void)frame;
    fixed[smp_self()]++;
    apic_eoi();
}

static uint64_t answer(void *arg)
{
    (void)arg;
    return 0;
}

static bool reached(bool self, bool others)
{
    return fixed[0] >= self && fixed[1] >= others && fixed[2] >= others;
}

/* Sends one IPI by shorthand; got: how many each CPU took. */
static void send(uint32_t shorthand, bool self, bool others, uint32_t *got)
{
    for (uint32_t n = 0; n < CPUS; n++)
        fixed[n] = 0;
    apic_icr(0xff, shorthand | APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_TEST);
    sti();
    boundary();
    (void)WAIT_FOR(reached(self, others), PATIENCE_MS);
    /* What else is on its way to a CPU comes, at the latest, between two answers. */
    for (uint32_t i = 0; i < 2 * (CPUS - 1); i++)
        REQUIRE_TRUE("answers", smp_call(1 + i / 2, answer, NULL, NULL), "every CPU answers");
    cli();
    for (uint32_t n = 0; n < CPUS; n++)
        got[n] = fixed[n];
}

TEST(apic, shorthands, "a fixed interrupt by shorthand reaches self, all, or all others",
     SPEC("Intel SDM vol. 3, 10.6.1: destination shorthand; Table 10-3"), NEEDS("smp=3 smm=any"))
{
    static const struct {
        const char *name;
        uint32_t shorthand;
        bool self, others;
    } cases[] = {{"self", APIC_ICR_SELF, true, false},
                 {"all including self", APIC_ICR_ALL, true, true},
                 {"all excluding self", APIC_ICR_OTHERS, false, true}};

    if (!smp_start_all())
        ERROR("the APs do not come up");
    irq_set_handler(VECTOR_TEST, on_fixed);
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t got[CPUS];

        send(cases[i].shorthand, cases[i].self, cases[i].others, got);
        for (uint32_t n = 0; n < CPUS; n++) {
            CONTEXT("%s, CPU %u", cases[i].name, n);
            EXPECT_EQ("reached", got[n], n == 0 ? cases[i].self : cases[i].others,
                      "whom the shorthand names takes it, once, and nobody else");
        }
    }
    CONTEXT_CLEAR();
    irq_set_handler(VECTOR_TEST, NULL);
}
