/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/verdict.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tools/smmrun/emulator.h"

/* Where the guest was: its last line, and what should have come next. */
static char *whereabouts(const struct ktap *k)
{
    struct text t = {0};

    if (!k->last_line && !k->partial.len)
        return xstrdup("the guest printed nothing");
    if (k->partial.len) {
        char *clean = printable(k->partial.data, k->partial.len);

        text_printf(&t, "in the middle of the line \"%.120s\"", clean);
        free(clean);
    } else
        text_printf(&t, "after the line \"%.120s\"", k->last_line);
    if (k->verdict != STATUS_NONE || !k->header)
        return t.data;
    if (!k->checks)
        text_puts(&t, ", waiting for the first check");
    else if (!k->tests)
        text_printf(&t, ", waiting for the check behind %s", k->check[k->checks - 1].id);
    else
        text_puts(&t, ", waiting for the last line");
    return t.data;
}

/* "WHAT, WHERE" */
static char *located(const struct outcome *o, const char *what)
{
    char *where = whereabouts(o->ktap);
    char *s = xasprintf("%s, %s", what, where);

    free(where);
    return s;
}

/* The signal that ended QEMU, also behind a shell script; 0: none. */
static int death_signal(const struct outcome *o)
{
    if (WIFSIGNALED(o->wait_status))
        return WTERMSIG(o->wait_status);
    if (WIFEXITED(o->wait_status) && WEXITSTATUS(o->wait_status) > 128 &&
        WEXITSTATUS(o->wait_status) <= 128 + SIGRTMAX)
        return WEXITSTATUS(o->wait_status) - 128;
    return 0;
}

static enum status died(const struct outcome *o, int sig, char **reason)
{
    char *complaint = emulator_complaint(o->messages);
    char *what = xasprintf("QEMU died by %s%s%s%s", signal_name(sig), *complaint ? " (" : "",
                           complaint, *complaint ? ")" : "");

    /* Nobody but the system or its administrator sends these. */
    if (sig == SIGKILL)
        *reason = located(o, "QEMU was killed (SIGKILL: out of memory?)");
    else
        *reason = located(o, what);
    free(complaint);
    free(what);
    return sig == SIGKILL ? ERROR : FAIL;
}

/* QEMU exited by itself without the report's last line. */
static enum status stopped_short(const struct outcome *o, int status, char **reason)
{
    char *complaint = emulator_complaint(o->messages);
    bool silent = !o->ktap->header;
    char *what;

    if (o->shutdown && strncmp(o->shutdown, "guest", 5) == 0 && !silent)
        what = xasprintf("the guest ended the machine (QEMU: %s)", o->shutdown);
    else if (silent && status != 0 && *complaint)
        what = xasprintf("QEMU refused to start the machine: %s", complaint);
    else
        what = xasprintf("QEMU exited with status %d%s%s", status, *complaint ? ": " : "",
                         complaint);
    *reason = silent && *complaint ? xstrdup(what) : located(o, what);
    free(what);
    free(complaint);
    return silent ? ERROR : FAIL;
}

static enum status exit_meaning(int status)
{
    switch (status) {
    case GUEST_EXIT_PASS:
        return PASS;
    case GUEST_EXIT_FAIL:
        return FAIL;
    case GUEST_EXIT_NONE:
        return SKIP;
    case GUEST_EXIT_ERROR:
        return ERROR;
    default:
        return STATUS_NONE;
    }
}

static const struct check *first_check(const struct ktap *k, enum status status)
{
    for (size_t i = 0; i < k->checks; i++) {
        if (k->check[i].status == status)
            return &k->check[i];
    }
    return NULL;
}

/* The report is whole and has a result for the test: is it to be believed? */
static enum status from_report(const struct outcome *o, const struct ktap_test *t, char **reason)
{
    const struct check *failed = first_check(o->ktap, FAIL);
    const struct check *skipped = first_check(o->ktap, SKIP);
    size_t n = ktap_count(o->ktap, FAIL);

    *reason = xstrdup(t->reason);
    if (failed) {
        free(*reason);
        *reason = n == 1 ? xasprintf("%s: %s", failed->id, failed->sentence)
                         : xasprintf("%s: %s (and %zu more)", failed->id, failed->sentence, n - 1);
        return FAIL;
    }
    if (t->status == FAIL && !**reason) {
        free(*reason);
        *reason = xstrdup("the guest says so without a failing check");
    }
    if (t->status == PASS && !ktap_count(o->ktap, PASS)) {
        free(*reason);
        *reason = xstrdup(skipped ? skipped->reason : "the test made no check");
        return skipped ? SKIP : ERROR;
    }
    return t->status;
}

static enum status from_exit(const struct outcome *o, char **reason)
{
    int sig = death_signal(o), status = WEXITSTATUS(o->wait_status);
    const struct ktap_test *t = ktap_find(o->ktap, o->id);
    char *broken;

    if (sig)
        return died(o, sig, reason);
    if (o->ktap->verdict == STATUS_NONE && exit_meaning(status) == STATUS_NONE)
        return stopped_short(o, status, reason);
    broken = ktap_incomplete(o->ktap);
    if (!broken && exit_meaning(status) != o->ktap->verdict)
        broken = xasprintf("QEMU's exit status %d contradicts the report's last line", status);
    if (!broken && !t)
        broken = xasprintf("the report has no result of %s", o->id);
    if (broken || !t) {
        /* What failed, failed; whatever happened to the report afterwards. */
        *reason = broken;
        return ktap_count(o->ktap, FAIL) ? FAIL : ERROR;
    }
    return from_report(o, t, reason);
}

static enum status timed_out(const struct outcome *o, char **reason)
{
    char *what;

    if (o->qmp_lost)
        what = xasprintf("%s, and the guest did not end",
                         o->qmp_problem ? o->qmp_problem : "QEMU closed its QMP connection");
    else
        what = xasprintf("timeout after %.0f s", o->limit);
    *reason = located(o, what);
    free(what);
    return o->qmp_lost && !ktap_count(o->ktap, FAIL) ? ERROR : FAIL;
}

enum status verdict(const struct outcome *o, char **reason)
{
    char *what;

    switch (o->ending) {
    case ENDED_TIMEOUT:
        return timed_out(o, reason);
    case ENDED_FLOOD:
        what = xasprintf("the guest printed more than %zu KiB", o->flood / 1024);
        *reason = located(o, what);
        free(what);
        return FAIL;
    case ENDED_RESTARTED:
        *reason = located(o, "the report began a second time: the machine was reset unasked");
        return FAIL;
    case ENDED_LINGERING:
        *reason = xstrdup("QEMU went on after the last line of the report");
        return ERROR;
    case ENDED_REFUSED:
        *reason = xstrdup(o->messages);
        return ERROR;
    default:
        return from_exit(o, reason);
    }
}
