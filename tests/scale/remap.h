/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_SCALE_REMAP_H
#define TESTS_SCALE_REMAP_H

/*
 * Turns interrupt remapping on, with an entry for each way to each CPU, and has a pin of the I/O
 * APIC reach every CPU by it: SMI, NMI and interrupt, by APIC id and by logical id. All CPUs in
 * x2APIC mode; once per boot. An error where no unit is found.
 */
void remap_check_each(void);

#endif
