/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The test records in a kernel.elf (include/testinfo.h). */
#ifndef SMMRUN_RECORD_H
#define SMMRUN_RECORD_H

#include "include/testinfo.h"
#include "tools/smmrun/util.h"

struct records {
    struct testinfo *test; /* in the order of the ELF file */
    size_t n;
};

/*
 * Reads and checks all records of the file at path, to be freed. Returns NULL, or
 * one sentence on what is wrong, to be freed.
 */
char *records_read(struct records *records, const char *path);
void records_free(struct records *records);

/* The record with this id, NULL if there is none. */
const struct testinfo *records_find(const struct records *records, const char *id);

#endif
