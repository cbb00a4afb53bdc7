/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Child processes: each in a process group of its own, which ends with the child,
 * and killed by the kernel when the runner dies.
 */
#ifndef SMMRUN_SPAWN_H
#define SMMRUN_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process {
    pid_t pid;          /* 0: none */
    int pidfd;          /* readable when the child has ended */
    double cpu_seconds; /* processor time of the child, once it is reaped */
};

struct spawn {
    char *const *argv; /* argv[0] is a path */
    int input;         /* becomes standard input; -1: /dev/null */
    int output, error; /* become standard output and error; -1: /dev/null */
    const int *keep;   /* descriptors inherited under their own numbers */
    size_t n_keep;
    size_t file_size; /* bytes at most in a file that it writes, 0: no limit */
    bool qemu;        /* it may come from a fork server */
};

/*
 * Closes on exec whatever the runner inherited beyond standard input, output and error, and gives
 * children the C library's settings that let QEMU start fast, unless the environment has some.
 */
void spawn_init(void);

/* Returns NULL, or why the program cannot be started as one sentence, to be freed. */
char *spawn_start(struct process *p, const struct spawn *how);

/* Sends SIGKILL to the process group; spawn_reap() is still due. */
void spawn_kill(const struct process *p);

/*
 * Waits for the child, kills what is left of its group, and returns the status as
 * waitpid() does. *p is none afterwards, but for its processor time.
 */
int spawn_reap(struct process *p);

#endif
