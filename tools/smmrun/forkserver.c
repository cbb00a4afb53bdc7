/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/forkserver.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/smmrun/load.h"
#include "tools/smmrun/options.h"
#include "tools/smmrun/preload/protocol.h"
#include "tools/smmrun/util.h"

#define LIBRARY      "forkserver.so"
#define PRELOAD      "LD_PRELOAD"
#define READY_MS     2000 /* for a QEMU to be linked, on an idle machine: it takes 15 */
#define SERVERS_MAX  16
#define STANDARD_FDS 3

struct server {
    char *path; /* of the QEMU */
    struct process process;
    int channel; /* -1: it cannot be done with this one */
};

static struct server servers[SERVERS_MAX];
static size_t server_count;
static char *library;
static int nothing = -1; /* /dev/null */

char *forkserver_init(void)
{
    char *own = options_own_folder();

    library = xasprintf("%s/%s", own, LIBRARY);
    free(own);
    if (access(library, R_OK) != 0)
        return xasprintf("--fork-server: %s is missing; it is built for x86_64 only", library);
    if (getenv(PRELOAD))
        return xasprintf("--fork-server: %s is set to something else", PRELOAD);
    nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    return NULL;
}

static bool answered(int channel, int32_t *answer, int timeout)
{
    struct pollfd fd = {channel, POLLIN, 0};

    return poll(&fd, 1, timeout) == 1 && read(channel, answer, sizeof(*answer)) == sizeof(*answer);
}

static void give_up(struct server *s)
{
    close(s->channel);
    s->channel = -1;
    spawn_kill(&s->process);
    spawn_reap(&s->process);
}

/*
 * Another script may set up something for each QEMU, or look at the arguments. That of tools/zoo
 * does neither.
 */
static bool is_the_same_always(const char *path)
{
    static const char elf[] = "\177ELF", script[] = "#!/bin/sh\n# Written by tools/zoo";
    char head[sizeof(script)] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, head, sizeof(head) - 1) : -1;

    if (fd >= 0)
        close(fd);
    return n > 0 && (strncmp(head, elf, strlen(elf)) == 0 || strcmp(head, script) == 0);
}

/* Without the library that is a machine without a screen, which stands still until it is ended. */
static void start(struct server *s)
{
    char *argv[1 + FORKSERVER_ROOM + 1] = {s->path, FORKSERVER_FIRST, "none", "-S"};
    char *error = NULL;
    char number[16];
    int32_t answer = 0;
    int pair[2];

    s->channel = -1;
    if (!is_the_same_always(s->path))
        return;
    for (size_t i = 4; i <= FORKSERVER_ROOM; i++)
        argv[i] = FORKSERVER_LAST;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return;
    snprintf(number, sizeof(number), "%d", pair[1]);
    setenv(FORKSERVER_VARIABLE, number, 1);
    setenv(PRELOAD, library, 1);
    error = spawn_start(
        &s->process,
        &(struct spawn){
            .argv = argv, .input = -1, .output = -1, .error = -1, .keep = &pair[1], .n_keep = 1});
    unsetenv(PRELOAD);
    unsetenv(FORKSERVER_VARIABLE);
    close(pair[1]);
    s->channel = pair[0];
    if (error || !answered(s->channel, &answer, (int)(READY_MS * load_factor(1))) ||
        answer != FORKSERVER_READY)
        give_up(s);
    free(error);
}

static struct server *find(const char *path)
{
    struct server *s = servers;

    while (s < servers + server_count && strcmp(s->path, path) != 0)
        s++;
    if (s == servers + server_count) {
        if (server_count == SERVERS_MAX)
            return NULL;
        server_count++;
        s->path = xstrdup(path);
        start(s);
    }
    return s->channel >= 0 ? s : NULL;
}

static bool add_arguments(struct forkserver_request *r, char *const *argv)
{
    size_t used = 0;

    for (; *argv; argv++, r->args++) {
        size_t size = strlen(*argv) + 1;

        if (r->args == FORKSERVER_ROOM || used + size > sizeof(r->text))
            return false;
        memcpy(r->text + used, *argv, size);
        used += size;
    }
    return true;
}

static bool send_request(int channel, const struct forkserver_request *r, const int *fds, size_t n)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(FORKSERVER_FDS * sizeof(int))];
    } control = {0};
    struct iovec packet = {(void *)(uintptr_t)r, sizeof(*r)};
    struct msghdr message = {.msg_iov = &packet,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(n * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(n * sizeof(int));
    memcpy(CMSG_DATA(header), fds, n * sizeof(int));
    return sendmsg(channel, &message, MSG_NOSIGNAL) == (ssize_t)sizeof(*r);
}

pid_t forkserver_fork(const struct spawn *how)
{
    struct forkserver_request r = {.parent = getpid()};
    const int standard[STANDARD_FDS] = {how->input, how->output, how->error};
    int fds[FORKSERVER_FDS];
    struct server *s;
    int32_t pid = 0;

    /* A limit is set between fork() and exec() only. */
    if (nothing < 0 || how->file_size || how->n_keep > FORKSERVER_FDS - STANDARD_FDS ||
        !add_arguments(&r, how->argv + 1) || !(s = find(how->argv[0])))
        return 0;
    for (int i = 0; i < STANDARD_FDS; i++) {
        fds[i] = standard[i] >= 0 ? standard[i] : nothing;
        r.number[i] = i;
    }
    for (size_t i = 0; i < how->n_keep; i++)
        fds[STANDARD_FDS + i] = r.number[STANDARD_FDS + i] = how->keep[i];
    if (!send_request(s->channel, &r, fds, STANDARD_FDS + how->n_keep) ||
        !answered(s->channel, &pid, -1) || pid <= 0) {
        give_up(s);
        return 0;
    }
    return pid;
}

void forkserver_stop(void)
{
    for (size_t i = 0; i < server_count; i++) {
        if (servers[i].channel >= 0)
            give_up(&servers[i]);
        free(servers[i].path);
    }
    server_count = 0;
    if (nothing >= 0)
        close(nothing);
    nothing = -1;
    free(library);
    library = NULL;
}
