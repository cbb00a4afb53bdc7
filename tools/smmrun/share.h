/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --share: tests that leave the machine as it was (those without boot=own) and need the same
 * one run in one boot, one after the other.
 */
#ifndef SMMRUN_SHARE_H
#define SMMRUN_SHARE_H

#include "tools/smmrun/options.h"
#include "tools/smmrun/plan.h"

/* Tests in a boot at most: if it ends early they all run once more. Their ids fit into the kernel's
 * command line (struct cmdline in kernel/cmdline.h). */
#define SHARE_MAX     20
#define SHARE_IDS_MAX 900

struct batch {
    struct job *member[SHARE_MAX];
    size_t n;
    char *ids;      /* of all, as for test= */
    struct job job; /* stands for them: needs as theirs, with time for all; has the boot's result */
};

/*
 * Fills *b with jobs of the plan that first can share a boot with, itself included, and marks them
 * as batched; false if that is nobody but first. To be freed.
 */
bool share_gather(struct batch *b, struct plan *p, const struct options *o, struct job *first);

/*
 * After the boot: moves the members to the front that have to run alone, and returns their number.
 * The others have passed, and have their results. A boot that went wrong says nothing on any test.
 */
size_t share_split(struct batch *b);

void share_free(struct batch *b);

#endif
