/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reader of the kernel's report on COM1 (docs/architecture.md, "COM1: the report"). */
#ifndef SMMRUN_KTAP_H
#define SMMRUN_KTAP_H

#include "tools/smmrun/util.h"

/* XFAIL and XPASS are for a list of known issues: a failure, or its absence, that is on it. */
enum status { STATUS_NONE, PASS, FAIL, SKIP, XFAIL, XPASS, ERROR, STATUS_COUNT };

/* "pass", "fail", ... as in the JSON report. */
const char *status_name(enum status status);
/* The status of that name, STATUS_NONE if there is none. */
enum status status_parse(const char *name);

/* One check: an indented "ok" or "not ok" line. */
struct check {
    char *id;
    char *sentence;
    enum status status; /* PASS, FAIL, SKIP or ERROR */
    char *reason;       /* of SKIP and ERROR, else "" */
    char *diagnostics;  /* the lines before it without "# ", "" if there are none */
};

/* One test: an "ok" or "not ok" line without indentation. */
struct ktap_test {
    char *id;
    enum status status;
    char *reason;
    size_t first_check, checks; /* its part of check[] */
};

struct ktap {
    struct text partial; /* a line whose end has not come yet */
    size_t line;         /* number of the last complete line */
    char *last_line;     /* not empty; NULL: none */
    bool header;
    bool restarted; /* the header came a second time */
    char *problem;  /* the first thing that does not belong, NULL: none */
    bool has_plan, has_subplan;
    unsigned long plan, subplan;
    struct check *check;
    size_t checks, checks_cap;
    struct ktap_test *test;
    size_t tests, tests_cap;
    struct text diagnostics; /* not yet followed by the line they belong to */
    char *banner;            /* the first diagnostic at the top: kernel and machine */
    enum status verdict;     /* of the last line; STATUS_NONE: it has not come */
    unsigned long counts[4]; /* in it: passed, failed, skipped, errors */
};

/* Starts as all zero; data comes in pieces of any size. */
void ktap_feed(struct ktap *k, const char *data, size_t len);
void ktap_free(struct ktap *k);

/* The result of the test with this id, NULL if there is none. */
const struct ktap_test *ktap_find(const struct ktap *k, const char *id);

/* The part that is one test's, in a report of its own; to be freed. */
void ktap_extract(const struct ktap *k, const struct ktap_test *t, struct ktap *one);

/* Number of checks with this status. */
size_t ktap_count(const struct ktap *k, enum status status);

/* NULL if the report is whole, else what is missing or contradictory, to be freed. */
char *ktap_incomplete(const struct ktap *k);

#endif
