/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/channels.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* COM1 may be so far ahead of us before QEMU has to wait; what a system allows anybody. */
#define COM1_PIPE_BYTES (1 << 20)

enum { QMP, COM1, COM2, CHANNELS };

/*
 * Our ends and QEMU's; false with errno. COM1 is a pipe: a socket is full after a
 * few hundred single bytes, and what then waits in the UART is lost when QEMU exits.
 */
static bool make_channels(int ours[CHANNELS], int theirs[CHANNELS])
{
    for (int i = 0; i < CHANNELS; i++) {
        int pair[2];

        if (i == COM1 ? pipe2(pair, O_CLOEXEC)
                      : socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
            while (i-- > 0) {
                close(ours[i]);
                close(theirs[i]);
            }
            return false;
        }
        ours[i] = pair[0];
        theirs[i] = pair[1];
    }
    fcntl(ours[COM1], F_SETFL, O_NONBLOCK);
    fcntl(theirs[COM1], F_SETPIPE_SZ, COM1_PIPE_BYTES);
    return true;
}

char *channels_start(struct qemu *q, struct channels *ours, struct loop *loop,
                     struct command *command, size_t file_size, qmp_event_fn *on_event,
                     void (*on_exit)(void *arg), void *arg)
{
    int mine[CHANNELS], theirs[CHANNELS + 1];
    struct strings argv;
    char *error;

    if (!make_channels(mine, theirs))
        return xasprintf("cannot make pipes and sockets: %s", strerror(errno));
    command->qmp = theirs[QMP];
    command->com1 = theirs[COM1];
    command->com2 = theirs[COM2];
    theirs[CHANNELS] = command->incoming;
    argv = command_build(command);
    error = qemu_start(q, loop, argv.item, theirs, command->incoming ? CHANNELS + 1 : CHANNELS,
                       mine[QMP], file_size, on_event, on_exit, arg);
    strings_free(&argv);
    for (int i = 0; i < CHANNELS; i++)
        close(theirs[i]);
    if (error) {
        close(mine[COM1]);
        close(mine[COM2]);
        return error;
    }
    *ours = (struct channels){mine[COM1], mine[COM2]};
    return NULL;
}
