/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known issues: deviations of QEMU that are documented in docs/findings. A failing
 * check that one of them covers is expected (XFAIL), its disappearance is news
 * (XPASS), so that the range of versions gets its end.
 */
#ifndef SMMRUN_KNOWN_H
#define SMMRUN_KNOWN_H

#include "tools/smmrun/needs.h"
#include "tools/smmrun/plan.h"

/* The id that stands for a test whose QEMU died or hung instead of a check. */
#define KNOWN_CHECK_QEMU "qemu"

struct known_entry {
    char *finding;      /* name of the page, without ".md" */
    char *test;         /* id or glob */
    char *check;        /* id or glob, or KNOWN_CHECK_QEMU */
    char *reason;       /* one sentence */
    char *arch, *accel; /* NULL: all */
    struct need_range qemu, machine;
    bool statistical; /* its absence in one run is no surprise */
};

struct known {
    struct known_entry *entry;
    size_t n, cap;
    char *pages; /* folder with the findings' pages */
};

/*
 * Reads tests/known-issues.json: {"issues": [{"finding", "test", "check", "reason", and
 * optionally "qemu", "machine" (">=5.2 <11.1", pc-q35-X.Y likewise), "arch", "accel",
 * "statistical"}]}. Returns NULL, or one sentence on what is wrong, to be freed.
 */
char *known_read(struct known *k, const char *path);
void known_free(struct known *k);

/*
 * NULL if every entry names a test of the records in n sets, else a sentence on
 * the first that does not, to be freed.
 */
char *known_check(const struct known *k, const struct records *sets, size_t n);

/* The sentence on a finding, "" if there is none. */
const char *known_reason(const struct known *k, const char *finding);

/*
 * Text of a finding's page, to be freed; "" without one. Pages are in the folder
 * "findings" beside the list, or in ../docs/findings as in the source tree.
 */
char *known_page(const struct known *k, const char *finding);

/* Turns FAIL into XFAIL, PASS or XFAIL into XPASS, where the entries say so; adds the finding. */
void known_apply(const struct known *k, struct job *job);

#endif
