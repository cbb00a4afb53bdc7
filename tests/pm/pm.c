/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/pm/pm.h"

#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/ioapic.h"
#include "kernel/alarm.h"
#include "kernel/test.h"
#include "kernel/trap.h"

#define VECTOR_LINE VECTOR_SCI

#define TIMER_HALF       0x800000U /* ticks between two changes of bit 23 */
#define NS_PER_256_TICKS 71517U    /* of 3.579545 MHz */
#define GPE0_BYTES       8U

/* An alarm may be off by as much as its clock was measured wrong. */
#define AFTER_TOGGLE_US 20000U

static const unsigned int lines[] = {9, 10, 11, 20, 21};

static volatile bool active;
static unsigned int watched;

static uint64_t entry(void)
{
    return IOAPIC_RTE_LEVEL | IOAPIC_RTE_DEST(apic_id()) | VECTOR_LINE;
}

/* Masked first: a line that stays active does not come again behind EOI. */
static void on_line(struct trap_frame *frame)
{
    (void)frame;
    ioapic_set_rte(watched, entry() | IOAPIC_RTE_MASKED);
    active = true;
    apic_eoi();
}

void pm_begin(void)
{
    REQUIRE_TRUE("decoded", ich9_pmbase() != 0, "the PM block is decoded");
    cli();
    ich9_pm_write16(PM1_EN, 0);
    ich9_pm_write16(PM1_STS, 0xffff);
    for (uint8_t i = 0; i < GPE0_BYTES; i++)
        ich9_pm_write8(GPE0_EN + i, 0);
    for (uint8_t i = 0; i < GPE0_BYTES; i++)
        ich9_pm_write8(GPE0_STS + i, 0xff);
    ich9_pm_write16(PM1_CNT, PM1_CNT_SCI_EN);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        ioapic_set_rte(lines[i], entry() | IOAPIC_RTE_MASKED);
    irq_set_handler(VECTOR_LINE, on_line);
}

bool pm_line(unsigned int irq)
{
    watched = irq;
    active = false;
    ioapic_set_rte(irq, entry());
    sti();
    __asm__ volatile("nop; nop");
    cli();
    ioapic_set_rte(irq, entry() | IOAPIC_RTE_MASKED);
    return active;
}

bool pm_timer_msb(void)
{
    return ich9_pm_read32(PM1_TMR) & TIMER_HALF;
}

void pm_begin_event(void)
{
    pm_begin();
    alarm_init();
    alarm_sleep(pm_timer_us_to_toggle() + AFTER_TOGGLE_US);
    REQUIRE_EQ("event", ich9_pm_read16(PM1_STS), PM1_STS_TMROF, "an event waits for its enable");
}

uint32_t pm_timer_us_to_toggle(void)
{
    uint32_t ticks = TIMER_HALF - (ich9_pm_read32(PM1_TMR) & (TIMER_HALF - 1));

    return ticks / 256 * NS_PER_256_TICKS / 1000;
}
