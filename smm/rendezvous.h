/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All registered CPUs meet in SMM (edk2's "traditional" synchronisation): the
 * monarch works while the others wait.
 */
#ifndef SMM_RENDEZVOUS_H
#define SMM_RENDEZVOUS_H

#include <stdbool.h>
#include <stdint.h>

#include "smm/cpu.h"

/* The BSP is the monarch: CPU 0 cannot be unplugged (IA32_APIC_BASE.BSP). */
bool smm_is_monarch(void);

/*
 * On the monarch: waits until all registered CPUs are here, or time is over;
 * pull_in: sends each of the others a directed SMI first. Returns how many came,
 * itself included. On another CPU: waits until the monarch leaves; returns 0.
 */
uint32_t smm_rendezvous_enter(const struct smm_cpu *cpu, bool pull_in);

/* On the monarch: lets the others go. */
void smm_rendezvous_leave(void);

#endif
