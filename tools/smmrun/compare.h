/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --compare: two QEMUs, and only what differs between them. */
#ifndef SMMRUN_COMPARE_H
#define SMMRUN_COMPARE_H

#include <jansson.h>

/* Member of a run: 0 for the first QEMU, 1 for the second. */
#define COMPARE_SIDE "side"

/*
 * Compares the runs of a result document whose COMPARE_SIDE differs, pair by pair,
 * and adds to the document: "compared": {"differ", "agree", "not_compared"}, numbers
 * of tests, and "differences": [{"id", "machine", "arch", "accel", "a", "b",
 * "checks": [{"id", "a", "b", "diagnostics"}]}]. What QEMU does counts, not what is
 * expected: a known deviation is a failure here.
 */
void compare_add(json_t *results);

/* The differences as text, to be freed. */
char *compare_text(json_t *results);

/* 1: something differs; 0: nothing; 77: nothing could be compared; 99: tests were errors. */
int compare_status(json_t *results);

#endif
