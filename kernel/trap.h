/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KERNEL_TRAP_H
#define KERNEL_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/trap.h"

/* Vectors this kernel hands out. */
#define VECTOR_SCI      0x41
#define VECTOR_TEST     0x50 /* free for tests: 0x50..0x5f */
#define VECTOR_WAKE     0xf0 /* IPI: look at your work */
#define VECTOR_SPURIOUS 0xff

/* Builds the kernel's IDT (once, on the BSP). */
void trap_init(void);

/* Loads the kernel's IDT on this CPU. */
void trap_load(void);

typedef void (*irq_handler)(struct trap_frame *frame);

/* Installs a handler for vector on all CPUs; NULL removes it. The handler sends EOI itself. */
void irq_set_handler(uint8_t vector, irq_handler handler);

/*
 * Enables interrupts and waits for one, in one go: one that comes, even if an SMI made it come
 * too early, is not slept through. For a loop that looks for its event with IF = 0.
 */
void trap_sleep(void);

/* What trap_catch() saw. */
struct trap_caught {
    bool caught;
    unsigned int vector;
    unsigned long error;
    unsigned long ip;
    unsigned long cr2;
};

/*
 * Runs fn(arg) on this CPU and returns what exception ended it; caught is false
 * if fn returned. Interrupts stay as they are. One at a time per machine.
 */
struct trap_caught trap_catch(void (*fn)(void *), void *arg);

#endif
