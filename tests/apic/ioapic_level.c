/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Level-triggered requests on the pins that PCI and the HPET share. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/deadline.h"
#include "hw/io.h"
#include "hw/ioapic.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"

#define FIRST_PIN 16
#define LAST_PIN  23
#define VECTOR    (VECTOR_TEST + 4)

#define RTE_REMOTE_IRR BIT(14)

/* IA-PC HPET Specification 1.0a, 2.3: timer 0, its level kept in the status register. */
#define HPET_BASE       0xfed00000U
#define HPET_CONFIG     (HPET_BASE + 0x10)
#define HPET_CONFIG_ON  BIT(0)
#define HPET_STATUS     (HPET_BASE + 0x20)
#define HPET_COUNTER    (HPET_BASE + 0xf0)
#define HPET_T0_CONFIG  (HPET_BASE + 0x100)
#define HPET_T0_LEVEL   BIT(1)
#define HPET_T0_ON      BIT(2)
#define HPET_T0_PIN(n)  ((uint32_t)(n) << 9)
#define HPET_T0_ROUTES  (HPET_BASE + 0x104) /* the pins it can have */
#define HPET_T0_COMPARE (HPET_BASE + 0x108)
#define HPET_SOON       2000U /* ticks of 10 ns */
#define HPET_LATER      0x10000000U

static volatile uint32_t taken;

/* Leaves the request in service: the test sends the EOI. */
static void take(struct trap_frame *frame)
{
    (void)frame;
    taken++;
}

/* Lets in what is pending, and nothing else. */
static void open_interrupts(void)
{
    irq_window();
}

static bool taken_is(uint32_t n)
{
    open_interrupts();
    return taken == n;
}

/* Raises the pin, which stays so until lower(). */
static void raise(unsigned int pin)
{
    mmio_write32(HPET_T0_CONFIG, 0);
    mmio_write32(HPET_STATUS, 1);
    mmio_write32(HPET_T0_COMPARE, mmio_read32(HPET_COUNTER) + HPET_LATER);
    mmio_write32(HPET_T0_COMPARE + 4, mmio_read32(HPET_COUNTER + 4));
    mmio_write32(HPET_T0_CONFIG, HPET_T0_ON | HPET_T0_LEVEL | HPET_T0_PIN(pin));
    mmio_write32(HPET_T0_COMPARE, mmio_read32(HPET_COUNTER) + HPET_SOON);
}

static void lower(void)
{
    mmio_write32(HPET_T0_COMPARE, mmio_read32(HPET_COUNTER) + HPET_LATER);
    mmio_write32(HPET_STATUS, 1);
    mmio_write32(HPET_T0_CONFIG, 0);
}

static bool remote_irr(unsigned int pin)
{
    return ioapic_rte(pin) & RTE_REMOTE_IRR;
}

static void check_pin(unsigned int pin)
{
    taken = 0;
    ioapic_set_rte(pin, IOAPIC_RTE_DEST(apic_id()) | IOAPIC_RTE_LEVEL | VECTOR);
    for (uint32_t round = 0; round < 2; round++) {
        CONTEXT("pin %u, round %u", pin, round + 1);
        EXPECT_TRUE("free", !remote_irr(pin), "Remote IRR is clear, nothing is in service");
        raise(pin);
        EXPECT_TRUE("taken", WAIT_FOR(taken_is(2 * round + 1), PATIENCE_MS), "it comes");
        EXPECT_TRUE("remote-irr", remote_irr(pin), "Remote IRR is set until the EOI");
        EXPECT_TRUE("once", taken_is(2 * round + 1), "before the EOI it does not come again");
        apic_eoi();
        EXPECT_TRUE("again", WAIT_FOR(taken_is(2 * round + 2), PATIENCE_MS),
                    "a line that is still high comes again behind the EOI");
        lower();
        /* A line that is low cannot set the bit again. */
        ioapic_write(IOAPIC_REG_RTE(pin) + 1, (uint32_t)(IOAPIC_RTE_DEST(apic_id()) >> 32));
        EXPECT_TRUE("read-only", remote_irr(pin), "a write of the upper half leaves Remote IRR");
        ioapic_write(IOAPIC_REG_RTE(pin), (uint32_t)IOAPIC_RTE_LEVEL | VECTOR);
        EXPECT_TRUE("read-only", remote_irr(pin), "and so does one of the lower half");
        apic_eoi();
        EXPECT_TRUE("over", taken_is(2 * round + 2), "and no more once it is low");
    }
    CONTEXT_CLEAR();
    ioapic_set_rte(pin, IOAPIC_RTE_MASKED);
}

TEST(apic, ioapic_level, "a level on each of the upper pins comes once until its EOI, and again",
     SPEC("Intel 82093AA, 3.2.4 IOREDTBL: Remote IRR, read-only, set when the APIC accepts a level "
          "interrupt, reset by the EOI; trigger mode"),
     NEEDS("boot=own smm=any"))
{
    uint32_t routes = mmio_read32(HPET_T0_ROUTES);

    for (unsigned int pin = FIRST_PIN; pin <= LAST_PIN; pin++)
        if (!(routes & BIT(pin)))
            SKIP("the HPET cannot raise pin %u", pin);
    irq_set_handler(VECTOR, take);
    mmio_write32(HPET_CONFIG, mmio_read32(HPET_CONFIG) | HPET_CONFIG_ON);
    for (unsigned int pin = FIRST_PIN; pin <= LAST_PIN; pin++)
        check_pin(pin);
    mmio_write32(HPET_CONFIG, mmio_read32(HPET_CONFIG) & ~HPET_CONFIG_ON);
    irq_set_handler(VECTOR, NULL);
}
