/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How SMRAM is divided, and what every CPU owns in it.
 *
 * SMRAM holds, from its base: the SMM image, its page tables, and one tile of
 * 8 KiB per CPU. A tile begins with the entry stub at SMBASE + 8000h; behind it
 * lie struct smm_cpu and the stack. Tiles are packed closer than SMBASEs demand:
 * the save area at SMBASE + FE00h is the end of the tile three further on.
 */
#ifndef SMM_CPU_H
#define SMM_CPU_H

#include <stdint.h>

#include "lib/recover.h"
#include "smm/savestate.h"

#define SMM_TILE_SIZE       0x2000U
#define SMM_TILE_CPU_OFFSET 0x100U  /* struct smm_cpu in the tile */
#define SMM_TILE_STACK_TOP  0x1e00U /* below: this CPU's stack; from here: a save area */
/* Tiles behind the last CPU's own that its save area may lie in. */
#define SMM_TILE_TAIL ((SMM_SAVE_OFFSET - SMM_ENTRY_OFFSET) / SMM_TILE_SIZE)

_Static_assert((SMM_SAVE_OFFSET - SMM_ENTRY_OFFSET) % SMM_TILE_SIZE == SMM_TILE_STACK_TOP,
               "a save area ends its tile");

/* Operands of the entry stub, then what the C code keeps for this CPU. */
struct smm_cpu {
    uint32_t tile;     /* linear = physical address of the tile */
    uint32_t cr3;      /* SMM's page tables */
    uint32_t cr4;      /* PAE */
    uint32_t efer;     /* LME and NXE as the CPU has them; 0: no EFER */
    uint32_t entry;    /* far pointer for the stub: offset, ... */
    uint16_t entry_cs; /* ... selector */
    uint16_t gdtr_limit;
    uint32_t gdtr_base;
    uint32_t stack_top;
    uint32_t leave; /* far pointer to the stub's way out, i386 only */
    uint16_t leave_cs;
    uint16_t padding;
    uint32_t outer_efer[2]; /* the interrupted code's, low and high half */

    uint32_t apic_id;
    uint32_t smbase;
    uint32_t index;      /* in the registry */
    uint32_t registered; /* 0: the tile is free again, its CPU was unplugged */

    volatile uint32_t leaving; /* the monarch is about to eject this CPU */
    volatile uint32_t held;    /* it sleeps in SMM and waits for that */

    volatile uint32_t catching; /* an exception goes to landing, not to the report */
    uint32_t caught_vector;
    unsigned long caught_ip;
    struct recover landing;
};

_Static_assert(sizeof(struct smm_cpu) <= 0x100, "stack begins behind it");

static inline union smm_save *smm_cpu_save(const struct smm_cpu *cpu)
{
    return (union smm_save *)(uintptr_t)(cpu->smbase + SMM_SAVE_OFFSET);
}

#endif
