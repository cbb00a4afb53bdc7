/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The "operating system's" processors. CPU 0 is the BSP, boot APs are numbered by
 * APIC id, later ones in the order in which they arrive. An idle AP sits in STI;HLT and looks for
 * work when an IPI wakes it.
 */
#ifndef KERNEL_SMP_H
#define KERNEL_SMP_H

#include <stdbool.h>
#include <stdint.h>

#define SMP_MAX_CPUS 1056 /* the largest group is 1024, and some are plugged again */

typedef uint64_t (*smp_function)(void *arg);

/* Makes the BSP CPU 0 and puts the AP trampoline into its page. */
void smp_init(void);

/* CPUs that have arrived, the BSP included. */
uint32_t smp_cpus(void);
/* CPUs that have arrived and were not forgotten. */
uint32_t smp_present_cpus(void);
/* CPU n has arrived and was not forgotten. */
bool smp_present(uint32_t n);
/* APIC id of CPU n, n < smp_cpus(). */
uint32_t smp_apic_id(uint32_t n);
/* This CPU's number. */
uint32_t smp_self(void);
/* Number of the CPU with this APIC id that arrived last; UINT32_MAX if there is none. */
uint32_t smp_find(uint32_t apic_id);

/*
 * Starts all boot APs by INIT-SIPI-SIPI to "all excluding self" (Intel SDM
 * vol. 3, 8.4.4.1) and waits until as many have arrived as the machine has.
 * Once; false when some are missing.
 */
bool smp_start_all(void);

/*
 * Starts the one CPU with this APIC id, which waits for SIPI or idles somewhere
 * else, and waits until it has arrived; its number, UINT32_MAX if it did not.
 */
uint32_t smp_start_one(uint32_t apic_id);

/* Runs fn(arg) on CPU n and waits for it; false when it did not finish in time. */
bool smp_call(uint32_t n, smp_function fn, void *arg, uint64_t *result);
/* Runs fn(arg) on CPU n without waiting for it. */
void smp_call_start(uint32_t n, smp_function fn, void *arg);
bool smp_call_wait(uint32_t n, uint64_t *result);

/* CPU n sleeps with interrupts off from now on and is forgotten: what an operating system does
 * before it lets a CPU go. False when it did not come to that. smp_start_one() brings it back. */
bool smp_park(uint32_t n);

/* Forgets a CPU that is gone: its number is not used again. */
void smp_forget(uint32_t n);

#endif
