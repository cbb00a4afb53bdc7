/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "tools/smmrun/signals.h"
#include "tools/smmrun/spawn.h"

#define KEEP_MAX (1U << 20)

/* Reads what is there; closes *fd at its end. */
static void take(int *fd, struct text *to)
{
    char buffer[4096];
    ssize_t n;

    if (*fd < 0)
        return;
    while ((n = read(*fd, buffer, sizeof(buffer))) > 0) {
        if (to->len < KEEP_MAX)
            text_add(to, buffer, (size_t)n);
    }
    if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(*fd);
        *fd = -1;
    }
}

static void watch(struct capture *c, struct process *p, int *out, int *err, int64_t timeout_ms)
{
    int64_t end = now_ms() + timeout_ms;
    bool ended = false;

    while (!ended && !c->timed_out && !c->interrupted) {
        struct pollfd fds[] = {
            {p->pidfd, POLLIN, 0}, {signals_fd(), POLLIN, 0}, {*out, POLLIN, 0}, {*err, POLLIN, 0}};
        int64_t left = end - now_ms();

        if (poll(fds, 4, left > 0 ? (int)left : 0) == 0 && left <= 0)
            c->timed_out = true;
        ended = fds[0].revents != 0;
        c->interrupted = signals_check() != 0;
        take(out, &c->out);
        take(err, &c->err);
    }
    if (!ended)
        spawn_kill(p);
}

static void close_all(const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
    }
}

char *capture_run(struct capture *c, char *const *argv, const char *input, int64_t timeout_ms)
{
    int fds[6] = {-1, -1, -1, -1, -1, -1}; /* in, out, err; reading end first */
    struct process p;
    struct spawn how;
    char *error;

    *c = (struct capture){0};
    if (pipe2(fds, O_CLOEXEC) || pipe2(fds + 2, O_CLOEXEC) || pipe2(fds + 4, O_CLOEXEC)) {
        close_all(fds, 6);
        return xasprintf("cannot make a pipe: %s", strerror(errno));
    }
    fcntl(fds[2], F_SETFL, O_NONBLOCK);
    fcntl(fds[4], F_SETFL, O_NONBLOCK);
    if (input)
        (void)!write(fds[1], input, strlen(input));
    close(fds[1]);
    how = (struct spawn){.argv = argv, .input = fds[0], .output = fds[3], .error = fds[5]};
    error = spawn_start(&p, &how);
    close(fds[0]);
    close(fds[3]);
    close(fds[5]);
    if (!error) {
        watch(c, &p, &fds[2], &fds[4], timeout_ms);
        c->status = spawn_reap(&p);
        c->cpu_seconds = p.cpu_seconds;
        take(&fds[2], &c->out);
        take(&fds[4], &c->err);
    }
    if (fds[2] >= 0)
        close(fds[2]);
    if (fds[4] >= 0)
        close(fds[4]);
    return error;
}

void capture_free(struct capture *c)
{
    text_free(&c->out);
    text_free(&c->err);
}
