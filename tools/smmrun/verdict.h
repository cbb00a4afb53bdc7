/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From what was seen of a QEMU and its guest to the status of the test. */
#ifndef SMMRUN_VERDICT_H
#define SMMRUN_VERDICT_H

#include "tools/smmrun/ktap.h"

enum ending {
    ENDED_ITSELF, /* QEMU ended; exit_status says how */
    ENDED_TIMEOUT,
    ENDED_FLOOD,     /* the guest printed more than the runner takes */
    ENDED_RESTARTED, /* the report began a second time */
    ENDED_LINGERING, /* QEMU went on after the report's last line */
    ENDED_REFUSED,   /* it could not be started; messages says why */
};

struct outcome {
    const char *id;
    const struct ktap *ktap;
    enum ending ending;
    int wait_status;      /* as from waitpid(), for ENDED_ITSELF */
    const char *messages; /* what QEMU printed */
    double limit;         /* seconds that were allowed */
    size_t flood;         /* bytes that were allowed */
    bool qmp_lost;        /* QEMU closed QMP; meaningful unless ENDED_ITSELF */
    const char *qmp_problem;
    const char *shutdown; /* reason in QMP's SHUTDOWN event, NULL: there was none */
};

/* Returns the status; *reason is one sentence, "" for PASS, to be freed. */
enum status verdict(const struct outcome *o, char **reason);

/* Exit statuses of QEMU that the kernel chooses with isa-debug-exit. */
enum { GUEST_EXIT_PASS = 33, GUEST_EXIT_FAIL = 35, GUEST_EXIT_NONE = 37, GUEST_EXIT_ERROR = 39 };

#endif
