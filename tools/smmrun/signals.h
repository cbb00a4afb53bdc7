/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to end: SIGINT, SIGTERM and SIGHUP come through a file descriptor. */
#ifndef SMMRUN_SIGNALS_H
#define SMMRUN_SIGNALS_H

/*
 * Once, at the start: routes the signals to the descriptor (those that were
 * ignored stay so, as under nohup) and ignores SIGPIPE.
 */
void signals_init(void);

/* The descriptor, readable when a signal has come. */
int signals_fd(void);

/* The first of these signals that ever came, 0 if none did. Does not block. */
int signals_check(void);

/* In a child, before exec: everything as a program expects it. */
void signals_restore(void);

#endif
