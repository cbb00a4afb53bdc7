/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live migration of a machine: a second QEMU with the same command line and the CPUs that were
 * plugged meanwhile takes the state over a socket, then the machine's channels, and the first one
 * ends. When anything fails the first one goes on.
 */
#ifndef SMMRUN_MIGRATE_H
#define SMMRUN_MIGRATE_H

#include "tools/smmrun/machine.h"

/* Begins, for the host channel's request in progress, which is answered when it is over. */
void migrate_start(struct machine *m);

/*
 * An event of the QEMU that the machine leaves; true when it belongs to the migration and is
 * nobody else's business.
 */
bool migrate_event(struct machine *m, const char *name, json_t *data);

/* The QEMU that the machine leaves has ended; true when the other one has everything it needs. */
bool migrate_survives(const struct machine *m);

/* No answer came in time: the machine stays where it is. */
void migrate_give_up(struct machine *m);

/* The machine ends: whatever is under way ends with it. */
void migrate_abort(struct machine *m);

#endif
