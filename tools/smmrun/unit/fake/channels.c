/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes to the runner and what comes from it. */
#include "fake.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int fake_qmp = -1, fake_com1 = -1, fake_com2 = -1;
int fake_incoming = -1;
int fake_state = -1;
char fake_id[128] = "?";

void put(int fd, const char *s)
{
    size_t len = strlen(s);

    while (len) {
        ssize_t n = write(fd, s, len);

        if (n <= 0)
            exit(3);
        s += n;
        len -= (size_t)n;
    }
}

void head(void)
{
    put(fake_com1,
        "KTAP version 1\n1..1\n# smm-unit-tests kernel fake\n  KTAP version 1\n  # Subtest: ");
    put(fake_com1, fake_id);
    put(fake_com1, "\n  ok 1 first it begins\n");
}

void tail(bool passed)
{
    put(fake_com1, passed
                       ? "  ok 2 second it goes on\n"
                       : "  # second: got 1, wanted 2 (fake.c:1)\n  not ok 2 second it goes on\n");
    put(fake_com1, "  1..2\n");
    put(fake_com1, passed ? "ok 1 " : "not ok 1 ");
    put(fake_com1, fake_id);
    put(fake_com1, passed ? "\n# smm-unit-tests: PASS: 1 passed, 0 failed, 0 skipped, 0 errors\n"
                          : "\n# smm-unit-tests: FAIL: 0 passed, 1 failed, 0 skipped, 0 errors\n");
}

void wait_long(void)
{
    for (;;)
        sleep(1000);
}

bool get(int fd, char *line, size_t size)
{
    size_t n = 0;
    char c;

    while (read(fd, &c, 1) == 1) {
        if (c == '\n') {
            line[n] = '\0';
            return true;
        }
        if (n + 1 < size)
            line[n++] = c;
    }
    return false;
}

bool get_message(char *line, size_t size)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    size_t n = 0;
    char c = 0;

    while (c != '\n') {
        struct iovec byte = {&c, 1};
        struct msghdr message = {.msg_iov = &byte,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof(control.space)};

        if (recvmsg(fake_qmp, &message, 0) != 1)
            return false;
        if (message.msg_controllen >= CMSG_LEN(sizeof(int)))
            memcpy(&fake_state, CMSG_DATA(&control.head), sizeof(fake_state));
        if (n + 1 < size)
            line[n++] = c;
    }
    line[n] = '\0';
    return true;
}
