/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A "guest" that has requests for the host, and one that migrated here. */
#include "fake.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *fake_requests;
char *fake_request;

void await_host(void)
{
    struct pollfd fds[] = {{fake_qmp, POLLIN, 0}, {fake_com2, POLLIN, 0}};
    char line[16384];

    for (;;) {
        poll(fds, 2, -1);
        if (fds[1].revents) {
            if (!get(fake_com2, line, sizeof(line)))
                exit(3);
            put(fake_com1, "  # ");
            put(fake_com1, line);
            put(fake_com1, "\n");
            return;
        }
        serve_qmp();
    }
}

/* What comes from the other one is the fake_state; an answer to its request comes next. */
static void arrive(void)
{
    static char buffer[8192];
    ssize_t n;
    size_t len = 0;

    if (migrate_goes("astray")) {
        fputs("qemu: -incoming: nobody is expected here\n", stderr);
        exit(1);
    }
    put(fake_qmp, "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n");
    serve_qmp();
    serve_qmp();
    while ((n = read(fake_incoming, buffer + len, sizeof(buffer) - 1 - len)) > 0)
        len += (size_t)n;
    if (migrate_goes("die")) {
        fputs("qemu: error while loading state\n", stderr);
        exit(1);
    }
    fake_requests = len ? buffer : NULL;
    put(fake_com1, "  # it goes on there\n");
    put(fake_qmp, "{\"event\": \"RESUME\"}\r\n");
    await_host();
}

int host(void)
{
    if (fake_incoming >= 0)
        arrive();
    else {
        fake_requests = getenv("FAKE_REQUESTS");
        put(fake_qmp, "{\"QMP\": {\"version\"");
        usleep(10000);
        put(fake_qmp, ": {}, \"capabilities\": []}}\r\n");
        head();
    }
    while (fake_requests && (fake_request = strsep(&fake_requests, "|"))) {
        put(fake_com2, fake_request);
        put(fake_com2, "\n");
        await_host();
    }
    tail(true);
    return STATUS_PASS;
}
