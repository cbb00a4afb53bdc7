/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs the jobs of a plan, several at a time. */
#ifndef SMMRUN_RUN_H
#define SMMRUN_RUN_H

#include "tools/smmrun/report.h"

/*
 * Runs every job that has no status yet. Returns 0, or the signal that ended it
 * early; no process is left either way. gdb_port: see struct machine_setup.
 */
int run_plan(struct plan *p, const struct options *o, struct report *r, unsigned int gdb_port);

/* The exit status for n[status] results; bisect: for "git bisect run". */
int exit_status(const size_t *n, bool bisect);

/* The exit status for a plan that has run to its end. */
int run_status(const struct plan *p, const struct options *o);

#endif
