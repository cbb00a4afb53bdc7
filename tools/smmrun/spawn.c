/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/spawn.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/smmrun/forkserver.h"
#include "tools/smmrun/signals.h"
#include "tools/smmrun/util.h"

void spawn_init(void)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        int fd = atoi(entry->d_name);

        if (fd > STDERR_FILENO)
            fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    if (dir)
        closedir(dir);
    /* Half of what starting QEMU takes is page faults: large pages for its heap save a tenth. */
    setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1", 0);
}

static int use_fd(int from, int to, int flags)
{
    int fd = from >= 0 ? from : open("/dev/null", flags);

    return fd >= 0 && dup2(fd, to) == to ? 0 : -1;
}

/* In the child, up to exec. Only returns on failure, with errno. */
static void become(const struct spawn *how, pid_t parent)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_INFRASTRUCTURE);
    signals_restore();
    if (use_fd(how->input, STDIN_FILENO, O_RDONLY) ||
        use_fd(how->output, STDOUT_FILENO, O_WRONLY) || use_fd(how->error, STDERR_FILENO, O_WRONLY))
        return;
    for (size_t i = 0; i < how->n_keep; i++)
        fcntl(how->keep[i], F_SETFD, 0);
    if (how->file_size) {
        struct rlimit limit = {how->file_size, how->file_size};

        /* Ignored: writing fails with EFBIG and the program goes on. */
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    execv(how->argv[0], how->argv);
}

/* Returns 0, or errno; *p is complete or none. */
static int adopt(struct process *p, pid_t pid)
{
    int error;

    p->pid = pid;
    p->pidfd = (int)syscall(SYS_pidfd_open, pid, 0U);
    if (p->pidfd >= 0)
        return 0;
    error = errno;
    spawn_kill(p);
    spawn_reap(p);
    return error;
}

/* Returns 0, or errno; *p is complete or none. */
static int fork_and_exec(struct process *p, const struct spawn *how)
{
    int failure[2];
    int error = 0, why;
    pid_t parent = getpid(), pid;

    if (pipe2(failure, O_CLOEXEC) != 0)
        return errno;
    pid = fork();
    if (pid == 0) {
        become(how, parent);
        error = errno;
        (void)!write(failure[1], &error, sizeof(error));
        _exit(127);
    }
    if (pid < 0)
        error = errno;
    close(failure[1]);
    if (pid > 0) {
        setpgid(pid, pid);
        error = adopt(p, pid);
        if (!error && read(failure[0], &why, sizeof(why)) == (ssize_t)sizeof(why)) {
            error = why;
            spawn_kill(p);
            spawn_reap(p);
        }
    }
    close(failure[0]);
    return error;
}

char *spawn_start(struct process *p, const struct spawn *how)
{
    pid_t forked = how->qemu ? forkserver_fork(how) : 0;
    int error;

    *p = (struct process){.pidfd = -1};
    error = forked ? adopt(p, forked) : fork_and_exec(p, how);
    if (error)
        return xasprintf("cannot run %s: %s", how->argv[0], strerror(error));
    return NULL;
}

void spawn_kill(const struct process *p)
{
    if (p->pid <= 0)
        return;
    kill(-p->pid, SIGKILL);
    kill(p->pid, SIGKILL); /* if it had no time to get its group */
}

static double used_seconds(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

int spawn_reap(struct process *p)
{
    siginfo_t info;
    struct rusage used = {0};
    int status = 0;

    if (p->pid <= 0)
        return 0;
    /* As long as the child is not reaped nobody else can get its number. */
    while (waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
        ;
    kill(-p->pid, SIGKILL);
    while (wait4(p->pid, &status, 0, &used) < 0 && errno == EINTR)
        ;
    if (p->pidfd >= 0)
        close(p->pidfd);
    *p = (struct process){.pidfd = -1, .cpu_seconds = used_seconds(&used)};
    return status;
}
