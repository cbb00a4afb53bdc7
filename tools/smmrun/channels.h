/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A QEMU process with the three channels of a machine: QMP, COM1 and COM2. */
#ifndef SMMRUN_CHANNELS_H
#define SMMRUN_CHANNELS_H

#include "tools/smmrun/command.h"
#include "tools/smmrun/qemu.h"

/* Our ends. */
struct channels {
    int com1; /* a pipe's reading end, does not block */
    int com2; /* a socket */
};

/*
 * Starts a QEMU for command, whose descriptors are filled in here; command->incoming (0: none) is
 * inherited as well and stays the caller's. The callbacks get arg. Returns NULL, or why it
 * cannot be started as one sentence, to be freed; everything is closed then.
 */
char *channels_start(struct qemu *q, struct channels *ours, struct loop *loop,
                     struct command *command, size_t file_size, qmp_event_fn *on_event,
                     void (*on_exit)(void *arg), void *arg);

#endif
