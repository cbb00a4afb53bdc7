/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which interrupt comes when: classes, EOI, and the two priority registers. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/test.h"
#include "kernel/trap.h"

#define LOW    0x52
#define MIDDLE 0x58 /* the class of LOW */
#define HIGH   0x63 /* a class above */
#define CLASS  0xf0U

static const uint8_t vectors[] = {LOW, MIDDLE, HIGH};

static volatile uint32_t taken;
static volatile uint8_t last;

/* Leaves the interrupt in service: the test sends the EOI. */
static void take(struct trap_frame *frame)
{
    last = (uint8_t)frame->vector;
    taken++;
}

static bool in_register(unsigned int reg, uint8_t vector)
{
    return apic_read(reg + vector / 32 * 0x10) & BIT(vector % 32);
}

/* Sends it to this CPU, and lets in what may come, with interrupts off before and after. */
static void send(uint8_t vector)
{
    REQUIRE_TRUE("sent", apic_icr(0, APIC_ICR_SELF | APIC_ICR_ASSERT | vector), "the IPI goes out");
    REQUIRE_TRUE("accepted", WAIT_FOR(in_register(APIC_IRR, vector), PATIENCE_MS),
                 "the APIC accepts it");
    irq_window();
}

static void end(void)
{
    apic_eoi();
    irq_window();
}

/* So many interrupts have come, the last one was this, and so many are in service. */
static void expect(uint32_t count, uint8_t vector, uint32_t in_service)
{
    uint32_t found = 0;

    EXPECT_EQ("taken", taken, count, "as many interrupts as may come have come");
    EXPECT_EQ("vector", last, vector, "and this was the last one");
    for (size_t i = 0; i < sizeof(vectors); i++)
        found |= in_register(APIC_ISR, vectors[i]) ? BIT(i) : 0;
    EXPECT_EQ("in-service", found, in_service, "ISR has the ones whose EOI is not sent");
}

static void begin(void)
{
    cli();
    taken = last = 0;
    apic_write(APIC_SVR, APIC_SVR_ENABLE | APIC_SPURIOUS_VECTOR);
    apic_write(APIC_TPR, 0);
    for (size_t i = 0; i < sizeof(vectors); i++)
        irq_set_handler(vectors[i], take);
}

static void finish(void)
{
    CONTEXT_CLEAR();
    apic_write(APIC_TPR, 0);
    for (size_t i = 0; i < sizeof(vectors); i++)
        irq_set_handler(vectors[i], NULL);
}

TEST(
    apic, nested, "only a higher class interrupts a handler, and EOI ends the highest in service",
    SPEC("Intel SDM vol. 3, 10.8.3 \"Interrupt, Task, and Processor Priority\", 10.8.5 \"Signaling "
         "Interrupt Servicing Completion\""),
    NEEDS("boot=own smm=any"))
{
    begin();
    CONTEXT("the first one");
    send(LOW);
    expect(1, LOW, BIT(0));
    CONTEXT("one of the same class");
    send(MIDDLE);
    expect(1, LOW, BIT(0));
    EXPECT_TRUE("pending", in_register(APIC_IRR, MIDDLE), "it waits in IRR");
    CONTEXT("one of a higher class");
    send(HIGH);
    expect(2, HIGH, BIT(0) | BIT(2));
    CONTEXT("the first EOI");
    end();
    expect(2, HIGH, BIT(0));
    CONTEXT("the second EOI");
    end();
    expect(3, MIDDLE, BIT(1));
    CONTEXT("the last EOI");
    end();
    expect(3, MIDDLE, 0);
    finish();
}

TEST(apic, processor_priority, "the processor priority is the higher class of TPR and ISR",
     SPEC("Intel SDM vol. 3, 10.8.3.1 \"Task and Processor Priorities\": the sub-class is TPR's "
          "where its class is higher, 0 where it is lower"),
     NEEDS("boot=own smm=any"))
{
    begin();
    apic_write(APIC_TPR, 0x67);
    EXPECT_EQ("idle", apic_read(APIC_PPR), 0x67, "with nothing in service it is TPR");
    CONTEXT("TPR of its class");
    send(HIGH);
    expect(0, 0, 0);
    CONTEXT("TPR of the class below");
    apic_write(APIC_TPR, 0x5f);
    irq_window();
    expect(1, HIGH, BIT(2));
    EXPECT_EQ("lower", apic_read(APIC_PPR), HIGH & CLASS, "TPR's class is lower");
    apic_write(APIC_TPR, 0x6a);
    EXPECT_EQ("equal", apic_read(APIC_PPR) & CLASS, HIGH & CLASS, "the classes are the same");
    apic_write(APIC_TPR, 0x7b);
    EXPECT_EQ("higher", apic_read(APIC_PPR), 0x7b, "TPR's class is higher");
    end();
    expect(1, HIGH, 0);
    finish();
}
