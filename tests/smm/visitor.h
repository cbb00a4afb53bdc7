/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A handler for one SMI at an SMBASE where no firmware has it. It marks that it ran, and where CS
 * was; the SMBASE that the CPU had before is in force again behind its RSM.
 */
#ifndef TESTS_SMM_VISITOR_H
#define TESTS_SMM_VISITOR_H

#include <stdint.h>

#include "smm/mailbox.h"

/* Offsets from CS base, 16 bit each; zero before the visit. */
#define VISITOR_ENTERED  0x9000U /* SMIs taken there */
#define VISITOR_SELECTOR 0x9004U /* CS */
#define VISITOR_MARKS    6U      /* bytes from VISITOR_ENTERED on that the handler may write */

/* Puts the handler at this address, for a CPU of this SMBASE; the next address behind it. */
uint32_t visitor_put(uint32_t at, uint32_t own);

/* The CPU's SMBASE from the next SMI on. For smm_run_on(), arg: const uint32_t *. */
uint64_t visitor_move(struct smm_cpu *cpu, void *arg);

#endif
