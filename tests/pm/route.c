/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which interrupt the SCI is: ACPI_CNTL, field SCI_IRQ_SEL. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/ioapic.h"
#include "hw/pic.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/pm/pm.h"

#define ROUTE_SPEC "ICH9 datasheet, ACPI_CNTL (D31:F0 44h): SCI_IRQ_SEL"

static const struct {
    uint8_t sel;
    uint8_t irq;
} routes[] = {{0, 9}, {1, 10}, {2, 11}, {4, 20}, {5, 21}};

#define ROUTES (sizeof(routes) / sizeof(routes[0]))

static void select(uint8_t sel)
{
    ich9_write8(ICH9_ACPI_CNTL, ACPI_CNTL_ACPI_EN | sel);
}

static void end(void)
{
    ich9_pm_write16(PM1_EN, 0);
    ich9_pm_write16(PM1_STS, PM1_STS_TMROF);
    select(0);
}

static void check_lines(size_t asserted, const char *sentence)
{
    for (size_t i = 0; i < ROUTES; i++) {
        CONTEXT("interrupt %u, %u selected", routes[i].irq, routes[asserted % ROUTES].irq);
        EXPECT_EQ("line", pm_line(routes[i].irq), i == asserted, sentence);
    }
    CONTEXT_CLEAR();
}

TEST(pm, sci_select, "the SCI is the interrupt that ACPI_CNTL selects, at the I/O APIC",
     SPEC(ROUTE_SPEC ": 000 IRQ9, 001 IRQ10, 010 IRQ11, 100 IRQ20, 101 IRQ21"),
     NEEDS("smm=any accel=tcg firmware=virgin boot=own icount=6"))
{
    pm_begin_event();
    for (size_t i = 0; i < ROUTES; i++) {
        select(routes[i].sel);
        check_lines(ROUTES, "no interrupt without an event");
        ich9_pm_write16(PM1_EN, PM1_STS_TMROF);
        check_lines(i, "the event raises the selected interrupt, no other");
        ich9_pm_write16(PM1_EN, 0);
        check_lines(ROUTES, "and takes it back");
    }
    end();
}

TEST(pm, sci_select_late, "selected while it is active, the SCI moves from one to the other",
     SPEC(ROUTE_SPEC), NEEDS("smm=any accel=tcg firmware=virgin boot=own icount=6"))
{
    pm_begin_event();
    ich9_pm_write16(PM1_EN, PM1_STS_TMROF);
    for (size_t from = 0; from < ROUTES; from++) {
        for (size_t to = 0; to < ROUTES; to++) {
            select(routes[from].sel);
            check_lines(from, "it is at the first place");
            select(routes[to].sel);
            check_lines(to, "it has moved to the second place");
        }
    }
    end();
    check_lines(ROUTES, "none is left active");
}

/* As an interrupt handler would find it before it has cleared the event. */
static void check_acknowledged(uint8_t want)
{
    for (unsigned int i = 0; i < 2; i++) {
        uint8_t poll = pic_slave_poll((uint8_t)~want);

        EXPECT_EQ("polled", poll, 0x80 | __builtin_ctz(want), "a poll acknowledges it");
        EXPECT_BITS("level", pic_slave_requests(), want, want, "it stays, being a level");
        outb(PIC_SLAVE_COMMAND, PIC_EOI);
    }
    outb(PIC_SLAVE_MASK, 0xff);
}

TEST(pm, sci_pic, "IRQ9, IRQ10 and IRQ11 as the SCI are seen by the 8259, too, IRQ20 and IRQ21 not",
     SPEC(ROUTE_SPEC "; 20 and 21 only with the I/O APIC"),
     NEEDS("smm=any accel=tcg firmware=virgin boot=own icount=6"))
{
    uint8_t sci = BIT(1) | BIT(2) | BIT(3);

    pm_begin_event();
    pic_init();
    outb(PIC_SLAVE_ELCR, sci);
    for (size_t i = 0; i < ROUTES; i++) {
        uint8_t want = routes[i].irq < 16 ? (uint8_t)BIT(routes[i].irq - 8) : 0;

        CONTEXT("interrupt %u", routes[i].irq);
        select(routes[i].sel);
        EXPECT_BITS("none", pic_slave_requests(), sci, 0, "nothing without an event");
        ich9_pm_write16(PM1_EN, PM1_STS_TMROF);
        EXPECT_BITS("active", pic_slave_requests(), sci, want, "the one that is selected");
        if (want)
            check_acknowledged(want);
        ich9_pm_write16(PM1_EN, 0);
        EXPECT_BITS("taken-back", pic_slave_requests(), sci, 0, "is taken back");
    }
    CONTEXT_CLEAR();
    end();
}

#define TIMES 5U

static volatile unsigned int came;

static void on_sci(struct trap_frame *frame)
{
    (void)frame;
    if (++came == TIMES)
        ich9_pm_write16(PM1_EN, 0);
    apic_eoi();
}

TEST(pm, sci_again, "the SCI comes again behind every EOI, until its event is no more",
     SPEC("Intel 82093AA, \"I/O Redirection Table\": Remote IRR; ACPI 6.3, 4.8.2: SCI is a level"),
     NEEDS("smm=any accel=tcg firmware=virgin boot=own icount=6"))
{
    for (size_t i = 0; i < ROUTES; i++) {
        uint64_t rte = IOAPIC_RTE_LEVEL | IOAPIC_RTE_DEST(apic_id()) | VECTOR_SCI;

        CONTEXT("interrupt %u", routes[i].irq);
        pm_begin_event();
        select(routes[i].sel);
        irq_set_handler(VECTOR_SCI, on_sci);
        came = 0;
        ioapic_set_rte(routes[i].irq, rte);
        sti();
        ich9_pm_write16(PM1_EN, PM1_STS_TMROF);
        (void)WAIT_FOR(came >= TIMES, SETTLE_MS);
        __asm__ volatile("nop; nop");
        cli();
        EXPECT_EQ("times", came, TIMES, "it comes until the handler has disabled the event");
        EXPECT_EQ("idle", ioapic_rte(routes[i].irq), rte, "then Remote IRR is 0");
        ioapic_set_rte(routes[i].irq, rte | IOAPIC_RTE_MASKED);
    }
    CONTEXT_CLEAR();
    end();
}
