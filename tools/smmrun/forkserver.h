/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --fork-server: one QEMU of each binary waits, linked, in front of main(), and the others are
 * its forks (preload/forkserver.c). That saves a quarter of a short test.
 */
#ifndef SMMRUN_FORKSERVER_H
#define SMMRUN_FORKSERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "tools/smmrun/spawn.h"

/*
 * From now on QEMUs are forked where that can be done. NULL, or why it cannot be done anywhere, as
 * one sentence, to be freed: the library is not beside the runner, for one.
 */
char *forkserver_init(void);

/* A child of how->argv[0] as spawn_start() makes one; 0: it has to be done there. */
pid_t forkserver_fork(const struct spawn *how);

/* Ends those that wait. */
void forkserver_stop(void);

#endif
