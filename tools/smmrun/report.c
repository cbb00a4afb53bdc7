/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/report.h"

#include <stdlib.h>
#include <unistd.h>

#include "tools/smmrun/select.h"

void report_begin(struct report *r, const struct plan *plan, const struct options *options)
{
    bool tty = isatty(STDOUT_FILENO);
    const char *no_colour = getenv("NO_COLOR");

    *r = (struct report){.plan = plan, .options = options, .out = stdout};
    r->style = tty && !options->tap ? &report_tty : &report_tap;
    r->colour = !no_colour || !*no_colour;
    r->style->begin(r);
    fflush(r->out);
}

void report_started(struct report *r, const struct job *job)
{
    if (r->n_running < sizeof(r->running) / sizeof(r->running[0]))
        r->running[r->n_running++] = job;
    if (r->style->started)
        r->style->started(r, job);
    fflush(r->out);
}

void report_finished(struct report *r, const struct job *job)
{
    for (size_t i = 0; i < r->n_running; i++) {
        if (r->running[i] == job) {
            r->running[i] = r->running[--r->n_running];
            break;
        }
    }
    r->done++;
    if (r->style->finished)
        r->style->finished(r, job);
    fflush(r->out);
}

static void print_counts(const struct report *r)
{
    const struct plan *p = r->plan;

    fprintf(r->out, "%zu passed, %zu failed, %zu skipped",
            plan_count(p, PASS) + plan_count(p, XPASS), plan_count(p, FAIL),
            plan_count(p, SKIP) + plan_count(p, XFAIL));
    if (plan_count(p, ERROR))
        fprintf(r->out, ", %zu errors", plan_count(p, ERROR));
    fputc('\n', r->out);
}

void report_end(struct report *r, int signal)
{
    r->style->end(r, signal);
    print_counts(r);
    fflush(r->out);
}

bool report_shows_checks(const struct report *r, const struct job *job)
{
    return r->options->verbose || strings_have(&job->needs.groups, GROUP_SCENARIO);
}

size_t plan_count(const struct plan *p, enum status status)
{
    size_t n = 0;

    for (size_t i = 0; i < p->jobs; i++)
        n += p->job[i].result.status == status;
    return n;
}
