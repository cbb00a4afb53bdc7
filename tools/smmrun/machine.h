/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine of one test as the guest sees it: COM1, COM2, and whatever QEMU
 * process carries it; from power-on to the result.
 */
#ifndef SMMRUN_MACHINE_H
#define SMMRUN_MACHINE_H

#include "tools/smmrun/channels.h"
#include "tools/smmrun/com1.h"
#include "tools/smmrun/hostchan.h"
#include "tools/smmrun/plan.h"
#include "tools/smmrun/qemu.h"
#include "tools/smmrun/verdict.h"

/* Bytes that a guest may print on COM1. */
#define MACHINE_SERIAL_MAX (4U << 20)
/* Bytes that QEMU may write to its log. */
#define MACHINE_LOG_MAX (64U << 20)

struct machine_setup {
    struct loop *loop;
    const struct options *options;
    const struct job *job;
    const char *ids;       /* tests to run, as for test=; NULL: the job's */
    const char *log;       /* QEMU's log with interrupts and resets, NULL: none */
    unsigned int gdb_port; /* stopped, and without a time limit; 0: no */
    bool echo;             /* COM1 to standard output as it comes */
};

struct migration;

typedef void machine_done_fn(void *arg);

struct machine {
    struct machine_setup setup;
    struct qemu carrier[2];
    struct qemu *qemu;           /* the one that the guest runs in */
    struct migration *migration; /* under way, NULL: none */
    unsigned int moves;          /* migrations that have succeeded */
    struct text messages;        /* of the QEMUs that it ran in before */
    struct hostchan host;
    struct com1 com1;
    struct watch *timer;
    struct result *result;
    char *shutdown; /* reason of QMP's SHUTDOWN event */
    int64_t began;
    double limit; /* seconds, scaled by the load; 0: none */
    bool running;
    machine_done_fn *done;
    void *arg;
};

/*
 * Powers on. The outcome goes to *result (all zero before); done is called when it
 * is complete, perhaps before machine_start() returns.
 */
void machine_start(struct machine *m, const struct machine_setup *setup, struct result *result,
                   machine_done_fn *done, void *arg);

/* For migration: the command line of the machine's first QEMU, and room for another one. */
struct command machine_command(const struct machine *m);
struct qemu *machine_spare(struct machine *m);
/*
 * The guest runs in another QEMU, which is in that room: the one before ends, and what the guest
 * had printed there is read first. Takes the channels over; false when that ended the machine.
 */
bool machine_move(struct machine *m, struct qemu *to, const struct channels *ends);

/* Ends it without a result and without calling done. */
void machine_abort(struct machine *m);

#endif
