/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much longer everything takes than on an idle machine. */
#ifndef SMMRUN_LOAD_H
#define SMMRUN_LOAD_H

#define LOAD_FACTOR_MAX 8.0

/*
 * From 1 to LOAD_FACTOR_MAX: jobs of ours at a time, the load average of the last
 * minute and the threads that can run now, each by the number of cores.
 */
double load_factor(unsigned int jobs);

/* The same from given numbers; loadavg is the content of /proc/loadavg. */
double load_factor_from(unsigned int jobs, unsigned int cores, const char *loadavg);

#endif
