/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/load.h"

#include <stdio.h>

#include "tools/smmrun/options.h"

static double most(double a, double b)
{
    return a > b ? a : b;
}

double load_factor_from(unsigned int jobs, unsigned int cores, const char *loadavg)
{
    double average = 0;
    unsigned int running = 0;
    double factor;

    /* "0.20 0.18 0.12 1/80 11206"; we are one of those that run. */
    if (sscanf(loadavg, "%lf %*f %*f %u/", &average, &running) < 1)
        average = 0;
    if (running)
        running--;
    factor = most(jobs, most(average, running)) / (cores ? cores : 1);
    factor = most(factor, 1);
    return factor < LOAD_FACTOR_MAX ? factor : LOAD_FACTOR_MAX;
}

double load_factor(unsigned int jobs)
{
    char text[128] = "";
    FILE *f = fopen("/proc/loadavg", "re");

    if (f && !fgets(text, sizeof(text), f))
        text[0] = '\0';
    if (f)
        fclose(f);
    return load_factor_from(jobs, options_cores(), text);
}
