/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who took how many SMIs: MSR_SMI_COUNT and our own handler's count, on every CPU. */
#ifndef TESTS_SMI_COUNT_H
#define TESTS_SMI_COUNT_H

#include <stdint.h>

#define SMI_CPUS_MAX 64

#define SMI_CPU(n)   (UINT64_C(1) << (n))
#define SMI_ALL_CPUS (SMI_CPU(smp_cpus()) - 1)

/* Remembers the counts of all CPUs, at most SMI_CPUS_MAX - 1 of them. */
void smi_count_start(void);

/*
 * Checks "taken": since the last start or check every CPU n with bit n of set took
 * exactly one SMI; and "untouched": the others took none. Starts anew.
 *
 * Needs no waiting: a CPU is asked by an interrupt, which an SMI that was raised
 * before it precedes (Intel SDM vol. 3, Table 6-2).
 */
void smi_count_check(uint64_t set);

/* The same for any numbers, want[n] for CPU n. */
void smi_count_check_each(const uint32_t *want);

/* SMIs that CPU n took since the last start or check, by MSR_SMI_COUNT. */
uint32_t smi_count_of(uint32_t n);

#endif
