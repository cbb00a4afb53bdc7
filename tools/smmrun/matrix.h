/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --matrix: one table of a result document, for a terminal. */
#ifndef SMMRUN_MATRIX_H
#define SMMRUN_MATRIX_H

#include <jansson.h>
#include <stdbool.h>

/*
 * The table as text, to be freed: tests that failed or differ between columns, with
 * the checks they differ in; counts; failures; and what was not run, with reasons.
 * all: every test, and the tests that were skipped by name.
 */
char *matrix_text(json_t *results, bool all, bool colour);

#endif
