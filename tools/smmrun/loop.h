/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event loop: descriptors, and timers that are descriptors too. One thread. */
#ifndef SMMRUN_LOOP_H
#define SMMRUN_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct watch;

/* events: what poll() returned, POLLIN and so on. */
typedef void watch_fn(void *arg, short events);
typedef void timer_fn(void *arg);

struct loop *loop_new(void);
/* All watches must be gone. */
void loop_free(struct loop *loop);

/* Calls fn whenever fd has one of events (or an error). fd stays the caller's. */
struct watch *loop_watch(struct loop *loop, int fd, short events, watch_fn *fn, void *arg);
/* 0: only errors and hang-ups that poll() reports anyway; -1: nothing at all. */
void watch_events(struct watch *watch, short events);
/* May be called from any callback, its own included; NULL is fine. */
void watch_remove(struct watch *watch);

/* Calls fn once, after ms milliseconds (at least 1), unless timer_stop() comes first. */
struct watch *loop_timer(struct loop *loop, int64_t ms, timer_fn *fn, void *arg);
/* NULL is fine. A timer that has gone off is gone: forget it in its callback. */
void timer_stop(struct watch *timer);

/* Runs callbacks until *stop is true or nothing is watched any more. */
void loop_run(struct loop *loop, const bool *stop);

#endif
