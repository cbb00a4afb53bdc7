/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/run.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "tools/smmrun/known.h"
#include "tools/smmrun/logs.h"
#include "tools/smmrun/machine.h"
#include "tools/smmrun/share.h"
#include "tools/smmrun/signals.h"

struct run;

/* A place where one QEMU at a time runs. */
struct slot {
    struct run *run;
    struct machine machine;
    struct job *job;      /* NULL: free */
    struct result second; /* of the second, logged run of a failing test */
    bool again;           /* it is this one that runs */
    struct batch batch;   /* what shares a boot here, n is 0: nothing */
    bool shared;          /* that boot runs, job is its first */
    size_t alone;         /* members that have yet to run alone, the last one first */
    bool complete;        /* the machine is done, and waits for the loop to say so */
    char *log;
};

struct run {
    struct plan *plan;
    const struct options *options;
    struct report *report;
    struct loop *loop;
    struct slot *slot;
    size_t slots;
    size_t next; /* index of the job to start next */
    unsigned int gdb_port;
    int signal;
    bool stop;
};

static void on_done(void *arg);

static void start(struct slot *s, struct result *result, const char *log)
{
    struct run *run = s->run;

    machine_start(&s->machine,
                  &(struct machine_setup){.loop = run->loop,
                                          .options = run->options,
                                          .job = s->shared ? &s->batch.job : s->job,
                                          .ids = s->shared ? s->batch.ids : NULL,
                                          .log = log,
                                          .gdb_port = run->gdb_port,
                                          .echo = run->gdb_port != 0},
                  result, on_done, s);
}

/* Whether a failure of this test in this configuration has been logged before. */
static bool failed_before(const struct plan *p, const struct job *job)
{
    for (const struct job *j = p->job; j < p->job + p->jobs; j++) {
        if (j != job && j->config == job->config && j->test == job->test &&
            j->result.status == FAIL)
            return true;
    }
    return false;
}

/* Of the tests that shared a boot, those that did not pass there. */
static void run_next_member(struct slot *s)
{
    if (s->alone) {
        s->job = s->batch.member[--s->alone];
        report_started(s->run->report, s->job);
        start(s, &s->job->result, NULL);
    } else if (s->batch.n)
        share_free(&s->batch);
}

static void complete(struct slot *s)
{
    struct job *job = s->job;

    logs_write(s->run->options, job);
    s->job = NULL;
    s->again = false;
    report_finished(s->run->report, job);
    run_next_member(s);
}

/* The second run may need a moment: the test's verdict is settled. */
static bool run_again(struct slot *s)
{
    const struct options *o = s->run->options;

    if (s->job->result.status != FAIL || !o->rerun || s->run->gdb_port || !s->job->result.folder ||
        failed_before(s->run->plan, s->job))
        return false;
    s->again = true;
    s->log = xasprintf("%s/qemu.log", s->job->result.folder);
    start(s, &s->second, s->log);
    return true;
}

static void first_run_done(struct slot *s)
{
    const struct options *o = s->run->options;
    struct job *job = s->job;
    struct result *r = &job->result;

    if (s->run->plan->known)
        known_apply(s->run->plan->known, job);
    if (r->status == FAIL || r->status == ERROR || o->keep_all)
        r->folder = logs_folder(o, job);
    else
        logs_forget(o, job);
    if (!run_again(s))
        complete(s);
}

static void shared_run_done(struct slot *s)
{
    s->shared = false;
    s->alone = share_split(&s->batch);
    for (size_t i = s->alone; i < s->batch.n; i++) {
        struct job *job = s->batch.member[i];

        if (s->run->plan->known)
            known_apply(s->run->plan->known, job);
        logs_forget(s->run->options, job);
        report_finished(s->run->report, job);
    }
    s->job = NULL;
    run_next_member(s);
}

static void second_run_done(struct slot *s)
{
    logs_write_file(s->job->result.folder, "rerun-serial.log", text_str(&s->second.serial),
                    s->second.serial.len);
    result_free(&s->second);
    free(s->log);
    s->log = NULL;
    complete(s);
}

/* Called from deep inside a machine, perhaps while it starts: only takes note. */
static void on_done(void *arg)
{
    struct slot *s = arg;

    s->complete = true;
    s->run->stop = true;
}

static void settle(struct run *run)
{
    for (size_t i = 0; i < run->slots; i++) {
        struct slot *s = &run->slot[i];

        while (s->complete && s->job) {
            s->complete = false;
            if (s->shared)
                shared_run_done(s);
            else if (s->again)
                second_run_done(s);
            else
                first_run_done(s);
        }
    }
}

static bool is_busy(const struct run *run)
{
    for (size_t i = 0; i < run->slots; i++) {
        if (run->slot[i].job)
            return true;
    }
    return false;
}

static struct job *next_job(struct run *run)
{
    while (run->next < run->plan->jobs) {
        struct job *job = &run->plan->job[run->next++];

        if (job->batched)
            continue;
        if (job->result.status == STATUS_NONE)
            return job;
        report_finished(run->report, job);
    }
    return NULL;
}

static void start_more(struct run *run)
{
    for (size_t i = 0; i < run->slots; i++) {
        struct slot *s = &run->slot[i];

        if (s->job || !(s->job = next_job(run)))
            continue;
        s->shared = share_gather(&s->batch, run->plan, run->options, s->job);
        if (!s->shared)
            report_started(run->report, s->job);
        start(s, s->shared ? &s->batch.job.result : &s->job->result, NULL);
    }
}

static void on_signal(void *arg, short events)
{
    struct run *run = arg;

    (void)events;
    run->signal = signals_check();
    run->stop = run->signal != 0;
}

/* Ends what runs; a test in its first run has no result then. */
static void abort_all(struct run *run)
{
    for (size_t i = 0; i < run->slots; i++) {
        struct slot *s = &run->slot[i];

        machine_abort(&s->machine);
        result_free(&s->second);
        free(s->log);
        share_free(&s->batch);
    }
}

int run_plan(struct plan *p, const struct options *o, struct report *r, unsigned int gdb_port)
{
    struct run run = {.plan = p, .options = o, .report = r, .gdb_port = gdb_port};
    struct watch *signals;

    run.loop = loop_new();
    run.slots = o->jobs < p->jobs ? o->jobs : p->jobs;
    run.slot = xcalloc(run.slots, sizeof(*run.slot));
    for (size_t i = 0; i < run.slots; i++)
        run.slot[i].run = &run;
    signals = loop_watch(run.loop, signals_fd(), POLLIN, on_signal, &run);
    do {
        run.stop = false;
        settle(&run);
        start_more(&run);
        run.signal = signals_check();
        /* Nobody reads any more: like SIGPIPE, but with everything put away. */
        if (!run.signal && ferror(r->out))
            run.signal = SIGPIPE;
        if (!run.signal && !run.stop && is_busy(&run))
            loop_run(run.loop, &run.stop);
    } while (!run.signal && is_busy(&run));
    abort_all(&run);
    watch_remove(signals);
    loop_free(run.loop);
    free(run.slot);
    return run.signal;
}

int exit_status(const size_t *n, bool bisect)
{
    if (n[FAIL])
        return EXIT_FAILED;
    if (n[ERROR])
        return bisect ? EXIT_BISECT_SKIP : EXIT_INFRASTRUCTURE;
    if (!n[PASS] && !n[XPASS] && !n[XFAIL])
        return bisect ? EXIT_BISECT_SKIP : EXIT_NOTHING;
    return EXIT_OK;
}

int run_status(const struct plan *p, const struct options *o)
{
    size_t n[STATUS_COUNT] = {0};

    for (size_t i = 0; i < p->jobs; i++)
        n[p->job[i].result.status]++;
    return exit_status(n, o->bisect);
}
