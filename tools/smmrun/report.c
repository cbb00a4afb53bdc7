/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/report.h"

#include <stdlib.h>
#include <unistd.h>

#include "tools/smmrun/results.h"
#include "tools/smmrun/select.h"

bool report_in_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");

    return isatty(STDOUT_FILENO) && (!no_colour || !*no_colour);
}

void report_begin(struct report *r, const struct plan *plan, const struct options *options)
{
    bool tty = isatty(STDOUT_FILENO);

    *r = (struct report){.plan = plan, .options = options, .out = stdout};
    r->style = &report_tap;
    if (options->matrix && !tty)
        r->style = &report_brief;
    else if (tty && !options->tap)
        r->style = &report_tty;
    r->colour = report_in_colour();
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

void report_counts(FILE *out, json_t *results)
{
    struct tally t = results_tally(results, NULL);

    fprintf(out, "%zu passed, %zu failed, %zu skipped", t.n[PASS] + t.n[XPASS], t.n[FAIL],
            t.n[SKIP] + t.n[XFAIL]);
    if (t.n[ERROR])
        fprintf(out, ", %zu errors", t.n[ERROR]);
    fputc('\n', out);
    fflush(out);
}

void report_end(struct report *r, int signal)
{
    r->style->end(r, signal);
    fflush(r->out);
}

bool report_shows_checks(const struct report *r, const struct job *job)
{
    return r->options->verbose || strings_have(&job->needs.groups, GROUP_SCENARIO);
}
