/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A socket that carries lines both ways without ever blocking the runner. */
#ifndef SMMRUN_STREAM_H
#define SMMRUN_STREAM_H

#include "tools/smmrun/loop.h"
#include "tools/smmrun/util.h"

/* The line has no newline and no carriage return at its end; it may be changed. */
typedef void stream_line_fn(void *arg, char *line, size_t len);
/* problem: why the stream ended, NULL if the other side closed it. */
typedef void stream_end_fn(void *arg, const char *problem);

struct stream {
    int fd;   /* -1: ended */
    int pass; /* a descriptor to be sent, -1: none */
    struct loop *loop;
    struct watch *watch;
    struct text in, out;
    size_t line_max;
    bool held;
    bool delivering; /* lines are being handed out further up the stack */
    stream_line_fn *on_line;
    stream_end_fn *on_end;
    void *arg;
};

/* Takes fd over. A line of more than line_max bytes ends the stream. */
void stream_start(struct stream *s, struct loop *loop, int fd, size_t line_max,
                  stream_line_fn *on_line, stream_end_fn *on_end, void *arg);
/* Queues bytes; on an ended stream they are dropped. */
void stream_send(struct stream *s, const void *data, size_t len);
/* The next bytes that are sent carry descriptor fd, which is taken over; one at a time. */
void stream_pass(struct stream *s, int fd);
/*
 * Goes on with another socket, which is taken over: what the old one still holds is read first, so
 * its other side must have ended. What was to be sent there is dropped.
 */
void stream_move(struct stream *s, int fd);
/* While held, no line is delivered and nothing is read. */
void stream_hold(struct stream *s, bool held);
/* Closes without calling on_end. */
void stream_stop(struct stream *s);

#endif
