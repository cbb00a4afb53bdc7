/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the command line leaves open: the environment, and defaults. */
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/smmrun/options.h"

unsigned int options_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned int)CPU_COUNT(&set);
    return 1;
}

bool options_duration(const char *text, double *seconds)
{
    static const struct {
        const char *suffix;
        double factor;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
    char *end;

    if ((*text < '0' || *text > '9') && *text != '.')
        return false;
    *seconds = strtod(text, &end);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].suffix) == 0) {
            *seconds *= units[i].factor;
            return *seconds <= 86400;
        }
    }
    return false;
}

bool options_set_timeout(struct options *o, const char *name, const char *value)
{
    if (options_duration(value, &o->timeout))
        return true;
    fprintf(stderr, "smmrun: %s %s: not a time in seconds (up to a day), such as 90 or 2m\n", name,
            value);
    return false;
}

/* Empty is as if unset. */
bool options_environment(struct options *o)
{
    const char *qemu = getenv("QEMU"), *accel = getenv("ACCEL");
    const char *machine = getenv("MACHINE"), *timeout = getenv("TIMEOUT");

    if (!o->qemus.n && qemu && *qemu)
        strings_add(&o->qemus, qemu);
    if (!o->machines.n && machine && *machine)
        strings_add(&o->machines, machine);
    if (!o->accels.n && accel && *accel)
        strings_add(&o->accels, accel);
    return o->timeout >= 0 || !timeout || !*timeout || options_set_timeout(o, "TIMEOUT", timeout);
}

char *options_own_folder(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (n <= 0)
        return xstrdup(".");
    path[n] = '\0';
    return xstrdup(dirname(path));
}

/* Other kernels may come without the list: then nothing is expected to fail. */
static char *default_known(const char *folder)
{
    char *path = xasprintf("%s/known-issues.json", folder);

    if (access(path, F_OK) == 0)
        return path;
    free(path);
    return NULL;
}

void options_defaults(struct options *o)
{
    char *own = options_own_folder();

    o->qemu_named = o->qemus.n != 0;
    if (!o->machines.n)
        strings_add(&o->machines, "q35");
    if (!o->accels.n)
        strings_add(&o->accels, "tcg");
    if (!o->kernel_dir)
        o->kernel_dir = xstrdup(own);
    if (!o->known && !o->no_known && !o->bisect)
        o->known = default_known(o->kernel_dir);
    if (!o->logs)
        o->logs = xasprintf("%s/logs", own);
    if (!o->jobs)
        o->jobs = options_cores();
    free(own);
}
