/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define MESSAGES_MAX (64U << 10)

static void on_message(void *arg, short events)
{
    struct qemu *q = arg;
    char buffer[4096];
    ssize_t n;

    (void)events;
    while ((n = read(q->message_fd, buffer, sizeof(buffer))) > 0) {
        if (q->messages.len < MESSAGES_MAX)
            text_add(&q->messages, buffer, (size_t)n);
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        watch_remove(q->message_watch);
        q->message_watch = NULL;
    }
}

static void on_exit_ready(void *arg, short events)
{
    struct qemu *q = arg;

    (void)events;
    watch_remove(q->exit_watch);
    q->exit_watch = NULL;
    q->wait_status = spawn_reap(&q->process);
    q->on_exit(q->arg);
}

char *qemu_start(struct qemu *q, struct loop *loop, char *const *argv, const int *keep,
                 size_t n_keep, int qmp_fd, size_t file_size, qmp_event_fn *on_event,
                 void (*on_exit)(void *arg), void *arg)
{
    struct spawn how = {.argv = argv,
                        .input = -1,
                        .keep = keep,
                        .n_keep = n_keep,
                        .file_size = file_size,
                        .qemu = true};
    int messages[2];
    char *error;

    *q = (struct qemu){.loop = loop, .message_fd = -1, .on_exit = on_exit, .arg = arg};
    qmp_start(&q->qmp, loop, qmp_fd, on_event, arg);
    if (pipe2(messages, O_CLOEXEC) != 0) {
        qemu_stop(q);
        return xasprintf("cannot make a pipe: %s", strerror(errno));
    }
    fcntl(messages[0], F_SETFL, O_NONBLOCK);
    how.output = how.error = messages[1];
    error = spawn_start(&q->process, &how);
    close(messages[1]);
    q->message_fd = messages[0];
    if (error) {
        qemu_stop(q);
        return error;
    }
    q->message_watch = loop_watch(loop, q->message_fd, POLLIN, on_message, q);
    q->exit_watch = loop_watch(loop, q->process.pidfd, POLLIN, on_exit_ready, q);
    return NULL;
}

void qemu_hand_over(struct qemu *q, qmp_event_fn *on_event, void (*on_exit)(void *arg), void *arg)
{
    q->on_exit = on_exit;
    q->arg = arg;
    q->qmp.on_event = on_event;
    q->qmp.arg = arg;
}

void qemu_stop(struct qemu *q)
{
    watch_remove(q->exit_watch);
    q->exit_watch = NULL;
    if (q->process.pid > 0) {
        spawn_kill(&q->process);
        q->wait_status = spawn_reap(&q->process);
    }
    if (q->message_watch)
        on_message(q, POLLIN);
    watch_remove(q->message_watch);
    q->message_watch = NULL;
    if (q->message_fd >= 0)
        close(q->message_fd);
    q->message_fd = -1;
    qmp_stop(&q->qmp);
}
