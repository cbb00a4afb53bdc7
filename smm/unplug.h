/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUs that the operating system hands over to be ejected (flag bit 4 of the 0CD8h
 * block; QEMU docs/specs/acpi_cpu_hotplug). The CPU that goes sleeps in SMM with all
 * its events blocked, so that nothing it does outside can be left half done; the
 * monarch ejects it while all others are still in SMM.
 */
#ifndef SMM_UNPLUG_H
#define SMM_UNPLUG_H

#include <stdint.h>

#include "smm/cpu.h"

/* On the monarch, all CPUs in the rendezvous: ejects this one and forgets it. */
void smm_unplug(uint32_t selector, uint32_t apic_id);

/* On the CPU that is leaving: sleeps until it is ejected. */
void smm_unplug_wait(struct smm_cpu *cpu) __attribute__((noreturn));

#endif
