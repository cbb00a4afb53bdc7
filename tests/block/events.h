/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events that an SMI handler provokes, and the order and place in which they arrive.
 * Everything happens on the BSP: it sends itself SMI, NMI and a fixed interrupt by
 * the ICR, with its own APIC id and no shorthand (Intel SDM vol. 3, Table 10-3).
 */
#ifndef TESTS_BLOCK_EVENTS_H
#define TESTS_BLOCK_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/smm.h"
#include "kernel/trap.h"

#define VECTOR_NMI 2

enum event { EVENT_SMI, EVENT_NMI, EVENT_INTR, EVENTS };

/* What has arrived. count[EVENT_SMI] counts calls of the armed function in SMM. */
struct event_log {
    uint32_t count[EVENTS];
    uint64_t ip[EVENTS];       /* of the instruction that was interrupted, the last time */
    uint32_t position[EVENTS]; /* 1: the first event of all, ... */
    uint32_t events;
    uint32_t smi_count_in, smi_count_out; /* MSR_SMI_COUNT before and after provoking */
    uint64_t first_ip;                    /* saved by the SMI whose handler provoked the others */
};

extern struct event_log events;

/* What the handler sends to its own CPU, in the order INTR, NMI, SMI. */
struct provoke {
    uint32_t smi, nmi, intr; /* how many of each */
    bool apm;                /* the SMIs come by APM_CNT, not by the ICR */
};

/* Clears the log and installs handlers for NMI and VECTOR_TEST. */
void events_begin(void);
void events_end(void);

/* Writes an event down; from SMM, too. */
void events_note(enum event e, uint64_t ip);

/*
 * Raises an SMI on this CPU, whose handler sends what *p says and returns. Any
 * further SMI is noted as EVENT_SMI. Result of smm_run_on() for the first one.
 */
struct smm_run_result events_provoke(const struct provoke *p);

/* Same, and then runs more(arg) in the same SMI. */
struct smm_run_result events_provoke_and(const struct provoke *p, smm_function more, void *arg);

/* On this CPU, outside SMM or inside. */
void events_send(const struct provoke *p);

/* Clears GIF: SMIs, NMIs and interrupts are held. */
static inline void clgi(void)
{
    __asm__ volatile("clgi" : : : "memory");
}

/* Sets GIF, and lets what it has held come (AMD APM vol. 2, 15.17). */
static inline void stgi(void)
{
    __asm__ volatile("stgi; jmp 1f; 1: jmp 2f; 2:" : : : "memory");
}

#endif
