/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The checks of the hotplug scenario, one function per step. */
#ifndef TESTS_HOTPLUG_STEPS_H
#define TESTS_HOTPLUG_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "smm/state.h"

/* 01: every boot CPU has an SMBASE of its own. */
void step_boot_cpus_relocated(void);

/* The operating system's data at 30000h..3FFFFh, before the firmware touches them. */
void os_fill_default_smbase(void);
/* The byte of it at this offset. */
static inline uint8_t os_byte(uint32_t offset)
{
    return (uint8_t)(offset * 7 + (offset >> 8) + 1);
}
/* 03 and 14: who sees what at the default SMBASE; id names the step. */
void step_default_smbase_as_promised(enum smm_default_smbase mode, const char *id);

/* 04: one APM_CNT SMI reaches every CPU exactly once, or only the writing one. */
void step_smi_reach(bool broadcast);

/* 05: no event is pending, slot is empty. */
void step_nothing_pending(uint32_t slot);
/* 07-09: GPE, SCI and register block tell of slot, and of nothing else. */
void step_event_signalled(uint32_t slot);

/* MSR_SMI_COUNT of every CPU of the operating system. */
void step_count_smis(uint32_t *counts);
/* Every one of the first n CPUs has taken exactly one SMI since counts. */
void step_smi_counts(const uint32_t *counts, uint32_t n, const char *id, const char *sentence);

/* 17: the next SMI finds CPU n at its own SMBASE. */
void step_new_cpu_in_smm(uint32_t n, bool broadcast);
/* 17: it sees SMRAM in SMM only. */
void step_new_cpu_sees_smram(uint32_t n);
/* 18-19: the operating system acknowledges and reports. */
void step_acknowledge(uint32_t slot);

#endif
