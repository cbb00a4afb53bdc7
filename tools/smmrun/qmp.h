/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP client (QEMU docs/interop/qmp-spec): commands with callbacks, and events. */
#ifndef SMMRUN_QMP_H
#define SMMRUN_QMP_H

#include <jansson.h>

#include "tools/smmrun/stream.h"

/*
 * The answer to a command. result is what "return" holds, valid during the call;
 * on an error it is NULL, and error_class and text say which: QMP's own class, or
 * "Host" when the connection is gone.
 */
typedef void qmp_answer_fn(void *arg, json_t *result, const char *error_class, const char *text);
/* data may be NULL. */
typedef void qmp_event_fn(void *arg, const char *name, json_t *data);

struct qmp_pending;

struct qmp {
    struct stream stream;
    bool greeted, ready;
    bool lost;     /* QEMU closed it, or it could not be understood */
    char *problem; /* what could not be understood, NULL: it was closed */
    json_int_t next_id;
    struct qmp_pending *first, **last; /* oldest first */
    qmp_event_fn *on_event;
    void *arg;
};

/* Takes fd over. The greeting is awaited and answered; commands wait until then. */
void qmp_start(struct qmp *q, struct loop *loop, int fd, qmp_event_fn *on_event, void *arg);

/*
 * Queues a command; arguments (may be NULL) are taken over. fn is called once,
 * later or at once, unless qmp_forget() or qmp_stop() comes first; NULL: the answer is
 * of no interest.
 */
void qmp_command(struct qmp *q, const char *name, json_t *arguments, qmp_answer_fn *fn, void *arg);

/* The next command that is sent carries descriptor fd, for "getfd"; taken over. */
void qmp_pass(struct qmp *q, int fd);

/* The answers that arg still waits for are dropped when they come. */
void qmp_forget(struct qmp *q, const void *arg);

/* Closes; no callback is called any more. */
void qmp_stop(struct qmp *q);

#endif
