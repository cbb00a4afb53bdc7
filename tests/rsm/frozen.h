/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU 1 standing still with a value of its own in every register (frozen.asm). */
#ifndef TESTS_RSM_FROZEN_H
#define TESTS_RSM_FROZEN_H

#include <stdint.h>

#include "kernel/host.h"

/* Sends CPU n there, for good: only INIT or a reset ends it. */
void frozen_begin(uint32_t n);

/*
 * CPU 1's part of the host's list of registers, in answer (HOST_ANSWER_MAX bytes); needs
 * host=hmp. Ends the test as ERROR if there is none.
 */
const char *frozen_registers(char *answer);

/* The same as soon as the CPU stands still; ends the test as ERROR if it never does. */
const char *frozen_settle(char *answer);

/* Checks two such lists line by line; the sentence of its check. */
void frozen_compare(const char *was, const char *is, const char *sentence);

#endif
