/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which interrupt the SCI is, over a migration. */
#include <stddef.h>

#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/pic.h"
#include "kernel/test.h"
#include "tests/migrate/migrate.h"
#include "tests/pm/pm.h"

#define SCI_AT_SLAVE BIT(SCI_DEFAULT - 8)

static const struct {
    uint8_t sel;
    uint8_t irq;
} routes[] = {{1, 10}, {5, 21}};

static void check_line(unsigned int irq, bool active, const char *sentence)
{
    EXPECT_EQ("line", pm_line(irq), active, sentence);
    EXPECT_TRUE("default", !pm_line(SCI_DEFAULT), "IRQ9 is not active");
}

TEST(migrate, sci_select, "the SCI is the interrupt that was selected, active or not",
     SPEC(MIGRATION "ICH9 datasheet, ACPI_CNTL (D31:F0 44h): SCI_IRQ_SEL"),
     NEEDS("firmware=virgin boot=own accel=tcg icount=6 smp=2 host=migrate timeout=40"))
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        CONTEXT("interrupt %u", routes[i].irq);
        pm_begin_event();
        ich9_write8(ICH9_ACPI_CNTL, ACPI_CNTL_ACPI_EN | routes[i].sel);
        migrate();
        check_line(routes[i].irq, false, "nothing is active without an enabled event");
        ich9_pm_write16(PM1_EN, PM1_STS_TMROF);
        check_line(routes[i].irq, true, "an event raises the selected interrupt");
        migrate();
        check_line(routes[i].irq, true, "which is still active on the other side");
        ich9_pm_write16(PM1_EN, 0);
        check_line(routes[i].irq, false, "and can be taken back there");
    }
    CONTEXT_CLEAR();
}

TEST(migrate, sci_pic, "at the 8259 the SCI is the level that it was",
     SPEC(MIGRATION "ICH9 datasheet, ELCR2 (4D1h); ACPI 6.3, 4.8.2: SCI is a level"),
     NEEDS("firmware=virgin boot=own accel=tcg icount=6 smp=2 host=migrate timeout=40"))
{
    pm_begin_event();
    pic_init();
    outb(PIC_SLAVE_ELCR, SCI_AT_SLAVE);
    migrate();
    EXPECT_BITS("elcr", inb(PIC_SLAVE_ELCR), SCI_AT_SLAVE, SCI_AT_SLAVE, "IRQ9 is a level");
    ich9_pm_write16(PM1_EN, PM1_STS_TMROF);
    EXPECT_BITS("active", pic_slave_requests(), SCI_AT_SLAVE, SCI_AT_SLAVE, "an event raises it");
    migrate();
    EXPECT_BITS("still", pic_slave_requests(), SCI_AT_SLAVE, SCI_AT_SLAVE, "it is still active");
    ich9_pm_write16(PM1_EN, 0);
    EXPECT_BITS("ends", pic_slave_requests(), SCI_AT_SLAVE, 0, "and ends with the event");
}
