/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the runner and its library in a waiting QEMU say to each other, in one packet each way. */
#ifndef SMMRUN_PRELOAD_PROTOCOL_H
#define SMMRUN_PRELOAD_PROTOCOL_H

#include <stdint.h>

/* In the environment: the number of a connected SOCK_SEQPACKET socket. */
#define FORKSERVER_VARIABLE "SMMRUN_FORKSERVER"

/*
 * The waiting QEMU is started with this many arguments, the first and the last of them known: room
 * for those of its children. What a script adds behind them is meant for the children as well.
 */
#define FORKSERVER_ROOM  250
#define FORKSERVER_FIRST "-display"
#define FORKSERVER_LAST  "-nodefaults"

/* The library's first packet: main() would be next. */
#define FORKSERVER_READY 0x6b726f66

#define FORKSERVER_FDS  16
#define FORKSERVER_TEXT 16000

/* A child to be started. Its descriptors come with the packet (SCM_RIGHTS), their numbers in it. */
struct forkserver_request {
    int32_t parent; /* it ends if its parent is another one */
    uint32_t args;  /* without argv[0]; FORKSERVER_ROOM at most */
    int32_t number[FORKSERVER_FDS];
    char text[FORKSERVER_TEXT]; /* the arguments, each with its 0 */
};

/* The answer is an int32_t: the child's process id, or a negative errno. */

#endif
