/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which QEMU binary runs which kernel. */
#ifndef SMMRUN_PAIRS_H
#define SMMRUN_PAIRS_H

#include "tools/smmrun/plan.h"

/* A binary and the kernel it is to run. */
struct pair {
    char *path; /* to be freed */
    const struct kernel *kernel;
    size_t side; /* which of the QEMUs that were named, from 0 */
};

struct pairs {
    struct pair item[256];
    size_t n;
};

/*
 * Finds the QEMUs that were named, or those in PATH. Returns 0, or the exit status
 * of the sentence that was printed.
 */
int pairs_find(struct plan *p, const struct options *o, struct pairs *pairs);

#endif
