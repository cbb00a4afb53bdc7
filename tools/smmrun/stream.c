/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void update(struct stream *s)
{
    short events = (short)((s->held ? 0 : POLLIN) | (s->out.len ? POLLOUT : 0));

    /* While held a hang-up would be reported again and again. */
    if (s->fd >= 0)
        watch_events(s->watch, events ? events : -1);
}

static void end(struct stream *s, const char *problem)
{
    if (s->fd < 0)
        return;
    stream_stop(s);
    s->on_end(s->arg, problem);
}

/* Hands out complete lines; a callback may hold or stop the stream. */
static void deliver(struct stream *s)
{
    char *newline;

    if (s->delivering)
        return;
    s->delivering = true;
    while (s->fd >= 0 && !s->held && s->in.len && (newline = memchr(s->in.data, '\n', s->in.len))) {
        size_t len = (size_t)(newline - s->in.data);
        struct text line = {0};

        text_add(&line, s->in.data, len);
        text_drop(&s->in, len + 1);
        if (len && line.data[len - 1] == '\r')
            line.data[--len] = '\0';
        s->on_line(s->arg, line.data, len);
        text_free(&line);
    }
    s->delivering = false;
    if (s->fd >= 0 && s->in.len > s->line_max)
        end(s, "a line without an end");
}

static void pass_none(struct stream *s)
{
    if (s->pass >= 0)
        close(s->pass);
    s->pass = -1;
}

/* Writes what the socket takes, with the descriptor that is to be passed. */
static ssize_t transmit(struct stream *s)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)),
                          .cmsg_level = SOL_SOCKET,
                          .cmsg_type = SCM_RIGHTS}};
    struct iovec bytes = {s->out.data, s->out.len};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    ssize_t n;

    if (s->pass >= 0) {
        memcpy(CMSG_DATA(&control.head), &s->pass, sizeof(s->pass));
        message.msg_control = &control;
        message.msg_controllen = sizeof(control.space);
    }
    n = sendmsg(s->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0)
        pass_none(s);
    return n;
}

static void flush(struct stream *s)
{
    while (s->fd >= 0 && s->out.len) {
        ssize_t n = transmit(s);

        if (n < 0 && errno == EINTR)
            continue;
        /* What is still to be read says more than the failure to write does. */
        if (n < 0 && errno != EAGAIN)
            text_free(&s->out);
        if (n < 0)
            break;
        text_drop(&s->out, (size_t)n);
    }
    update(s);
}

static void ready(void *arg, short events)
{
    struct stream *s = arg;
    char buffer[16384];
    ssize_t n;

    if (events & POLLOUT)
        flush(s);
    if (s->fd < 0 || s->held || !(events & (POLLIN | POLLHUP | POLLERR)))
        return;
    n = recv(s->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0) {
        text_add(&s->in, buffer, (size_t)n);
        deliver(s);
    } else
        end(s, NULL);
}

void stream_start(struct stream *s, struct loop *loop, int fd, size_t line_max,
                  stream_line_fn *on_line, stream_end_fn *on_end, void *arg)
{
    *s = (struct stream){.fd = fd,
                         .pass = -1,
                         .loop = loop,
                         .line_max = line_max,
                         .on_line = on_line,
                         .on_end = on_end,
                         .arg = arg};
    s->watch = loop_watch(loop, fd, POLLIN, ready, s);
}

void stream_send(struct stream *s, const void *data, size_t len)
{
    if (s->fd < 0)
        return;
    text_add(&s->out, data, len);
    flush(s);
}

void stream_pass(struct stream *s, int fd)
{
    pass_none(s);
    s->pass = fd;
}

void stream_move(struct stream *s, int fd)
{
    char buffer[16384];
    ssize_t n;

    while (s->fd >= 0 && ((n = recv(s->fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0 ||
                          (n < 0 && errno == EINTR))) {
        if (n > 0)
            text_add(&s->in, buffer, (size_t)n);
    }
    watch_remove(s->watch);
    if (s->fd >= 0)
        close(s->fd);
    text_free(&s->out);
    pass_none(s);
    s->fd = fd;
    s->watch = loop_watch(s->loop, fd, POLLIN, ready, s);
    update(s);
}

void stream_hold(struct stream *s, bool held)
{
    bool released = s->held && !held;

    s->held = held;
    update(s);
    if (released)
        deliver(s);
}

void stream_stop(struct stream *s)
{
    watch_remove(s->watch);
    s->watch = NULL;
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    pass_none(s);
    text_free(&s->in);
    text_free(&s->out);
}
