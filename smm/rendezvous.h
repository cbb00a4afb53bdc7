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

/*
 * The monarch is the CPU that smm_switch_bsp() named, else the BSP: that one cannot
 * be unplugged (IA32_APIC_BASE.BSP).
 */
bool smm_is_monarch(const struct smm_cpu *cpu);

/*
 * On another CPU: joins and waits until the monarch leaves; call_monarch: brings
 * the monarch in by a directed SMI, if it has not joined. *open (NULL: does not
 * apply) is 0 when the session that the CPU comes for is over: returns at once.
 * A CPU that the monarch is about to eject does not return.
 */
void smm_rendezvous_follow(struct smm_cpu *cpu, bool call_monarch, const volatile uint32_t *open);

/*
 * On the monarch: waits until the first sure CPUs have joined, and then patience_ms
 * more for all registered ones; call_others: sends a directed SMI to those that
 * have not joined first. Returns how many have joined, itself included.
 */
uint32_t smm_rendezvous_lead(const struct smm_cpu *cpu, bool call_others, uint32_t sure,
                             uint32_t patience_ms);

/* On the monarch: lets the others go. */
void smm_rendezvous_leave(void);

#endif
