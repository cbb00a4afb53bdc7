/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SMMRUN_NOTRUN_H
#define SMMRUN_NOTRUN_H

#include "tools/smmrun/columns.h"

/*
 * Appends what was not run and why: configurations that were asked for, then the
 * reasons for skips with the number of tests and the columns. all: the tests too.
 */
void notrun_add(struct text *out, const struct grid *g, json_t *results, bool all);

#endif
