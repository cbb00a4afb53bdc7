/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of power management events share. */
#ifndef TESTS_PM_PM_H
#define TESTS_PM_PM_H

#include <stdbool.h>
#include <stdint.h>

#define PM_SPEC "ICH9 datasheet, \"Power Management I/O Registers\": "

/* PM1_STS and PM1_EN have the same positions. */
#define PM1_GBL    BIT(5)
#define PM1_PWRBTN BIT(8)
#define PM1_RTC    BIT(10)

/* The interrupt that ACPI_CNTL selects after reset. */
#define SCI_DEFAULT 9U

/*
 * ACPI mode, no PM1 or GPE0 event enabled or pending, and all interrupts that can be the SCI (9,
 * 10, 11, 20, 21) set up at the I/O APIC for this CPU: level-triggered, masked.
 */
void pm_begin(void);

/* The same with TMROF_STS set, so that PM1_EN alone raises and lowers the SCI; the next such event
 * is 2.3 s away. Needs icount=6. */
void pm_begin_event(void);

/* Whether input irq of the I/O APIC is active right now; interrupts are enabled for a moment. */
bool pm_line(unsigned int irq);

/* Bit 23 of the PM timer, whose changes set TMROF_STS, and the time until the next one. */
bool pm_timer_msb(void);
uint32_t pm_timer_us_to_toggle(void);

#endif
