/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An AP that stays in SMM while the BSP does something to it. */
#ifndef TESTS_BLOCK_INSIDE_H
#define TESTS_BLOCK_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/smm.h"

/* Raises an SMI on CPU n whose handler calls fn(cpu, arg); does not wait for it. */
void inside_start(uint32_t n, smm_function fn, void *arg);

/* Waits until the handler has returned and the CPU has left SMM; false if not. */
bool inside_wait(uint32_t n, struct smm_run_result *r);

#endif
