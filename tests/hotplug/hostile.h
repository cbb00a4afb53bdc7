/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An operating system that wants its own code to run in SMM when a CPU arrives. */
#ifndef TESTS_HOTPLUG_HOSTILE_H
#define TESTS_HOTPLUG_HOSTILE_H

#include <stdint.h>

/* Puts code for SMM at the default SMBASE's entry point, as far as it can. */
void hostile_prepare(void);

/* Sends the CPU an SMI while it waits for SIPI and its SMBASE is the default one. */
void hostile_smi(uint32_t apic_id);

/* Starts the CPU with INIT-SIPI-SIPI, then the same; checks where it went. */
void hostile_start(uint32_t apic_id);

/* The code of hostile_prepare() has never run. */
void hostile_check(void);

#endif
