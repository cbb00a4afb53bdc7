/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What survives a machine reset. RAM keeps its contents over a reset of QEMU's
 * machine, so the running state of the report lies at a fixed physical address
 * outside the image, guarded by a magic number and a checksum.
 */
#ifndef KERNEL_PERSIST_H
#define KERNEL_PERSIST_H

#include <stdbool.h>
#include <stdint.h>

#define PERSIST_WORDS 16

enum persist_phase { PERSIST_IDLE, PERSIST_IN_TEST };

struct persist {
    uint32_t magic;
    uint32_t sum; /* of everything behind it */
    uint32_t phase;
    uint32_t test_position; /* of the running test among the planned ones, from 0 */
    uint32_t boots;         /* of the running test: 1 in its first boot */
    uint32_t reset_announced;
    uint32_t passed, failed, skipped, errors; /* tests done */
    uint32_t checks, checks_failed;           /* lines of the running test */
    uint64_t word[PERSIST_WORDS];             /* for the running test */
};

extern struct persist persist;

/* Loads the saved state; false (and an idle state) unless a test was running. */
bool persist_load(void);

/* Writes the state back; call after every change that must survive. */
void persist_save(void);

/* Forgets the saved state, so that the next boot is a first one. */
void persist_clear(void);

#endif
