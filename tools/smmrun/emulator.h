/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A QEMU binary (or a script that runs one) and what it can do, found by asking it. */
#ifndef SMMRUN_EMULATOR_H
#define SMMRUN_EMULATOR_H

#include "tools/smmrun/util.h"
#include "tools/smmrun/version.h"

struct emulator {
    char *path;
    char *version_text; /* first line of --version */
    struct version version;
    struct strings machines; /* all machine types */
    char *q35;               /* what "q35" stands for, such as "pc-q35-7.2" */
    char *qboot;             /* qboot.rom in the search path for firmware; NULL: not there */
};

/* What -accel A offers on one QEMU. */
struct accel_offer {
    bool smm;
    char *smm_reason; /* why not, in QEMU's words, to be freed */
};

/*
 * The path of a program as execvp() would find it, to be freed; NULL if name has
 * no "/" and is not in PATH.
 */
char *emulator_find(const char *name);

/*
 * Asks the binary at path; each question takes limit_ms at most. Returns NULL, or
 * one sentence to be freed. *e is to be freed in any case.
 */
char *emulator_probe(struct emulator *e, const char *path, int64_t limit_ms);
void emulator_free(struct emulator *e);

/* The versioned type that name stands for; NULL if there is none of that name. */
const char *emulator_machine(const struct emulator *e, const char *name);

/*
 * Tries whether accel (with its properties) works with -cpu CPU (NULL: QEMU's own
 * choice; nested KVM may have one and not the other), and with SMM. Errors as above.
 */
char *emulator_probe_accel(const struct emulator *e, const char *accel, const char *cpu,
                           struct accel_offer *offer, int64_t limit_ms);

/* The line of QEMU's messages that says why it ended, to be freed; "" if there is none. */
char *emulator_complaint(const char *messages);

#endif
