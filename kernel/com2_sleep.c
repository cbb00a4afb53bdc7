/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/com2_sleep.h"

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/io.h"
#include "hw/ioapic.h"
#include "hw/pic.h"
#include "hw/uart.h"
#include "kernel/trap.h"

#define VECTOR_COM2 0xe0
#define TPR_SLEEP   0xdfU /* lets the two highest of the 16 priorities through */
#define APIC_TOP    0x70U /* from the first of 8 registers to that of vectors E0h-FFh */

#define COM2_PIN       3
#define ALL_MASKED     0xff
#define TIMER_DIVIDE_1 0xbU
#define TICK_MS        100U
#define TIMER_COUNTS   (TICK_MS * 1000000U) /* QEMU's timer counts nanoseconds */

static volatile uint32_t rings;

static void ring(struct trap_frame *frame)
{
    (void)frame;
    rings++;
    apic_eoi();
}

/* A test may have its own plans with what this needs. */
static bool is_free(void)
{
    return rdmsr(MSR_APIC_BASE) & APIC_BASE_EN && apic_read(APIC_SVR) & APIC_SVR_ENABLE &&
           apic_id() < XAPIC_IDS && apic_read(APIC_LVT_TIMER) & APIC_LVT_MASKED &&
           !apic_read(APIC_IRR + APIC_TOP) && !apic_read(APIC_ISR + APIC_TOP) &&
           inb(PIC_MASTER_MASK) == ALL_MASKED && inb(PIC_SLAVE_MASK) == ALL_MASKED;
}

void com2_sleep(uint32_t ms)
{
    unsigned long flags = irq_save();
    uint32_t timer, divide, tpr;
    uint64_t rte;

    if (is_free()) {
        rte = ioapic_rte(COM2_PIN);
        timer = apic_read(APIC_LVT_TIMER);
        divide = apic_read(APIC_TIMER_DIVIDE);
        tpr = apic_read(APIC_TPR);
        rings = 0;
        irq_set_handler(VECTOR_COM2, ring);
        apic_write(APIC_TPR, TPR_SLEEP);
        apic_write(APIC_LVT_TIMER, APIC_LVT_REPEAT | VECTOR_COM2);
        apic_write(APIC_TIMER_DIVIDE, TIMER_DIVIDE_1);
        apic_write(APIC_TIMER_INITIAL, TIMER_COUNTS);
        ioapic_set_rte(COM2_PIN, VECTOR_COM2 | IOAPIC_RTE_DEST(apic_id()));
        uart_interrupt(UART_COM2, true);
        while (!uart_pending(UART_COM2) && rings < ms / TICK_MS) {
            trap_sleep();
            cli();
        }
        uart_interrupt(UART_COM2, false);
        ioapic_set_rte(COM2_PIN, rte);
        apic_write(APIC_TIMER_INITIAL, 0);
        /* QEMU may have been away for so long that both came at once. */
        irq_window();
        apic_write(APIC_TIMER_DIVIDE, divide);
        apic_write(APIC_LVT_TIMER, timer);
        apic_write(APIC_TPR, tpr);
    }
    irq_restore(flags);
}
