/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The witness (witness.asm): an SMM handler in ordinary RAM that writes down the
 * state it was entered with, before anything has changed it. The BSP's SMBASE is
 * moved to it for the length of a test; two of them, so that a second SMI leaves
 * the first one's report and save area alone.
 */
#ifndef TESTS_ENTRY_WITNESS_H
#define TESTS_ENTRY_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "smm/savestate.h"

/* How the handler spoils the registers, and where it executes RSM. */
enum witness_leave {
    WITNESS_REAL,      /* big real mode, as entered */
    WITNESS_PROTECTED, /* 32-bit protected mode without paging */
    WITNESS_LONG,      /* 64-bit mode; x86_64 only */
    WITNESS_GUARDED,   /* big real mode, nothing is spoiled but DR7: GD is set */
};

#ifdef __x86_64__
#define WITNESS_LEAVES 3
#else
#define WITNESS_LEAVES 2
#endif

/* length bytes of value, at offset from the start of the save area. */
struct witness_edit {
    uint16_t offset;
    uint16_t length; /* at most 8; 0 ends the list */
    uint8_t value[8];
} __attribute__((packed));

#define WITNESS_EDITS 8

/*
 * Values that RSM has to replace; bits that must not be set in any mode are 0. DR7 has
 * another value since entry, and QEMU before 8.0 corrupts its memory when a handler
 * writes it while the interrupted code has breakpoints (finding smm-dr7-breakpoints).
 */
struct witness_spoil {
    uint32_t cr0, cr3, cr4, efer, dr6, flags;
};

/* The state at SMBASE + 8000h. */
struct witness_report {
    uint32_t smbase; /* where the handler lies */
    uint32_t count;  /* SMIs taken there; the rest is the last one's */
    uint32_t flags, eip, eip_expected;
    uint16_t cs, ds, es, fs, gs, ss;
    uint32_t gdtr_base, idtr_base;
    uint16_t gdtr_limit, idtr_limit;
    uint16_t ldtr, tr; /* not with WITNESS_REAL */
    uint32_t cr0, cr2, cr3, cr4, dr6, dr7, dr[4];
    uint64_t efer;
    uint32_t smi_count;
    uint32_t written_outside; /* bytes beside the save area, in 512 on each side */
    /* What was read through each segment, and whether writing arrived. */
    uint32_t by[6]; /* ES CS SS DS FS GS */
    bool wrote[6];
    union smm_save save;
};

#define WITNESS_TARGET 0x57494e53U /* what by[] holds when the segment is good */

/*
 * Prepares both witnesses: save areas filled with 0xa5 and 0x5a, reports cleared,
 * SMBASE edits so that the CPU goes from the first to the second and then back to
 * where it was. Needs REQUIRE_SMM() before. edits: for the first one's save area,
 * NULL for none.
 */
void witness_begin(enum witness_leave leave, const struct witness_spoil *spoil,
                   const struct witness_edit *edits);

/* Moves the BSP's SMBASE to the first witness. */
void witness_attend(void);

/* Brings the BSP's SMBASE back, wherever it is. */
void witness_dismiss(void);

void witness_get(unsigned int n, struct witness_report *r);

/* Whether this CPU has IA32_EFER. */
bool witness_cpu_has_efer(void);

/* The save map in use is AMD's 64-bit one. */
bool witness_map_is_amd64(void);

#endif
