/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/alarm.h"

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/test.h"
#include "kernel/trap.h"

#define VECTOR_ALARM   0x60
#define DIVIDE_BY_128  0xaU
#define UNIT_US        10000U
#define UNIT_PM_TICKS  35795U /* 10 ms of 3.579545 MHz */
#define PM_TICKS_NOISE 40U    /* the two timers are not read at the same moment */
#define CALIBRATIONS   200
#define PM_TIMER_MASK  0xffffffU

static volatile bool rang;
static uint32_t rate; /* timer counts in UNIT_US, 0: not known */

static void ring(struct trap_frame *frame)
{
    (void)frame;
    rang = true;
    apic_eoi();
}

static uint32_t pm_timer(void)
{
    return ich9_pm_read32(PM1_TMR) & PM_TIMER_MASK;
}

/* Counts in one unit; 0 if something got between the two clocks. */
static uint32_t measure(void)
{
    uint32_t start, passed, counts;

    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR_ALARM);
    apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_128);
    start = pm_timer();
    apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
    do {
        counts = UINT32_MAX - apic_read(APIC_TIMER_CURRENT);
        passed = (pm_timer() - start) & PM_TIMER_MASK;
    } while (passed < UNIT_PM_TICKS);
    return passed < UNIT_PM_TICKS + PM_TICKS_NOISE ? counts : 0;
}

void alarm_init(void)
{
    for (unsigned int i = 0; i < CALIBRATIONS && !rate; i++)
        rate = measure();
    if (!rate)
        ERROR("the APIC timer and the PM timer cannot be compared");
}

void alarm_set(uint32_t us)
{
    alarm_init();
    irq_set_handler(VECTOR_ALARM, ring);
    apic_write(APIC_TIMER_INITIAL, 0);
    rang = false;
    apic_write(APIC_LVT_TIMER, VECTOR_ALARM);
    apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_128);
    apic_write(APIC_TIMER_INITIAL, us / UNIT_US * rate + us % UNIT_US * rate / UNIT_US);
}

bool alarm_rang(void)
{
    return rang;
}

void alarm_stop(void)
{
    apic_write(APIC_TIMER_INITIAL, 0);
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR_ALARM);
}

void alarm_sleep(uint32_t us)
{
    cli();
    alarm_set(us);
    while (!rang) {
        trap_sleep();
        cli();
    }
    alarm_stop();
}
