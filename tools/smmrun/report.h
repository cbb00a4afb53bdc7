/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the user sees while tests run, and the files for machines afterwards. */
#ifndef SMMRUN_REPORT_H
#define SMMRUN_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "tools/smmrun/plan.h"

struct report;

/* One way to show a run; job is complete when finished() is called. NULL: nothing to show. */
struct report_style {
    void (*begin)(struct report *r);
    void (*started)(struct report *r, const struct job *job);
    void (*finished)(struct report *r, const struct job *job);
    void (*end)(struct report *r, int signal);
};

struct report {
    const struct report_style *style;
    const struct plan *plan;
    const struct options *options;
    FILE *out;
    size_t done;
    size_t next; /* TAP: index of the job whose line is next */
    const struct job *running[1024];
    size_t n_running;
    bool colour;
};

extern const struct report_style report_tap, report_tty, report_brief;

/* Chooses the style: TAP if asked for or if standard output is no terminal. */
void report_begin(struct report *r, const struct plan *plan, const struct options *options);
void report_started(struct report *r, const struct job *job);
void report_finished(struct report *r, const struct job *job);
/* signal: what ended the run early, 0: nothing. */
void report_end(struct report *r, int signal);

/* The last line: "N passed, N failed, N skipped", and errors if there are any. */
void report_counts(FILE *out, json_t *results);

/* Whether standard output is a terminal and nobody objects to colours (no-color.org). */
bool report_in_colour(void);

/* Whether the checks of a job are shown one by one. */
bool report_shows_checks(const struct report *r, const struct job *job);

/* Files made from a result document (results.h) as text, to be freed. */
char *report_junit(json_t *results);
char *report_html(json_t *results);

#endif
