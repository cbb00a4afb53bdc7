/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a program to its end, in bounded time, and keeps what it printed. */
#ifndef SMMRUN_CAPTURE_H
#define SMMRUN_CAPTURE_H

#include "tools/smmrun/util.h"

struct capture {
    struct text out, err; /* the first megabyte of each */
    int status;           /* as from waitpid() */
    double cpu_seconds;   /* processor time that it took */
    bool timed_out;       /* it was killed for that */
    bool interrupted;     /* a signal to end has come, see signals.h; it was killed */
};

/*
 * input (at most 4096 bytes, may be NULL) is its standard input. Returns NULL, or
 * why it could not be started, to be freed. *c is to be freed in any case.
 */
char *capture_run(struct capture *c, char *const *argv, const char *input, int64_t timeout_ms);
void capture_free(struct capture *c);

#endif
