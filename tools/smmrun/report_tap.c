/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TAP version 13, in the order of the plan; checks as indented lines, which TAP ignores. */
#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/report.h"
#include "tools/smmrun/util.h"

/* Every line of s behind prefix. */
static void print_lines(FILE *out, const char *prefix, const char *s)
{
    while (*s) {
        size_t n = strcspn(s, "\n");

        fprintf(out, "%s%.*s\n", prefix, (int)n, s);
        s += n + (s[n] == '\n');
    }
}

static void begin(struct report *r)
{
    fprintf(r->out, "TAP version 13\n1..%zu\n", r->plan->jobs);
    for (size_t i = 0; i < r->plan->configs; i++) {
        const struct config *c = &r->plan->config[i];

        fprintf(r->out, "# %s: %s, %s, %s, accel %s\n", *c->label ? c->label : "machine",
                c->qemu->version_text, c->machine, c->arch, c->accel);
    }
    for (size_t i = 0; i < r->plan->notes.n; i++)
        print_lines(r->out, "# ", r->plan->notes.item[i]);
    for (size_t i = 0; i < r->plan->not_run.n; i++) {
        fputs("# not run: ", r->out);
        print_lines(r->out, "", r->plan->not_run.item[i]);
    }
}

static void print_checks(const struct report *r, const struct job *job)
{
    const struct ktap *k = &job->result.ktap;

    for (size_t i = 0; i < k->checks; i++) {
        const struct check *c = &k->check[i];

        fprintf(r->out, "    %sok %zu - %s%s%s",
                c->status == PASS || c->status == SKIP ? "" : "not ", i + 1, c->id,
                *c->sentence ? " " : "", c->sentence);
        if (c->status == SKIP)
            fprintf(r->out, " # SKIP %s", c->reason);
        fputc('\n', r->out);
        print_lines(r->out, "    # ", c->diagnostics);
    }
}

static void print_explanation(const struct report *r, const struct job *job, bool checks)
{
    const struct result *result = &job->result;

    fprintf(r->out, "# %s: %s\n", status_name(result->status), result->reason);
    for (size_t i = 0; i < result->ktap.checks && !checks; i++) {
        if (result->ktap.check[i].status == FAIL)
            print_lines(r->out, "# ", result->ktap.check[i].diagnostics);
    }
    /* What came last and belongs to no check: a report that broke off. */
    print_lines(r->out, "# ", text_str(&result->ktap.diagnostics));
    if (result->folder)
        fprintf(r->out, "# logs: %s\n", result->folder);
}

static void print_job(struct report *r, const struct job *job, size_t number)
{
    const struct result *result = &job->result;
    char *name = job_name(job, r->options->repeat);
    bool checks = report_shows_checks(r, job);
    bool good = result->status == PASS || result->status == SKIP || result->status == XPASS;
    char *serial;

    if (checks)
        print_checks(r, job);
    fprintf(r->out, "%sok %zu - %s", good ? "" : "not ", number, name);
    if (result->status == SKIP)
        fprintf(r->out, " # SKIP %s", result->reason);
    if (result->status == XFAIL)
        fprintf(r->out, " # TODO %s", result->reason);
    if (result->status == XPASS)
        fprintf(r->out, " # XPASS %s", result->reason);
    fputc('\n', r->out);
    if (result->status == FAIL || result->status == ERROR)
        print_explanation(r, job, checks);
    if (r->options->verbose > 1) {
        serial = printable(text_str(&result->serial), result->serial.len);
        print_lines(r->out, "# | ", serial);
        free(serial);
    }
    free(name);
}

static void finished(struct report *r, const struct job *job)
{
    (void)job;
    while (r->next < r->plan->jobs && r->plan->job[r->next].result.status != STATUS_NONE) {
        const struct job *next = &r->plan->job[r->next];
        bool runs = false;

        for (size_t i = 0; i < r->n_running; i++)
            runs |= r->running[i] == next;
        if (runs)
            return;
        print_job(r, next, ++r->next);
    }
}

static void end(struct report *r, int signal)
{
    if (signal)
        fprintf(r->out, "Bail out! interrupted by %s\n", signal_name(signal));
}

const struct report_style report_tap = {begin, NULL, finished, end};
