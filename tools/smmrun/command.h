/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's command line for one test. */
#ifndef SMMRUN_COMMAND_H
#define SMMRUN_COMMAND_H

#include "tools/smmrun/plan.h"

struct command {
    const struct config *config;
    const struct needs *needs;
    const char *id;
    const struct strings *append; /* more words for the kernel, may be NULL */
    int qmp, com1, com2;          /* descriptors that QEMU inherits; com1 < 0: for a person */
    unsigned int gdb_port;        /* start stopped and listen there, 0: no */
    int incoming;                 /* descriptor that another QEMU's state comes from, 0: none */
    unsigned int boot_cpus;       /* instead of the needs' smp=, 0: as they say */
    const struct strings *cpus;   /* CPUs beyond those, values of -device, may be NULL */
    const char *log;              /* -d int,cpu_reset,guest_errors to this file, NULL: no */
};

/* -cpu for a test that does not care, NULL: QEMU's own; an i386 kernel wants NX. */
const char *command_cpu(const char *arch);

/* The words, argv[0] first; to be freed. */
struct strings command_build(const struct command *c);

/*
 * A shell script that runs the test by hand: COM1 on standard output, no host
 * channel, and a remark on what that leaves out. To be freed.
 */
char *command_script(const struct command *c);

#endif
