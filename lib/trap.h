/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LIB_TRAP_H
#define LIB_TRAP_H

#include <stdint.h>

/* What lib/trap.inc pushes, lowest address first; the tail is the CPU's own frame. */
struct trap_frame {
#ifdef __x86_64__
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
    uint64_t bp, di, si, dx, cx, bx, ax;
    uint64_t vector, error;
    uint64_t ip, cs, flags, sp, ss;
#else
    uint32_t di, si, bp, sp_at_pushad, bx, dx, cx, ax;
    uint32_t vector, error;
    uint32_t ip, cs, flags;
#endif
};

/* One IDT gate (Intel SDM vol. 3, 6.11 and 6.14.1). */
struct idt_gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t ist;
    uint8_t type;
    uint16_t offset_mid;
#ifdef __x86_64__
    uint32_t offset_high;
    uint32_t reserved;
#endif
} __attribute__((packed));

/* Operand of LIDT/LGDT. */
struct descriptor_pointer {
    uint16_t limit;
    uintptr_t base;
} __attribute__((packed));

#define IDT_VECTORS 256

/* Fills idt[0..255] with interrupt gates to entries[] through code selector cs. */
void idt_fill(struct idt_gate *idt, const uintptr_t *entries, uint16_t cs);

/* "#PF" and the like; "" for vectors without a name (Intel SDM vol. 3, Table 6-1). */
const char *trap_name(unsigned int vector);

/*
 * Prints vector, error code, RIP, CR2, control registers and general registers
 * to COM1, every line behind prefix.
 */
void trap_print(const struct trap_frame *f, const char *prefix);

#endif
