/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/hostchan.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUEST_MAX 4096
#define LOG_MAX     (1U << 20)
#define EVENTS_MAX  10000

static void note(struct hostchan *h, const char *direction, const char *line)
{
    char *clean = printable(line, strlen(line));

    if (h->log.len < LOG_MAX)
        text_printf(&h->log, "%s %s\n", direction, clean);
    free(clean);
}

/* Sends the answer; the next request may be read. */
static void answer(struct hostchan *h, const char *line)
{
    if (!h->busy)
        return;
    timer_stop(h->timer);
    h->timer = NULL;
    note(h, "<", line);
    stream_send(&h->stream, line, strlen(line));
    stream_send(&h->stream, "\n", 1);
    h->busy = false;
    json_decref(h->paths);
    h->paths = NULL;
    if (h->memory >= 0)
        close(h->memory);
    h->memory = -1;
    hostreq_free(&h->request);
    h->asleep_wanted = false;
    timer_stop(h->nap);
    h->nap = NULL;
    stream_hold(&h->stream, false);
}

/* Newlines would end the answer: they become "\n", a backslash "\\". */
static char *one_line(const char *prefix, const char *s)
{
    struct text t = {0};

    text_puts(&t, prefix);
    for (; *s; s++) {
        if (*s == '\n')
            text_puts(&t, "\\n");
        else if (*s == '\\')
            text_puts(&t, "\\\\");
        else if (*s != '\r')
            text_add(&t, s, 1);
    }
    return t.data;
}

void hostchan_ok(struct hostchan *h, const char *data)
{
    char *line = one_line(data && *data ? "ok " : "ok", data ? data : "");

    answer(h, line);
    free(line);
}

void hostchan_error(struct hostchan *h, const char *error_class, const char *text)
{
    char *prefix = xasprintf("error %s ", error_class);
    char *line = one_line(prefix, text);

    answer(h, line);
    free(line);
    free(prefix);
}

void hostchan_plain(void *arg, json_t *result, const char *error_class, const char *text)
{
    if (result)
        hostchan_ok(arg, NULL);
    else
        hostchan_error(arg, error_class, text);
}

/* Milliseconds for the request in progress. */
static int64_t limit(const struct hostchan *h)
{
    if (h->request.verb == HOST_MIGRATE)
        return h->limit_ms * HOSTCHAN_MIGRATE_LIMITS;
    if (h->request.verb == HOST_WAIT && h->request.number)
        return h->limit_ms * (int64_t)h->request.number / HOSTCHAN_LIMIT_MS;
    return h->limit_ms;
}

static void on_timeout(void *arg)
{
    struct hostchan *h = arg;
    bool migrating = h->request.verb == HOST_MIGRATE;
    double seconds = (double)limit(h) / 1000;
    char *text;

    h->timer = NULL;
    qmp_forget(h->qmp, h);
    if (migrating)
        text = xasprintf("the migration was not over in %.0f s", seconds);
    else if (h->request.verb == HOST_WAIT)
        text = xasprintf("no event %s in %.1f s", h->request.word, seconds);
    else
        text = xasprintf("QEMU did not answer in %.0f s", seconds);
    if (migrating)
        h->owner.give_up(h->owner.arg);
    hostchan_error(h, "Timeout", text);
    free(text);
}

static void on_line(void *arg, char *line, size_t len)
{
    struct hostchan *h = arg;
    char *error, *text;

    if (len == 0)
        return;
    note(h, ">", line);
    h->busy = true;
    stream_hold(&h->stream, true);
    error = hostreq_parse(&h->request, line);
    h->timer = loop_timer(h->loop, limit(h), on_timeout, h);
    if (!error) {
        hostchan_execute(h);
        return;
    }
    text = strchr(error, ' ');
    *text = '\0';
    hostchan_error(h, error, text + 1);
    free(error);
}

static void on_end(void *arg, const char *problem)
{
    struct hostchan *h = arg;

    if (problem)
        note(h, "!", problem);
}

void hostchan_move(struct hostchan *h, int fd, struct qmp *qmp)
{
    h->qmp = qmp;
    stream_move(&h->stream, fd);
}

void hostchan_start(struct hostchan *h, struct loop *loop, int fd, struct qmp *qmp,
                    const struct hostchan_owner *owner, int64_t limit_ms)
{
    *h = (struct hostchan){
        .loop = loop, .qmp = qmp, .owner = *owner, .limit_ms = limit_ms, .memory = -1};
    h->events = json_array();
    stream_start(&h->stream, loop, fd, REQUEST_MAX, on_line, on_end, h);
}

void hostchan_event(struct hostchan *h, const char *name, json_t *data)
{
    char *text = data ? json_dumps(data, JSON_COMPACT) : NULL;
    char *line = xasprintf("%s %s", name, text ? text : "{}");

    note(h, "*", line);
    if (h->busy && h->request.verb == HOST_WAIT && strcmp(h->request.word, name) == 0)
        hostchan_ok(h, text ? text : "{}");
    else if (json_array_size(h->events) < EVENTS_MAX)
        json_array_append_new(h->events, json_pack("[s, O?]", name, data));
    if (h->busy && h->asleep_wanted && strcmp(name, "SUSPEND") == 0)
        hostchan_asleep(h);
    hostchan_power(h, name);
    free(line);
    free(text);
}

void hostchan_stop(struct hostchan *h)
{
    stream_stop(&h->stream);
    timer_stop(h->timer);
    timer_stop(h->nap);
    h->timer = h->nap = NULL;
    hostreq_free(&h->request);
    json_decref(h->events);
    json_decref(h->paths);
    if (h->memory >= 0)
        close(h->memory);
    h->events = h->paths = NULL;
    h->memory = -1;
}
