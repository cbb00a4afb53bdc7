/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/trap.h"

#include "hw/apic.h"
#include "hw/cpu.h"
#include "kernel/report.h"
#include "lib/recover.h"

#define KERNEL_CS 0x08

extern const uintptr_t kernel_trap_entries[IDT_VECTORS];
void kernel_trap(struct trap_frame *frame);

static struct idt_gate idt[IDT_VECTORS] __attribute__((aligned(16)));
static irq_handler handlers[IDT_VECTORS];

static struct {
    volatile bool armed;
    uint32_t apic_id;
    struct recover landing;
    struct trap_caught seen;
} catcher;

void trap_init(void)
{
    idt_fill(idt, kernel_trap_entries, KERNEL_CS);
    trap_load();
}

void trap_load(void)
{
    struct descriptor_pointer p = {.limit = sizeof(idt) - 1, .base = (uintptr_t)idt};

    __asm__ volatile("lidt %0" : : "m"(p));
}

void irq_set_handler(uint8_t vector, irq_handler handler)
{
    handlers[vector] = handler;
}

extern const char trap_sleep_hlt[]; /* kernel/sleep.asm */

/* An interrupt in front of HLT ends it just as one in HLT does. */
static void wake_up(struct trap_frame *frame)
{
    if (frame->ip == (uintptr_t)trap_sleep_hlt)
        frame->ip++;
}

void kernel_trap(struct trap_frame *frame)
{
    irq_handler handler = handlers[frame->vector];

    if (handler) {
        handler(frame);
        wake_up(frame);
        return;
    }
    if (frame->vector == VECTOR_SPURIOUS)
        return;
    if (catcher.armed && catcher.apic_id == cpu_initial_apic_id()) {
        catcher.armed = false;
        catcher.seen = (struct trap_caught){
            .caught = true,
            .vector = (unsigned int)frame->vector,
            .error = (unsigned long)frame->error,
            .ip = (unsigned long)frame->ip,
            .cr2 = read_cr2(),
        };
        recover_jump(&catcher.landing, 1);
    }
    trap_print(frame, "  # ");
    report_crash("an exception, see above");
}

struct trap_caught trap_catch(void (*fn)(void *), void *arg)
{
    catcher.seen = (struct trap_caught){.caught = false};
    catcher.apic_id = cpu_initial_apic_id();
    if (recover_point(&catcher.landing) == 0) {
        catcher.armed = true;
        fn(arg);
        catcher.armed = false;
    }
    return catcher.seen;
}
