/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows the options, and options that exclude each other. */
#include <stdio.h>

#include "tools/smmrun/options.h"

bool options_wrong(const char *format, ...)
{
    va_list args;

    fputs("smmrun: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return false;
}

static bool agree(const struct options *o)
{
    if (o->merge && o->shards)
        return options_wrong("--merge runs nothing, so there is no --shard of it");
    if (o->shards && (o->gdb || o->print_command))
        return options_wrong("one test by hand has no shards: leave --shard out");
    if (o->compare && (o->merge || o->shards || o->bisect))
        return options_wrong("--compare does not go with --merge, --shard or --bisect");
    if (o->compare && o->qemus.n)
        return options_wrong("--compare A B names the QEMUs: there is no --qemu besides");
    if (o->matrix && o->tap)
        return options_wrong("--tap and a table exclude each other");
    return true;
}

bool options_arguments(struct options *o, int n, char **argument)
{
    int first = o->compare ? 2 : 0;

    if (!agree(o))
        return false;
    if (o->compare && (n < 2 || !*argument[0] || !*argument[1]))
        return options_wrong("--compare needs two QEMUs: smmrun --compare A B [GLOB]...");
    for (int i = 0; i < n; i++)
        strings_add(i < first ? &o->qemus : &o->globs, argument[i]);
    return true;
}
