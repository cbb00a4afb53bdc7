/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loaded into a QEMU by LD_PRELOAD. A third of what it takes to start QEMU is the dynamic linker's
 * work, which is the same every time: this waits where that is done and main() is next, and
 * forks a child whenever the runner wants a QEMU. The child gets its own arguments, descriptors
 * and process group, and is the runner's child, as after fork() and exec() there.
 *
 * No C library: that of the QEMU may be older than the one this is compiled with.
 */
#include "tools/smmrun/preload/protocol.h"

#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define FD_BEYOND 500 /* no descriptor of a child has such a number */
#define SIGKILL   9
#define SIGCHLD   17
#define EINTR     4
/* linux/prctl.h: where the C library keeps the thread's id, which fork() has the kernel update */
#define GET_TID_ADDRESS 40

static struct forkserver_request request;
static int fds[FORKSERVER_FDS];
static unsigned int fd_count;

static long call(long number, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = 0;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

static bool equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* The number in "NAME=NUMBER" if that is the variable's name, else -1. */
static int channel_of(const char *setting)
{
    const char *name = FORKSERVER_VARIABLE "=";
    int number = 0;

    for (; *name; name++, setting++) {
        if (*setting != *name)
            return -1;
    }
    for (; *setting >= '0' && *setting <= '9'; setting++)
        number = number * 10 + *setting - '0';
    return number;
}

/* Waits for a request; false: the runner has gone. */
static bool receive(int channel)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(fds))];
    } control = {{0}};
    struct iovec packet = {&request, sizeof(request)};
    struct msghdr message = {.msg_iov = &packet,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    struct cmsghdr *header;
    long n;

    do
        n = call(__NR_recvmsg, channel, (long)&message, 0, 0);
    while (n == -EINTR);
    fd_count = 0;
    header = CMSG_FIRSTHDR(&message);
    if (n > 0 && header && header->cmsg_type == SCM_RIGHTS) {
        fd_count = (unsigned int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (unsigned int i = 0; i < fd_count; i++)
            fds[i] = ((int *)(void *)CMSG_DATA(header))[i];
    }
    return n > 0;
}

/* First out of the way: a number that is wanted may be taken by another one. */
static void place_fds(void)
{
    for (unsigned int i = 0; i < fd_count; i++) {
        int beyond = (int)call(__NR_fcntl, fds[i], F_DUPFD, FD_BEYOND, 0);

        call(__NR_close, fds[i], 0, 0, 0);
        fds[i] = beyond;
    }
    for (unsigned int i = 0; i < fd_count; i++) {
        call(__NR_dup2, fds[i], request.number[i], 0, 0);
        call(__NR_close, fds[i], 0, 0, 0);
    }
}

/* _start takes the number of arguments from the place in front of them. */
static void place_arguments(int argc, char **argv)
{
    char *text = request.text;
    int n = 1;

    for (uint32_t i = 0; i < request.args; i++) {
        argv[n++] = text;
        while (*text++)
            ;
    }
    for (int i = 1 + FORKSERVER_ROOM; i < argc; i++)
        argv[n++] = argv[i];
    argv[n] = NULL;
    ((long *)argv)[-1] = n;
}

static void become_child(int argc, char **argv, int channel)
{
    call(__NR_setpgid, 0, 0, 0, 0);
    call(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0);
    if (call(__NR_getppid, 0, 0, 0, 0) != request.parent)
        call(__NR_exit_group, 1, 0, 0, 0);
    call(__NR_close, channel, 0, 0, 0);
    place_fds();
    place_arguments(argc, argv);
}

/* The C library calls it with main()'s arguments, when all libraries are linked. */
__attribute__((constructor)) static void serve(int argc, char **argv, char **envp)
{
    int32_t answer = FORKSERVER_READY;
    int channel = -1;
    long tid = 0;

    for (; *envp && channel < 0; envp++)
        channel = channel_of(*envp);
    /* A script around QEMU has the library as well. */
    if (channel < 0 || argc <= FORKSERVER_ROOM || !equal(argv[1], FORKSERVER_FIRST) ||
        !equal(argv[FORKSERVER_ROOM], FORKSERVER_LAST))
        return;
    call(__NR_prctl, GET_TID_ADDRESS, (long)&tid, 0, 0);
    call(__NR_write, channel, (long)&answer, sizeof(answer), 0);
    while (receive(channel)) {
        answer = (int32_t)call(__NR_clone,
                               CLONE_PARENT | SIGCHLD |
                                   (tid ? CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID : 0),
                               0, 0, tid);
        if (answer == 0) {
            become_child(argc, argv, channel);
            return;
        }
        for (unsigned int i = 0; i < fd_count; i++)
            call(__NR_close, fds[i], 0, 0, 0);
        call(__NR_write, channel, (long)&answer, sizeof(answer), 0);
    }
    call(__NR_exit_group, 0, 0, 0, 0);
}
