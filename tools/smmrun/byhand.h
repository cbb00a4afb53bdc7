/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One test by hand: --print-command and --gdb. */
#ifndef SMMRUN_BYHAND_H
#define SMMRUN_BYHAND_H

#include "tools/smmrun/plan.h"

/* Prints a script for the plan's first job that can run. Returns an exit status. */
int byhand_print(struct plan *p, const struct options *o);

/*
 * Runs that job stopped, for gdb, and prints how to attach and then COM1.
 * Returns an exit status.
 */
int byhand_gdb(struct plan *p, const struct options *o);

#endif
