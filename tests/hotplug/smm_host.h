/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A request to the host from inside SMM: what the administrator does exactly while
 * all CPUs are in there. The kernel's own channel is idle then, as the monarch has
 * interrupted the CPU that uses it.
 */
#ifndef TESTS_HOTPLUG_SMM_HOST_H
#define TESTS_HOTPLUG_SMM_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "smm/mailbox.h"

/* "plug SLOT" at this moment of every hotplug command, until smm_host_cancel(). */
void smm_host_plug_at(enum smm_hotplug_moment moment, uint32_t slot);
/* No more; true if the host accepted the request. */
bool smm_host_cancel(void);

#endif
