/* SPDX-License-Identifier: GPL-2.0-or-later */
/* COM1 of a machine, where the guest reports: a pipe from QEMU that is read now and then. */
#ifndef SMMRUN_COM1_H
#define SMMRUN_COM1_H

#include <stdbool.h>
#include <stddef.h>

#include "tools/smmrun/loop.h"
#include "tools/smmrun/util.h"

struct com1 {
    int fd; /* -1: none */
    struct loop *loop;
    struct watch *watch;
    struct watch *rest; /* ends the time in which the pipe is not looked at */
};

/* Calls ready(arg) when there is something for com1_read(). The descriptor is ours from now on. */
void com1_attach(struct com1 *c, struct loop *loop, int fd, watch_fn *ready, void *arg);

/* Hands all that the pipe holds to take(), as long as it returns true. Does not wait. */
void com1_read(struct com1 *c, bool (*take)(void *arg, const char *data, size_t n), void *arg);

/* Closes the pipe; may be called twice. */
void com1_detach(struct com1 *c);

#endif
