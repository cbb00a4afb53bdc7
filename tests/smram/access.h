/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory accesses as data, so that the same ones can be made by a CPU outside SMM, in SMM, and by
 * a device. */
#ifndef TESTS_SMRAM_ACCESS_H
#define TESTS_SMRAM_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/smram/model.h"

#ifdef __x86_64__
#define ACCESS_WIDEST 8U
#else
#define ACCESS_WIDEST 4U
#endif
/* A device's transfer has any length; this is the longest one here. */
#define ACCESS_BYTES 8U

struct access {
    uint32_t address;
    uint32_t width; /* bytes: a power of 2 */
    bool write;
    bool refused;                /* the device was told that nobody answers there */
    uint8_t value[ACCESS_BYTES]; /* to write, or what was read */
};

#define ACCESS_MAX 64

struct access_list {
    uint32_t count;
    struct access access[ACCESS_MAX];
};

/* Appends; value NULL: a read. */
void access_add(struct access_list *l, uint32_t address, uint32_t width, const uint8_t *value);

/* Makes all of them, in their order.  A device reads 8 bytes at a time, no less. */
void access_run(enum view view, struct access_list *l);

/* The same on CPU n, outside SMM or in it. */
void access_run_on(uint32_t n, enum view view, struct access_list *l);

#endif
