/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is run: configurations (QEMU, machine type, architecture) and tests on each. */
#ifndef SMMRUN_PLAN_H
#define SMMRUN_PLAN_H

#include "tools/smmrun/emulator.h"
#include "tools/smmrun/ktap.h"
#include "tools/smmrun/needs.h"
#include "tools/smmrun/options.h"
#include "tools/smmrun/record.h"

/* One QEMU with one machine type, architecture of the kernel and accelerator. */
struct config {
    struct emulator *qemu;
    const char *machine;       /* versioned type */
    const char *machine_asked; /* as the user named it, such as "q35" */
    size_t side;               /* which of the QEMUs that were named, from 0 */
    size_t twin;               /* configurations before it with this version, machine, arch */
    const char *arch;
    const char *accel; /* as for -accel */
    char *accel_name;  /* without properties */
    const char *kernel;
    const struct records *records;
    struct accel_offer offer;
    bool qboot;  /* firmware for tests that do not care */
    char *label; /* tells configurations apart, "" if there is only one */
};

struct result {
    enum status status;
    char *reason;  /* "" for PASS */
    char *finding; /* known issue of XFAIL and XPASS, else NULL */
    double seconds;
    double cpu_seconds; /* processor time of the QEMUs that ran it */
    struct ktap ktap;
    struct text serial;    /* COM1 as it came; printable() is the reader's business */
    struct text host;      /* what went over COM2, and QMP's events */
    struct text messages;  /* standard output and error of QEMU */
    struct text registers; /* of all CPUs, after a timeout */
    char *folder;          /* logs, NULL: none were kept */
};

/* One test in one configuration, once. */
struct job {
    const struct config *config;
    const struct testinfo *test;
    struct needs needs;
    unsigned int repetition; /* from 1 */
    size_t order;            /* place in the whole plan, if this is a part of it */
    bool batched;            /* has a place in a boot that it shares, see share.h */
    struct result result;
};

struct kernel {
    const char *arch;
    char *path;
    struct records records;
};

struct known;

struct plan {
    struct kernel kernel[2];
    size_t kernels;
    struct emulator *emulator; /* each binary once */
    size_t emulators;
    struct config *config;
    size_t configs, configs_cap;
    const char *slow; /* the accelerator that was too slow on one configuration, NULL: none */
    struct job *job;
    size_t jobs, jobs_cap;
    struct known *known;    /* failures to expect, NULL: none */
    struct strings notes;   /* sentences for the user, before anything runs */
    struct strings not_run; /* sentences on configurations that were asked for and are not there */
    size_t dealt;           /* jobs of the whole plan if this is a shard of it, else 0 */
    uint64_t digest;        /* of the whole plan, likewise */
};

/*
 * Reads the kernels' records. Returns an exit status: 0, or that of the sentence
 * which was printed on standard error. The plan is to be freed in any case.
 */
int plan_kernels(struct plan *p, const struct options *o);

/* Whether the globs and groups name anything; after plan_kernels(). */
int plan_check(const struct plan *p, const struct options *o);

/* Probes the QEMUs and makes configurations; after plan_kernels(). */
int plan_configs(struct plan *p, const struct options *o);

/* Chooses the tests for every configuration; after plan_configs(). */
int plan_jobs(struct plan *p, const struct options *o);

/* Prints the sentence unless a signal came, and frees it; returns status. */
int plan_complain(int status, char *sentence);

/* Adds a sentence to p->notes or p->not_run, once, and frees it. */
void plan_note(struct plan *p, char *sentence);
void plan_left_out(struct plan *p, char *sentence);

void plan_free(struct plan *p);
void result_free(struct result *r);

/* The records of all kernels side by side, to be freed (the array, not what it refers to). */
struct records *plan_records(const struct plan *p);

/* "LABEL/ID #N" as far as each part is needed to tell jobs apart; to be freed. */
char *job_name(const struct job *job, unsigned int repeat);

#endif
