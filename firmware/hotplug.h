/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a firmware prepares so that a hot-added CPU becomes its own first. */
#ifndef FIRMWARE_HOTPLUG_H
#define FIRMWARE_HOTPLUG_H

#include <stdbool.h>
#include <stdint.h>

#include "smm/state.h"

/*
 * Prepares the default SMBASE in one of three ways, puts the post-SMM pen into
 * its page and tells SMM; pull_in: broadcast is not negotiated, the monarch
 * brings the other CPUs in by directed SMIs. SMM must be installed. False if the
 * machine has no SMRAM at the default SMBASE for SMM_DEFAULT_WINDOW.
 */
bool firmware_prepare_hotplug(enum smm_default_smbase mode, bool pull_in);

/* The same for another protocol than SMM_PROTOCOL_FIFTEEN; October's wants RESIDENT. */
bool firmware_prepare_protocol(enum smm_protocol protocol, enum smm_default_smbase mode,
                               bool pull_in);

/*
 * Negotiates wanted, which the machine must support; true if it is in force.
 * The switch fault=no-broadcast leaves it out and claims success.
 */
bool firmware_negotiate(uint64_t wanted);

#endif
