/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of the negotiation share: the rule, the table of machine types, the two ends. */
#ifndef TESTS_NEGOTIATION_FEATURES_H
#define TESTS_NEGOTIATION_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/smi_features.h"

/*
 * What this machine type offers by default (QEMU b8bab8eb69: broadcast from 2.9 on, 00dc02d284:
 * CPU hotplug from 5.2 on, 7ed3e1ebcb: CPU hot-unplug from 6.0 on); 0: no negotiation at all.
 * Ends the test with SKIP where the kernel cannot tell the machine type.
 */
uint64_t features_of_machine(void);

/* Checks file, mask, absent: what is offered is what belongs to the machine type, no more. */
void features_expect_offers(void);

/* May a set be put in force (QEMU hw/isa/lpc_ich9.c, smi_features_ok_callback())? */
bool features_valid(uint64_t mask, uint64_t supported);

/* What is offered; SKIPs the test where nothing is. */
uint64_t features_require(void);

/* Requests a set, has it validated and returns features-ok; its CONTEXT stays. */
uint8_t features_answer(uint64_t mask);

/* What requested-features holds. */
uint64_t features_requested(void);

/* The set in force as the host sees it (needs host=qom-get; the property is there since 5.2). */
uint64_t features_in_force(void);

/* Key of one of the three files; ends the test if it is not there. */
uint16_t features_key(const char *name);

#endif
