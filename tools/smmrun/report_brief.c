/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run whose result is one table, with the output in a file or a log: how far it is. */
#include <stdlib.h>

#include "tools/smmrun/report.h"
#include "tools/smmrun/util.h"

#define PARTS 10

static void begin(struct report *r)
{
    for (size_t i = 0; i < r->plan->configs; i++) {
        const struct config *c = &r->plan->config[i];

        fprintf(r->out, "%s, %s, %s, accel %s\n", c->qemu->version_text, c->machine, c->arch,
                c->accel);
    }
    for (size_t i = 0; i < r->plan->notes.n; i++)
        fprintf(r->out, "%s\n", r->plan->notes.item[i]);
}

static void finished(struct report *r, const struct job *job)
{
    size_t jobs = r->plan->jobs;

    /* Worth knowing at once, and after an interrupt. */
    if (job->result.status == FAIL || job->result.status == ERROR) {
        char *name = job_name(job, r->options->repeat);

        fprintf(r->out, "%s: %s: %s\n", status_name(job->result.status), name, job->result.reason);
        free(name);
    }
    if (r->done * PARTS / jobs != (r->done - 1) * PARTS / jobs)
        fprintf(r->out, "%zu of %zu tests are done\n", r->done, jobs);
}

static void end(struct report *r, int signal)
{
    if (signal)
        fprintf(r->out, "interrupted by %s: %zu of %zu tests are done\n", signal_name(signal),
                r->done, r->plan->jobs);
    fputc('\n', r->out);
}

const struct report_style report_brief = {begin, NULL, finished, end};
