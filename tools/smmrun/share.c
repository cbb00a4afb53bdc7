/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/share.h"

#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/command.h"

/* What a test takes beyond the boot, in parts of a second: long ones have boot=own. */
#define TESTS_PER_SECOND 2

static bool may_share(const struct job *job)
{
    return job->result.status == STATUS_NONE && !job->batched && !job->needs.own_boot &&
           !job->needs.hosts.n && !job->needs.icount;
}

static struct strings machine_of(const struct job *job)
{
    struct command command = {.config = job->config, .needs = &job->needs, .id = "", .com1 = -1};

    return command_build(&command);
}

static bool same_machine(const struct strings *machine, const struct job *job)
{
    struct strings other = machine_of(job);
    bool same = other.n == machine->n;

    for (size_t i = 0; same && i < other.n && machine->item[i]; i++)
        same = other.item[i] && strcmp(machine->item[i], other.item[i]) == 0;
    strings_free(&other);
    return same;
}

bool share_gather(struct batch *b, struct plan *p, const struct options *o, struct job *first)
{
    struct strings machine;
    struct text ids = {0};

    *b = (struct batch){.n = 0};
    /* A log is one test's. */
    if (!o->share || o->keep_all || !may_share(first))
        return false;
    machine = machine_of(first);
    b->job = (struct job){.config = first->config,
                          .test = first->test,
                          .needs = first->needs,
                          .repetition = first->repetition};
    for (struct job *j = first; j < p->job + p->jobs && b->n < SHARE_MAX; j++) {
        if (j->config != first->config || j->repetition != first->repetition)
            break;
        if (!may_share(j) || ids.len + strlen(j->test->id) >= SHARE_IDS_MAX ||
            !same_machine(&machine, j))
            continue;
        text_printf(&ids, "%s%s", ids.len ? "," : "", j->test->id);
        b->member[b->n++] = j;
        if (j->needs.timeout > b->job.needs.timeout)
            b->job.needs.timeout = j->needs.timeout;
    }
    strings_free(&machine);
    b->ids = ids.data;
    if (b->n < 2) {
        share_free(b);
        return false;
    }
    b->job.needs.timeout += (unsigned int)b->n / TESTS_PER_SECOND;
    for (size_t i = 0; i < b->n; i++)
        b->member[i]->batched = true;
    return true;
}

/* The part of the boot's result that is a test's; false if it says no more than "run it alone". */
static bool take_result(const struct batch *b, struct job *job)
{
    const struct result *boot = &b->job.result;
    const struct ktap_test *t = ktap_find(&boot->ktap, job->test->id);
    struct result *r = &job->result;

    if (!t || t->status != PASS)
        return false;
    ktap_extract(&boot->ktap, t, &r->ktap);
    if (!ktap_count(&r->ktap, PASS) || ktap_count(&r->ktap, FAIL)) {
        ktap_free(&r->ktap);
        return false;
    }
    r->status = PASS;
    r->reason = xstrdup("");
    r->seconds = boot->seconds / (double)b->n;
    r->cpu_seconds = boot->cpu_seconds / (double)b->n;
    return true;
}

size_t share_split(struct batch *b)
{
    char *broken = ktap_incomplete(&b->job.result.ktap);
    bool whole = !broken && (b->job.result.status == PASS || b->job.result.status == FAIL ||
                             b->job.result.status == SKIP);
    struct job *passed[SHARE_MAX];
    size_t alone = 0, n = 0;

    free(broken);
    for (size_t i = 0; i < b->n; i++) {
        struct job *job = b->member[i];

        if (whole && take_result(b, job))
            passed[n++] = job;
        else
            b->member[alone++] = job;
    }
    if (n)
        memcpy(b->member + alone, passed, n * sizeof(struct job *));
    return alone;
}

void share_free(struct batch *b)
{
    free(b->ids);
    result_free(&b->job.result);
    *b = (struct batch){.n = 0};
}
