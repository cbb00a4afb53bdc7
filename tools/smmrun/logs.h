/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The folder of a test: serial.log (COM1), host.log (COM2 and QMP's events),
 * messages.log (what QEMU printed), registers.log (after a timeout), command.sh; of
 * the second run of a failing test qemu.log (after a migration qemu-2.log, ...) and
 * rerun-serial.log.
 */
#ifndef SMMRUN_LOGS_H
#define SMMRUN_LOGS_H

#include "tools/smmrun/plan.h"

/*
 * Makes the folder for a job, empty of what an earlier run left in it. Returns its
 * path, to be freed, or NULL if it cannot be made (errno says why).
 */
char *logs_folder(const struct options *o, const struct job *job);

/* Removes what an earlier run left of the job; nothing else. */
void logs_forget(const struct options *o, const struct job *job);

/* Writes what there is of the job's result into job->result.folder. */
void logs_write(const struct options *o, const struct job *job);

/* Writes one file of a folder; failures are of no consequence. */
void logs_write_file(const char *folder, const char *name, const char *data, size_t len);

#endif
