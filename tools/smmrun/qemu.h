/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One QEMU process with its QMP connection and its messages. */
#ifndef SMMRUN_QEMU_H
#define SMMRUN_QEMU_H

#include "tools/smmrun/qmp.h"
#include "tools/smmrun/spawn.h"

struct qemu {
    struct loop *loop;
    struct process process; /* pid 0: it has ended */
    struct watch *exit_watch, *message_watch;
    int message_fd;
    int wait_status; /* as from waitpid(), once it has ended */
    struct text messages;
    struct qmp qmp;
    void (*on_exit)(void *arg);
    void *arg;
};

/*
 * Starts argv; the keep descriptors are inherited, qmp_fd is our end of QMP and is
 * taken over. on_event and on_exit get arg. Returns NULL, or why it cannot be
 * started as one sentence, to be freed; everything is closed then.
 */
char *qemu_start(struct qemu *q, struct loop *loop, char *const *argv, const int *keep,
                 size_t n_keep, int qmp_fd, size_t file_size, qmp_event_fn *on_event,
                 void (*on_exit)(void *arg), void *arg);

/* Events and the exit are somebody else's business from now on. */
void qemu_hand_over(struct qemu *q, qmp_event_fn *on_event, void (*on_exit)(void *arg), void *arg);

/* Ends it, if it runs, and closes everything; messages and wait_status stay. */
void qemu_stop(struct qemu *q);

#endif
