/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/com1.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/*
 * The pipe is looked at this often at most: the UART sends one byte at a time, and to be woken for
 * each takes the processor from the guest. The end of QEMU is seen at once nevertheless.
 */
#define REST_MS 20

static void on_rested(void *arg)
{
    struct com1 *c = arg;

    c->rest = NULL;
    watch_events(c->watch, POLLIN);
}

void com1_attach(struct com1 *c, struct loop *loop, int fd, watch_fn *ready, void *arg)
{
    *c = (struct com1){.fd = fd, .loop = loop};
    c->watch = loop_watch(loop, fd, POLLIN, ready, arg);
}

void com1_read(struct com1 *c, bool (*take)(void *arg, const char *data, size_t n), void *arg)
{
    char buffer[16384];
    ssize_t n;

    while ((n = read(c->fd, buffer, sizeof(buffer))) > 0) {
        if (!take(arg, buffer, (size_t)n))
            break;
    }
    watch_events(c->watch, -1);
    if (n < 0 && (errno == EAGAIN || errno == EINTR) && !c->rest)
        c->rest = loop_timer(c->loop, REST_MS, on_rested, c);
}

void com1_detach(struct com1 *c)
{
    timer_stop(c->rest);
    c->rest = NULL;
    watch_remove(c->watch);
    c->watch = NULL;
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}
