/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/qmp.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (16U << 20)

struct qmp_pending {
    struct qmp_pending *next;
    json_int_t id;
    char *text; /* the command, NULL once it is sent */
    qmp_answer_fn *fn;
    void *arg;
};

static void send_waiting(struct qmp *q)
{
    for (struct qmp_pending *p = q->first; p && q->ready; p = p->next) {
        if (!p->text)
            continue;
        stream_send(&q->stream, p->text, strlen(p->text));
        stream_send(&q->stream, "\n", 1);
        free(p->text);
        p->text = NULL;
    }
}

/* Takes *at out of the queue and calls back. */
static void answer(struct qmp *q, struct qmp_pending **at, json_t *result, const char *error_class,
                   const char *text)
{
    struct qmp_pending *p = *at;

    *at = p->next;
    if (!p->next)
        q->last = at;
    if (p->fn)
        p->fn(p->arg, result, error_class, text);
    free(p->text);
    free(p);
}

static void lose(struct qmp *q, const char *problem)
{
    if (q->lost)
        return;
    q->lost = true;
    q->problem = problem ? xstrdup(problem) : NULL;
    stream_stop(&q->stream);
    while (q->first)
        answer(q, &q->first, NULL, "Host", problem ? problem : "QEMU closed its QMP connection");
}

static void on_end(void *arg, const char *problem)
{
    lose(arg, problem);
}

static void garbage(struct qmp *q, const char *line, size_t len)
{
    char *clean = printable(line, len < 100 ? len : 100);
    char *problem = xasprintf("QEMU's QMP connection carried something else: \"%s\"", clean);

    lose(q, problem);
    free(problem);
    free(clean);
}

static void on_capabilities(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct qmp *q = arg;

    (void)error_class;
    if (!result) {
        lose(q, text);
        return;
    }
    q->ready = true;
    send_waiting(q);
}

/* The command an answer belongs to: by id, or the oldest sent one. */
static struct qmp_pending **find(struct qmp *q, json_t *id)
{
    struct qmp_pending **at = &q->first;

    while (*at && ((*at)->text || (id && json_integer_value(id) != (*at)->id)))
        at = &(*at)->next;
    return *at ? at : NULL;
}

static void on_answer(struct qmp *q, json_t *message, const char *line, size_t len)
{
    json_t *result = json_object_get(message, "return");
    json_t *error = json_object_get(message, "error");
    struct qmp_pending **at = find(q, json_object_get(message, "id"));
    const char *error_class = "GenericError", *text = "?";

    if (!at || (!result && !json_is_object(error))) {
        garbage(q, line, len);
        return;
    }
    if (!result)
        json_unpack(error, "{s?s, s?s}", "class", &error_class, "desc", &text);
    answer(q, at, result, error_class, text);
}

/* Puts a command behind those that wait; the greeting's answer goes ahead of all. */
static struct qmp_pending *queue(struct qmp *q, const char *name, json_t *arguments,
                                 qmp_answer_fn *fn, void *arg)
{
    struct qmp_pending *p = xcalloc(1, sizeof(*p));
    json_t *command = json_pack("{s:s, s:o*, s:I}", "execute", name, "arguments", arguments, "id",
                                ++q->next_id);

    p->id = q->next_id;
    p->text = command ? json_dumps(command, JSON_COMPACT) : xstrdup("{}");
    p->fn = fn;
    p->arg = arg;
    json_decref(command);
    return p;
}

static void on_greeting(struct qmp *q)
{
    struct qmp_pending *p = queue(q, "qmp_capabilities", NULL, on_capabilities, q);

    q->greeted = true;
    p->next = q->first;
    if (!q->first)
        q->last = &p->next;
    q->first = p;
    stream_send(&q->stream, p->text, strlen(p->text));
    stream_send(&q->stream, "\n", 1);
    free(p->text);
    p->text = NULL;
}

static void on_line(void *arg, char *line, size_t len)
{
    struct qmp *q = arg;
    json_t *message, *event;

    if (len == 0)
        return;
    message = json_loadb(line, len, 0, NULL);
    event = json_object_get(message, "event");
    if (!json_is_object(message) || (!q->greeted && !json_object_get(message, "QMP")))
        garbage(q, line, len);
    else if (!q->greeted)
        on_greeting(q);
    else if (json_is_string(event))
        q->on_event(q->arg, json_string_value(event), json_object_get(message, "data"));
    else
        on_answer(q, message, line, len);
    json_decref(message);
}

void qmp_start(struct qmp *q, struct loop *loop, int fd, qmp_event_fn *on_event, void *arg)
{
    *q = (struct qmp){.on_event = on_event, .arg = arg};
    q->last = &q->first;
    stream_start(&q->stream, loop, fd, LINE_MAX_BYTES, on_line, on_end, q);
}

void qmp_command(struct qmp *q, const char *name, json_t *arguments, qmp_answer_fn *fn, void *arg)
{
    struct qmp_pending *p;

    if (q->lost) {
        json_decref(arguments);
        if (fn)
            fn(arg, NULL, "Host", q->problem ? q->problem : "QEMU closed its QMP connection");
        return;
    }
    p = queue(q, name, arguments, fn, arg);
    *q->last = p;
    q->last = &p->next;
    send_waiting(q);
}

void qmp_pass(struct qmp *q, int fd)
{
    stream_pass(&q->stream, fd);
}

void qmp_forget(struct qmp *q, const void *arg)
{
    for (struct qmp_pending *p = q->first; p; p = p->next) {
        if (p->arg == arg)
            p->fn = NULL;
    }
}

void qmp_stop(struct qmp *q)
{
    stream_stop(&q->stream);
    while (q->first) {
        q->first->fn = NULL;
        answer(q, &q->first, NULL, NULL, NULL);
    }
    free(q->problem);
    q->problem = NULL;
    q->lost = true;
}
