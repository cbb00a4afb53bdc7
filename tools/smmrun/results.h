/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The results of a run as one JSON document (docs/reports.md): what --json writes,
 * --merge reads, and every other report after the run is made from.
 */
#ifndef SMMRUN_RESULTS_H
#define SMMRUN_RESULTS_H

#include <jansson.h>

#include "tools/smmrun/plan.h"

/* Number of results by status. */
struct tally {
    size_t n[STATUS_COUNT];
    size_t tests; /* all of them */
    double seconds;
};

/* The document of a plan that was run. A new object. */
json_t *results_of(const struct plan *p, const struct options *o);

/* The document as text, to be freed. */
char *results_text(json_t *results);

/* Member of an object as a string, "" if there is none. */
const char *text_at(json_t *object, const char *key);

/* Status of a test object. */
enum status status_at(json_t *test);

/* Counts the tests of one run object, or with NULL those of all runs of the document. */
struct tally results_tally(json_t *results, json_t *run);

/* "QEMU 7.2.22, pc-q35-7.2, x86_64, tcg", to be freed. */
char *results_run_name(json_t *run);

/* Whether shards are missing in a merged document. */
bool results_incomplete(json_t *results);

#endif
