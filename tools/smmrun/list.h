/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SMMRUN_LIST_H
#define SMMRUN_LIST_H

#include "tools/smmrun/plan.h"

/*
 * Prints the tests that the options select, each once whatever the architectures:
 * one line each, or with o->spec grouped by the promise. Returns an exit status.
 */
int list_tests(const struct plan *p, const struct options *o);

#endif
