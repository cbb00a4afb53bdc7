/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory accesses, code fetches and SMIs in other CPU modes than the kernel's: real mode, protected
 * mode with and without paging, long mode. What to do is a list of steps, for the CPU outside SMM
 * and for its SMI handler. Source of the modes: Intel SDM vol. 3, "Protected-Mode Memory
 * Management", "Paging", "Mode Switching", 20.1 (real-address mode).
 */
#ifndef TESTS_TLB_MODES_H
#define TESTS_TLB_MODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Low memory; modes.inc has the same numbers. */
#define MODES_CODE  0x0a000U
#define MODES_DATA  0x0c000U
#define MODES_OUTER 0x0c400U /* struct step[MODES_STEPS] */
#define MODES_INNER 0x0c800U
#define MODES_IDT   0x0d000U /* real mode's; then that of the SMI handler, then the others */
#define MODES_STEPS 16U

/* The SMBASE of the CPU that runs steps: ordinary RAM, below 1 MiB. */
#define TLB_SMBASE 0x20000U

enum step_op {
    STEP_END,     /* in the SMI handler: RSM */
    STEP_READ,    /* 4 bytes at address into value */
    STEP_WRITE,   /* value, 4 bytes */
    STEP_EXECUTE, /* a far call (a near one in SMM): value is EAX afterwards, 0 before */
    STEP_SMI,     /* value to APM_CNT */
    STEP_A20,     /* value to port 92h, bit 1: 0 masks address bit 20 */
    /* In SMM only */
    STEP_PE,        /* CR0.PE on and off */
    STEP_CR4,       /* CR4.PSE flipped */
    STEP_PAGING,    /* value to CR3, then CR4.PSE and CR0.PG and PE on */
    STEP_NO_PAGING, /* CR0.PG and PE off */
};

struct step {
    uint32_t op;
    uint32_t address;
    uint32_t value;
    uint32_t exception; /* vector + 1 of the exception that ended it; 0: none */
};

/* How the code is run; order as in modes.inc. */
enum mode_kind {
    KIND_REAL,     /* segments of 64 KiB: addresses below 1 MiB only */
    KIND_BIG_REAL, /* data segments of 4 GiB */
    KIND_PROTECTED16,
    KIND_32,
    KIND_COMPATIBLE, /* 32-bit code in long mode */
    KIND_64,
};

enum paging {
    PAGING_NONE,
    PAGING_32_4K,
    PAGING_32_4M, /* PSE */
    PAGING_PAE_4K,
    PAGING_PAE_2M,
    PAGING_LONG_4K,
    PAGING_LONG_2M,
    PAGING_LONG_1G,
};

struct mode {
    char name[44];
    uint8_t kind;   /* enum mode_kind */
    uint8_t paging; /* enum paging */
    bool global;    /* all pages are global (G, CR4.PGE) */
    uint32_t cr4;   /* more bits for CR4 */
};

/* Lists under construction: outside and in SMM. */
struct steps {
    uint32_t outer_count, inner_count;
    struct step outer[MODES_STEPS];
    struct step inner[MODES_STEPS];
};

/* Index of the new step; a list ends by itself. */
uint32_t steps_outer(struct steps *s, enum step_op op, uint32_t address, uint32_t value);
uint32_t steps_inner(struct steps *s, enum step_op op, uint32_t address, uint32_t value);

/* The bytes of a function for STEP_EXECUTE that returns MODES_COOKIE in EAX: 16 of them. */
#define MODES_COOKIE 0x5eU
void mode_code(const struct mode *m, bool in_smm, uint8_t *code);

/* Can this CPU be put into the mode? */
bool mode_supported(const struct mode *m);

/* Puts code and tables into low memory, the SMI handler included; once per boot. */
void modes_init(void);

/* Page tables for the mode that map everything below 4 GiB to itself, 0 for PAGING_NONE. With 4 KiB
 * pages, only the 4 MiB around the three addresses are mapped. Tables lie where address bit 20 is
 * 0. */
uint32_t mode_page_tables(const struct mode *m, const uint32_t *addresses);

/* Their memory may be used again. */
void mode_forget_page_tables(void);

/* Runs the steps on CPU n (kernel/smp.h), whose SMBASE must be TLB_SMBASE, and reads back what
 * became of them. false: the CPU did not come back. */
bool mode_run(uint32_t n, const struct mode *m, uint32_t page_tables, struct steps *s);

/* Moves CPU n's SMBASE to TLB_SMBASE, for good. */
void mode_take_smbase(uint32_t n);

#endif
