/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/trap.h"

#include <stdarg.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/uart.h"
#include "lib/printf.h"

#define GATE_PRESENT_INTERRUPT 0x8e

void idt_fill(struct idt_gate *idt, const uintptr_t *entries, uint16_t cs)
{
    for (unsigned int i = 0; i < IDT_VECTORS; i++) {
        idt[i] = (struct idt_gate){
            .offset_low = (uint16_t)entries[i],
            .selector = cs,
            .type = GATE_PRESENT_INTERRUPT,
            .offset_mid = (uint16_t)(entries[i] >> 16),
#ifdef __x86_64__
            .offset_high = (uint32_t)(entries[i] >> 32),
#endif
        };
    }
}

const char *trap_name(unsigned int vector)
{
    static const char names[][4] = {
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "",    "#TS",
        "#NP", "#SS", "#GP", "#PF", "",    "#MF", "#AC", "#MC", "#XM", "#VE", "#CP",
    };

    return vector < sizeof(names) / sizeof(names[0]) ? names[vector] : "";
}

static void line(const char *prefix, const char *format, ...)
{
    char text[200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    uart_puts(UART_COM1, prefix);
    uart_puts(UART_COM1, text);
    uart_puts(UART_COM1, "\n");
}

void trap_print(const struct trap_frame *f, const char *prefix)
{
    line(prefix, "exception %u (%s) error %#lx at %#lx, CS %#lx, flags %#lx",
         (unsigned int)f->vector, trap_name((unsigned int)f->vector), (unsigned long)f->error,
         (unsigned long)f->ip, (unsigned long)f->cs, (unsigned long)f->flags);
    line(prefix, "CR0 %#lx CR2 %#lx CR3 %#lx CR4 %#lx APIC id %u", (unsigned long)read_cr0(),
         (unsigned long)read_cr2(), (unsigned long)read_cr3(), (unsigned long)read_cr4(),
         cpu_initial_apic_id());
    line(prefix, "AX %#lx BX %#lx CX %#lx DX %#lx", (unsigned long)f->ax, (unsigned long)f->bx,
         (unsigned long)f->cx, (unsigned long)f->dx);
    line(prefix, "SI %#lx DI %#lx BP %#lx", (unsigned long)f->si, (unsigned long)f->di,
         (unsigned long)f->bp);
#ifdef __x86_64__
    line(prefix, "R8 %#lx R9 %#lx R10 %#lx R11 %#lx SP %#lx", (unsigned long)f->r8,
         (unsigned long)f->r9, (unsigned long)f->r10, (unsigned long)f->r11, (unsigned long)f->sp);
    line(prefix, "R12 %#lx R13 %#lx R14 %#lx R15 %#lx", (unsigned long)f->r12,
         (unsigned long)f->r13, (unsigned long)f->r14, (unsigned long)f->r15);
#endif
}
