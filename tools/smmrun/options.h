/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line and the environment. */
#ifndef SMMRUN_OPTIONS_H
#define SMMRUN_OPTIONS_H

#include "tools/smmrun/util.h"

struct options {
    struct strings qemus, machines, arches, groups, globs, append;
    struct strings accels;     /* "tcg", with properties as for -accel */
    struct strings not_run;    /* sentences on what somebody left out */
    char *firmware;            /* "seabios" or "qboot"; NULL: qboot where QEMU has it */
    char *kernel_dir;          /* holds ARCH/kernel.elf */
    char *logs;                /* folder for logs of failing tests, or of all with keep_all */
    char *json, *junit, *html; /* files to write, NULL: none */
    char *known;               /* known-issues.json, NULL: nothing is expected to fail */
    char *print_command;       /* test id */
    char *gdb;                 /* test id */
    unsigned int jobs, repeat;
    unsigned int shard, shards; /* part shard of shards, from 1; 0: everything */
    double timeout;             /* seconds on an idle machine; negative: the test's own; 0: none */
    unsigned int verbose;
    bool merge;   /* the arguments are result files, nothing is run */
    bool matrix;  /* one table instead of a line a test */
    bool all;     /* in the table: what agrees too */
    bool compare; /* the first two arguments are QEMUs */
    bool list, spec, tap, keep_all, rerun, share, fork_server, bisect, no_known;
    bool qemu_named; /* somebody named a QEMU: no silent choice of ours */
};

enum options_result {
    OPTIONS_RUN,   /* go on */
    OPTIONS_DONE,  /* --help or --version: printed, exit status 0 */
    OPTIONS_WRONG, /* a sentence is on standard error, exit status 2 */
};

/* Reads argv and the environment (QEMU ACCEL MACHINE TIMEOUT) into *o. */
enum options_result options_parse(struct options *o, int argc, char **argv);
void options_free(struct options *o);

/* CPUs that this process may use, from 1. */
unsigned int options_cores(void);

/* Where the runner itself is: kernels and logs are beside it. To be freed. */
char *options_own_folder(void);

/* For options_parse(): a sentence on standard error; returns false. */
bool options_wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Likewise: globs, files of --merge, QEMUs of --compare; whether the options agree. */
bool options_arguments(struct options *o, int n, char **argument);

/* For options_parse(): the environment, then defaults, where nothing was said before. */
bool options_environment(struct options *o);
void options_defaults(struct options *o);
/* Sets o->timeout; false, after a sentence that begins with name, if value is no time. */
bool options_set_timeout(struct options *o, const char *name, const char *value);

/* Seconds from "90", "1.5", "90s", "2m", "1h". */
bool options_duration(const char *text, double *seconds);

#endif
