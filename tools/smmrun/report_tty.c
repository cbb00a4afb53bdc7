/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For a person at a terminal: a line per test as it ends, and a line of progress below. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tools/smmrun/report.h"
#include "tools/smmrun/util.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define DIM    "\033[2m"
#define PLAIN  "\033[0m"

static const struct {
    const char *word, *colour;
} looks[] = {
    [STATUS_NONE] = {"?", ""}, [PASS] = {"PASS", GREEN},    [FAIL] = {"FAIL", RED},
    [SKIP] = {"SKIP", YELLOW}, [XFAIL] = {"XFAIL", YELLOW}, [XPASS] = {"XPASS", YELLOW},
    [ERROR] = {"ERROR", RED},
};

static const char *paint(const struct report *r, const char *code)
{
    return r->colour ? code : "";
}

static unsigned int columns(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
        return size.ws_col;
    return 80;
}

/* The line without a newline at its end that the next output overwrites. */
static void progress(const struct report *r)
{
    struct text t = {0};
    size_t width = columns() - 1;

    if (r->done == r->plan->jobs)
        return;
    text_printf(&t, "[%zu/%zu]", r->done, r->plan->jobs);
    for (size_t i = 0; i < r->n_running; i++)
        text_printf(&t, " %s", r->running[i]->test->id);
    fprintf(r->out, "%s%.*s%s", paint(r, DIM), (int)width, t.data, paint(r, PLAIN));
    text_free(&t);
}

static void wipe(const struct report *r)
{
    fputs("\r\033[K", r->out);
}

static void begin(struct report *r)
{
    for (size_t i = 0; i < r->plan->configs; i++) {
        const struct config *c = &r->plan->config[i];

        fprintf(r->out, "%s%s%s, %s, %s, accel %s\n", c->label, *c->label ? ": " : "",
                c->qemu->version_text, c->machine, c->arch, c->accel);
    }
    for (size_t i = 0; i < r->plan->notes.n; i++)
        fprintf(r->out, "%s\n", r->plan->notes.item[i]);
    for (size_t i = 0; i < r->plan->not_run.n; i++)
        fprintf(r->out, "not run: %s\n", r->plan->not_run.item[i]);
}

static void started(struct report *r, const struct job *job)
{
    (void)job;
    wipe(r);
    progress(r);
}

static void print_lines(const struct report *r, const char *s)
{
    while (*s) {
        size_t n = strcspn(s, "\n");

        fprintf(r->out, "        %.*s\n", (int)n, s);
        s += n + (s[n] == '\n');
    }
}

static void print_check(const struct report *r, const struct check *c)
{
    const char *word = c->status == PASS ? "ok" : c->status == SKIP ? "skip" : "FAIL";

    fprintf(r->out, "  %s%4s%s  %-24s %s%s\n", paint(r, looks[c->status].colour), word,
            paint(r, PLAIN), c->id, c->sentence, c->reason);
    print_lines(r, c->diagnostics);
}

static void finished(struct report *r, const struct job *job)
{
    const struct result *result = &job->result;
    char *name, *serial;
    bool all = report_shows_checks(r, job) && !r->options->matrix;

    wipe(r);
    /* The table will tell; what is wrong is worth knowing at once. */
    if (r->options->matrix && result->status != FAIL && result->status != ERROR) {
        progress(r);
        return;
    }
    name = job_name(job, r->options->repeat);
    fprintf(r->out, "%s%-5s%s %s", paint(r, looks[result->status].colour),
            looks[result->status].word, paint(r, PLAIN), name);
    if (result->status == PASS)
        fprintf(r->out, " %s%.1f s%s\n", paint(r, DIM), result->seconds, paint(r, PLAIN));
    else
        fprintf(r->out, ": %s\n", result->reason);
    for (size_t i = 0; i < result->ktap.checks; i++) {
        if (all || result->ktap.check[i].status == FAIL)
            print_check(r, &result->ktap.check[i]);
    }
    if (result->status == FAIL || result->status == ERROR) {
        print_lines(r, text_str(&result->ktap.diagnostics));
        if (result->folder)
            fprintf(r->out, "        logs: %s\n", result->folder);
    }
    if (r->options->verbose > 1) {
        serial = printable(text_str(&result->serial), result->serial.len);
        print_lines(r, serial);
        free(serial);
    }
    free(name);
    progress(r);
}

static void end(struct report *r, int signal)
{
    wipe(r);
    if (signal)
        fprintf(r->out, "interrupted by %s: %zu of %zu tests are done\n", signal_name(signal),
                r->done, r->plan->jobs);
}

const struct report_style report_tty = {begin, started, finished, end};
