/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The roads on which something reaches one CPU among many: SMI, NMI and interrupt,
 * to its APIC id, to its logical id in x2APIC mode, to all; INIT and SIPI. Checks go
 * over all CPUs that are there and cost one wait a CPU, so that hundreds are cheap.
 */
#ifndef TESTS_SCALE_ROADS_H
#define TESTS_SCALE_ROADS_H

#include <stdbool.h>
#include <stdint.h>

/* Every CPU is in x2APIC mode from now on; skips the test if it has none. */
void roads_x2apic(void);

/*
 * To each CPU in turn, this one included: it takes exactly one, no other does.
 * logical: to its x2APIC logical id.
 */
void roads_check_each(bool logical);

/* The same by another way: sends what the ICR's lower half says to this APIC id; with
 * APIC_ICR_LOGICAL in it, to roads_logical_id() of it. */
typedef void (*roads_sender)(uint32_t apic_id, uint32_t icr);
void roads_check_each_by(roads_sender send, bool logical);

/* The x2APIC logical id that belongs to an APIC id. */
uint32_t roads_logical_id(uint32_t id);

/* To all by FFh or FFFFFFFFh, the latter also as a logical id; to all but this one by shorthand. */
void roads_check_all(void);

/* By the shorthands: from every CPU to itself, from the last one to all and to all others. */
void roads_check_shorthands(void);

/* To ids that look like those of present CPUs when a bit of them is lost: nobody takes it. */
void roads_check_nobody(void);

/*
 * INIT-SIPI-SIPI to CPU n, which sleeps, starts it and no other; its new number.
 * Ends the test when it does not start.
 */
uint32_t roads_restart(uint32_t n);

#endif
