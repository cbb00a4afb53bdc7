/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handler for a CPU's first SMI, at the default SMBASE: relocates the SMBASE
 * of boot CPUs and of hot-added ones. One CPU passes at a time, as all of them
 * share one save area; the gate says which.
 */
#ifndef SMM_RELOCATE_H
#define SMM_RELOCATE_H

#include <stdint.h>

#define RELOCATE_CONTEXT_OFFSET 0x400U /* behind the entry point, in the handler's page */
#define NOOP_BODY_OFFSET        0x300U /* of noop_start's code behind its first jump */
#define RELOCATE_SIZE           0x480U /* code and context */

/*
 * What the gate lets through. A CPU whose saved state is the reset vector took
 * the SMI while it waited for SIPI; its RSM would start the firmware, so it is
 * held in SMM until INIT takes it out of there (or force is set). Intel SDM
 * vol. 3, 34.2 has such an SMI pending until SIPI, and then no CPU is held.
 */
enum relocate_gate {
    RELOCATE_CLOSED, /* every other CPU returns at once: the no-operation handler */
    RELOCATE_OPEN,   /* the CPU with apic_id is relocated, others wait */
};

struct relocate_context {
    volatile uint32_t gate;
    volatile uint32_t apic_id;
    volatile uint32_t smbase; /* for that CPU; 0: leave it alone (a deliberate fault) */
    volatile uint32_t force;
    /* Counts, made by the handler. */
    volatile uint32_t entered;   /* SMIs taken here */
    volatile uint32_t parked;    /* ... with the reset vector in the save state */
    volatile uint32_t relocated; /* SMBASE written, about to leave with RSM */
    volatile uint32_t passed;    /* left without being relocated: no-operation */
};

/* Code to copy to SMBASE + 8000h; position independent. */
extern const uint8_t relocate_start[], relocate_end[];
/*
 * The same for the no-operation handler. It counts entered, parked and passed, and
 * holds a CPU that waited for SIPI until INIT takes it out, come what may.
 */
extern const uint8_t noop_start[], noop_end[];

/* The context in the copy for this SMBASE. */
static inline struct relocate_context *relocate_context_at(uint32_t smbase)
{
    return (struct relocate_context *)(uintptr_t)(smbase + 0x8000 + RELOCATE_CONTEXT_OFFSET);
}

#endif
