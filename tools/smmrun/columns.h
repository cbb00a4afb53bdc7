/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A result document as a grid: a column a configuration, a row a test. */
#ifndef SMMRUN_COLUMNS_H
#define SMMRUN_COLUMNS_H

#include <jansson.h>

#include "tools/smmrun/ktap.h"
#include "tools/smmrun/util.h"

enum { HEAD_QEMU, HEAD_MACHINE, HEAD_ARCH, HEAD_ACCEL, HEADS };

struct column {
    json_t *run;
    json_t *tests;     /* id to array of test objects, one for each repetition */
    char *head[HEADS]; /* QEMU's version, machine type, architecture, accelerator */
    char *label;       /* what tells it from the other columns, "" if it is the only one */
    bool idle;         /* nothing ran there: all tests were skipped */
    char *legend;      /* the binary, if only that tells it from another column, else NULL */
};

struct grid {
    struct column *column;
    size_t columns;
    bool varies[HEADS]; /* columns differ in it */
    struct strings ids; /* of all tests, in the order of their appearance */
};

/* What one test did in one configuration. */
struct cell {
    enum status status; /* the worst of all repetitions, STATUS_NONE: no result */
    size_t times, of;   /* repetitions with that status, and all */
    json_t *test;       /* the first with that status, NULL: none */
};

/* The document has to outlive the grid, which is to be freed. */
struct grid grid_of(json_t *results);
void grid_free(struct grid *g);

struct cell grid_cell(const struct grid *g, size_t column, const char *id);

/* Status of a check in a column, STATUS_NONE if it was not made there. */
enum status grid_check(const struct grid *g, size_t column, const char *id, const char *check);

/* Statuses that are no skip: do they differ between columns? */
bool statuses_differ(const enum status *status, size_t n);

/* Whether a test is worth a row: it failed somewhere unexpectedly, or columns differ. */
bool grid_interesting(const struct grid *g, const char *id);

/* Ids of the checks of a test in all columns, in order of appearance; to be freed. */
struct strings grid_checks(const struct grid *g, const char *id);

#endif
