/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a test needs, from the words in its record (docs/architecture.md, "Needs"),
 * and whether a configuration has it.
 */
#ifndef SMMRUN_NEEDS_H
#define SMMRUN_NEEDS_H

#include <stdbool.h>

#include "tools/smmrun/util.h"
#include "tools/smmrun/version.h"

enum need_smm { NEED_SMM_ON, NEED_SMM_OFF, NEED_SMM_ANY };
enum need_firmware { NEED_FIRMWARE_ANY, NEED_FIRMWARE_VIRGIN, NEED_FIRMWARE_SEABIOS };

/* "machine>=pc-q35-X.Y", "qemu<X.Y": the lower end belongs to the range, the upper does not. */
struct need_range {
    bool has_min, has_max;
    struct version min, max;
};

struct needs {
    unsigned int smp, maxcpus;
    unsigned int sockets, dies, cores, threads; /* their product is maxcpus */
    unsigned int mem;                           /* MiB */
    unsigned int timeout;                       /* seconds on an idle machine */
    unsigned int icount;                        /* -icount shift, 0: real time */
    unsigned int flash;                         /* KiB of a second flash bank, 0: no flash */
    char *cpu;                                  /* -cpu, NULL: the default */
    char *type;                                 /* machine type, NULL: the configuration's */
    bool vga;                                   /* a VGA device */
    enum need_smm smm;
    enum need_firmware firmware;
    struct strings accels, arches; /* empty: all */
    struct need_range machine, qemu;
    struct strings globals, devices, hosts, groups, args;
    bool own_boot;
    bool one_thread; /* of the host for all CPUs, if this is TCG */
};

/* Fills *needs, to be freed. Returns NULL, or what is wrong as one sentence, to be freed. */
char *needs_parse(struct needs *needs, const char *words);
void needs_free(struct needs *needs);

/* The side of a machine that needs are compared with. */
struct offer {
    const char *arch;            /* of the kernel */
    const char *accel;           /* name without properties */
    const char *machine;         /* versioned type */
    bool chosen;                 /* the user named this very type */
    const struct strings *types; /* all machine types of this QEMU */
    struct version qemu;
    bool smm;               /* the accelerator has SMM */
    const char *smm_reason; /* why not, in QEMU's words */
    bool qboot;             /* qboot.rom is there */
};

/* NULL if all is there, else the reason to skip, to be freed. */
char *needs_unmet(const struct needs *needs, const struct offer *offer);

#endif
