/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tools/smmrun/util.h"

struct watch {
    int fd;
    short events;
    bool removed; /* freed when no callback can see it any more */
    watch_fn *fn;
    timer_fn *timer; /* instead of fn; fd is the watch's own then */
    void *arg;
};

struct loop {
    struct watch **watch;
    size_t n, cap;
    struct pollfd *poll;
    size_t poll_cap;
};

struct loop *loop_new(void)
{
    return xcalloc(1, sizeof(struct loop));
}

void loop_free(struct loop *loop)
{
    for (size_t i = 0; i < loop->n; i++)
        free(loop->watch[i]);
    free(loop->watch);
    free(loop->poll);
    free(loop);
}

static struct watch *add(struct loop *loop, int fd, short events, void *arg)
{
    struct watch *w = xcalloc(1, sizeof(*w));

    *w = (struct watch){.fd = fd, .events = events, .arg = arg};
    loop->watch = xgrow(loop->watch, loop->n + 1, &loop->cap, sizeof(struct watch *));
    loop->watch[loop->n++] = w;
    return w;
}

struct watch *loop_watch(struct loop *loop, int fd, short events, watch_fn *fn, void *arg)
{
    struct watch *w = add(loop, fd, events, arg);

    w->fn = fn;
    return w;
}

void watch_events(struct watch *watch, short events)
{
    watch->events = events;
}

void watch_remove(struct watch *watch)
{
    if (watch)
        watch->removed = true;
}

struct watch *loop_timer(struct loop *loop, int64_t ms, timer_fn *fn, void *arg)
{
    struct itimerspec when = {.it_value = {ms / 1000, ms % 1000 * 1000000}};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    struct watch *w;

    if (ms < 1)
        when.it_value = (struct timespec){0, 1000000};
    if (fd < 0 || timerfd_settime(fd, 0, &when, NULL) != 0) {
        perror("smmrun: cannot make a timer");
        exit(EXIT_INFRASTRUCTURE);
    }
    w = add(loop, fd, POLLIN, arg);
    w->timer = fn;
    return w;
}

void timer_stop(struct watch *timer)
{
    if (!timer || timer->removed)
        return;
    close(timer->fd);
    timer->fd = -1;
    timer->removed = true;
}

static void sweep(struct loop *loop)
{
    size_t kept = 0;

    for (size_t i = 0; i < loop->n; i++) {
        if (loop->watch[i]->removed)
            free(loop->watch[i]);
        else
            loop->watch[kept++] = loop->watch[i];
    }
    loop->n = kept;
}

static void dispatch(struct watch *w, short events)
{
    if (w->timer) {
        timer_stop(w);
        w->timer(w->arg);
    } else
        w->fn(w->arg, events);
}

void loop_run(struct loop *loop, const bool *stop)
{
    size_t n;

    while (!*stop) {
        sweep(loop);
        n = loop->n;
        if (n == 0)
            return;
        loop->poll = xgrow(loop->poll, n, &loop->poll_cap, sizeof(struct pollfd));
        for (size_t i = 0; i < n; i++) {
            struct watch *w = loop->watch[i];

            loop->poll[i] = (struct pollfd){w->events < 0 ? -1 : w->fd, w->events, 0};
        }
        if (poll(loop->poll, n, -1) < 0) {
            if (errno == EINTR)
                continue;
            perror("smmrun: poll");
            exit(EXIT_INFRASTRUCTURE);
        }
        /* Callbacks may add watches behind the n, and mark any as removed. */
        for (size_t i = 0; i < n && !*stop; i++) {
            if (loop->poll[i].revents && !loop->watch[i]->removed)
                dispatch(loop->watch[i], loop->poll[i].revents);
        }
    }
    sweep(loop);
}
