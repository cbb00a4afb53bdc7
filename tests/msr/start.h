/* SPDX-License-Identifier: GPL-2.0-or-later */
/* APs by INIT and SIPI, seen by the start witness (start.asm). */
#ifndef TESTS_MSR_START_H
#define TESTS_MSR_START_H

#include <stdbool.h>
#include <stdint.h>

#define START_MSRS 24

/* What a CPU found at its SIPI vector. */
struct start_report {
    uint32_t gpr[8];     /* AX CX DX BX SP BP SI DI */
    uint16_t segment[6]; /* ES CS SS DS FS GS */
    uint32_t flags;
    uint16_t ip; /* of the first instruction */
    uint16_t gdtr_limit, idtr_limit;
    uint32_t gdtr_base, idtr_base;
    uint32_t cr[4]; /* CR0, 2, 3, 4 */
    uint32_t dr[6]; /* DR0 to 3, 6, 7 */
    uint64_t msr[START_MSRS];
    uint64_t xcr0;
    uint8_t fx[512];   /* FXSAVE */
    uint32_t apic[64]; /* [n]: the register at n * 16 */
};

/*
 * Puts the start witness into the page of this SIPI vector. msrs: count numbers of
 * MSRs that it reads.
 */
void start_prepare(uint8_t vector, const uint32_t *msrs, unsigned int count);

/* CPUs that the witness in this page has seen. */
uint32_t start_arrived(uint8_t vector);

void start_get(uint8_t vector, struct start_report *r);

/*
 * Checks registers, isr, tmr and irr: the local APIC is in its state after reset (Intel SDM vol. 3,
 * 10.4.7.1), but for the APIC id and ESR, which are the caller's to judge.
 */
void start_expect_apic_reset(const struct start_report *r);

/*
 * Sends INIT and SIPI to CPU n, and waits until the witness has seen it; false if it
 * does not come. The kernel has lost that CPU then, see start_return().
 */
bool start_cpu(uint32_t n, uint8_t vector);

/* Gives the CPU back to the kernel: its new number. Ends the test if it does not come. */
uint32_t start_return(uint32_t n);

#endif
