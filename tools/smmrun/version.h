/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Version numbers of QEMU ("7.2.22") and of its machine types ("pc-q35-4.0.1"). */
#ifndef SMMRUN_VERSION_H
#define SMMRUN_VERSION_H

#include <stdbool.h>

struct version {
    int part[3]; /* major, minor, micro */
};

/*
 * Reads two or three numbers with dots between them; *end is what follows.
 * False if there are none.
 */
bool version_parse(const char *s, struct version *v, const char **end);

/* Less than, equal to, greater than zero, as strcmp(). */
int version_compare(const struct version *a, const struct version *b);

/*
 * The version in the name of a versioned machine type of QEMU's own, such as
 * "pc-q35-7.2". False for others, as distributions have ("pc-q35-rhel9.4.0").
 */
bool version_of_machine(const char *type, struct version *v);

#endif
