/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instruction fetches against the model: single instructions of 1, 2, 4 and 8 bytes. */
#ifndef TESTS_SMRAM_FETCHES_H
#define TESTS_SMRAM_FETCHES_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/smram/model.h"

/* Bytes of the instruction of this width; it writes to the cell that a fetch is about. */
void fetch_code(uint32_t width, uint8_t *code);

enum fetched {
    FETCH_RAN,   /* that instruction, all of it */
    FETCH_ONES,  /* #UD at its first byte, as FFh FFh gives */
    FETCH_OTHER, /* something else */
};

/*
 * Single-steps the instruction of this width at the address, outside SMM or in it. What may lie
 * there instead must be no harm as one instruction whose registers all point to free memory: FFh,
 * 0 or FETCH_FILLER.
 */
enum fetched fetch_run(enum view view, uint32_t address, uint32_t width);

/* FFh and this: inc eax. */
#define FETCH_FILLER 0xc0U

const char *fetched_name(enum fetched f);

#endif
