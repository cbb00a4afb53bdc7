/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts NMIs by CPU: the probe for IPIs that bypass the interrupt vectors, as SMIs do. */
#ifndef TESTS_APIC_NMI_H
#define TESTS_APIC_NMI_H

#include <stdbool.h>
#include <stdint.h>

/* Starts counting from 0. */
void nmi_count_start(void);
void nmi_count_stop(void);

/* NMIs that the CPU with this initial APIC id took since. */
uint32_t nmi_count(uint32_t id);

/* NMIs that all CPUs took since. */
uint32_t nmi_count_all(void);

/* Waits until all CPUs together have taken that many. */
bool nmi_wait(uint32_t total);

/* Waits as long as an NMI that should not be there may reasonably take to show up: until every CPU
 * but this one has answered a call, and so has taken what was sent before. */
void nmi_settle(void);

#endif
