/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMI, NMI and maskable interrupts that arrive in SMM: held, once, until RSM. */
#include "hw/apic.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "tests/block/events.h"

static void check_smi(uint32_t sent, bool apm)
{
    struct smm_run_result r;
    uint32_t before = (uint32_t)rdmsr(MSR_SMI_COUNT);

    CONTEXT("%u sent by %s", sent, apm ? "APM_CNT" : "the ICR");
    events_begin();
    r = events_provoke(&(struct provoke){.smi = sent, .apm = apm});
    events_end();
    REQUIRE_TRUE("smi.done", r.done && !r.caught, "the handler runs to its end");
    EXPECT_EQ("smi.held", events.smi_count_out, events.smi_count_in, "no SMI is taken inside SMM");
    EXPECT_EQ("smi.once", events.count[EVENT_SMI], 1,
              "one SMI is taken after RSM, however many were sent");
    EXPECT_EQ("smi.at_once", events.ip[EVENT_SMI], events.first_ip,
              "before the interrupted code executes another instruction");
    EXPECT_EQ("smi.count", rdmsr(MSR_SMI_COUNT), before + 2, "MSR_SMI_COUNT counts both");
}

TEST(block, smi, "SMIs in SMM: one is latched and taken directly after RSM",
     SPEC("Intel SDM vol. 3, 34.3.1, 34.12.1; AMD APM vol. 2, 10.3.3"), NEEDS(""))
{
    REQUIRE_SMM();
    for (uint32_t sent = 1; sent <= 4; sent++) {
        check_smi(sent, false);
        check_smi(sent, true);
    }
}

TEST(block, nmi, "NMIs in SMM: one is latched and delivered directly after RSM",
     SPEC("Intel SDM vol. 3, 34.8; AMD APM vol. 2, 10.3.3"), NEEDS(""))
{
    REQUIRE_SMM();
    for (uint32_t sent = 1; sent <= 4; sent++) {
        struct smm_run_result r;

        CONTEXT("%u sent", sent);
        events_begin();
        r = events_provoke(&(struct provoke){.nmi = sent});
        events_end();
        REQUIRE_TRUE("nmi.done", r.done, "the handler runs to its end");
        EXPECT_TRUE("nmi.held", !r.caught, "no NMI is delivered inside SMM");
        EXPECT_EQ("nmi.once", events.count[EVENT_NMI], 1,
                  "one NMI is delivered after RSM, however many were sent");
        EXPECT_EQ("nmi.at_once", events.ip[EVENT_NMI], events.first_ip,
                  "before the interrupted code executes another instruction");
        EXPECT_EQ("nmi.no_smi", events.count[EVENT_SMI], 0, "and no SMI");
    }
}

TEST(block, intr, "maskable interrupts: IF is 0 in SMM, one that comes then is delivered after RSM",
     SPEC("Intel SDM vol. 3, 34.5.1, 34.6; AMD APM vol. 2, 10.3.3"), NEEDS(""))
{
    struct smm_run_result r;

    REQUIRE_SMM();
    events_begin();
    sti();
    r = events_provoke(&(struct provoke){.intr = 1});
    cli();
    EXPECT_TRUE("intr.held", r.done && !r.caught, "it is not delivered inside SMM");
    EXPECT_EQ("intr.once", events.count[EVENT_INTR], 1, "it is delivered after RSM, once");
    EXPECT_EQ("intr.at_once", events.ip[EVENT_INTR], events.first_ip,
              "before the interrupted code executes another instruction");

    events_begin();
    r = events_provoke(&(struct provoke){.intr = 1});
    EXPECT_TRUE("masked.held", r.done && !r.caught, "the same when the interrupted code has IF 0");
    EXPECT_EQ("masked.after", events.count[EVENT_INTR], 0, "then it stays pending after RSM");
    sti();
    __asm__ volatile("nop; jmp 1f; 1:" : : : "memory");
    cli();
    EXPECT_EQ("masked.once", events.count[EVENT_INTR], 1, "until IF is set, and comes once");
    events_end();
}

static uint64_t SMM_CODE open(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    __asm__ volatile("sti; nop; jmp 1f; 1: nop; cli" : : : "memory");
    return 0;
}

TEST(block, intr_sti, "a handler that sets IF receives maskable interrupts in SMM",
     SPEC("Intel SDM vol. 3, 34.6; AMD APM vol. 2, 10.3.3"), NEEDS(""))
{
    struct smm_run_result r;

    REQUIRE_SMM();
    events_begin();
    r = events_provoke_and(&(struct provoke){.intr = 1}, open, NULL);
    apic_eoi();
    EXPECT_TRUE("sti.caught", r.done && r.caught, "the interrupt is delivered inside SMM");
    EXPECT_EQ("sti.vector", r.vector, VECTOR_TEST, "with its vector, by the IDT of the handler");
    sti();
    __asm__ volatile("nop; jmp 1f; 1:" : : : "memory");
    cli();
    EXPECT_EQ("sti.once", events.count[EVENT_INTR], 0, "and not once more outside");
    events_end();
}

TEST(block, order, "what was held in SMM comes in the order SMI, NMI, maskable interrupt",
     SPEC("Intel SDM vol. 3, Table 6-2 Priority Among Simultaneous Exceptions and Interrupts, "
          "34.3.1, 34.8"),
     NEEDS(""))
{
    struct smm_run_result r;

    REQUIRE_SMM();
    events_begin();
    sti();
    r = events_provoke(&(struct provoke){.intr = 1, .nmi = 1, .smi = 1});
    cli();
    events_end();
    REQUIRE_TRUE("order.held", r.done && !r.caught, "nothing is delivered inside SMM");
    for (unsigned int e = 0; e < EVENTS; e++) {
        static const char *const names[] = {"SMI", "NMI", "interrupt"};

        CONTEXT("%s", names[e]);
        EXPECT_EQ("order.once", events.count[e], 1, "each comes once");
        EXPECT_EQ("order.position", events.position[e], e + 1,
                  "the SMI first, then the NMI, then the interrupt");
        EXPECT_EQ("order.at_once", events.ip[e], events.first_ip,
                  "all before the interrupted code executes another instruction");
    }
}
