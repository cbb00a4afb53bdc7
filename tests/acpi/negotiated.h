/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine whose DSDT was written after a firmware's negotiation. */
#ifndef TESTS_ACPI_NEGOTIATED_H
#define TESTS_ACPI_NEGOTIATED_H

#include <stdint.h>

#include "hw/smi_features.h"

#define NEGOTIATED_NEEDS "timeout=40 firmware=virgin host=plug,unplug,cpus,events,qom-get,hmp,wait "

#define NEGOTIATED_HOTPLUG (FW_SMI_BROADCAST | FW_SMI_CPU_HOTPLUG)
#define NEGOTIATED_UNPLUG  (NEGOTIATED_HOTPLUG | FW_SMI_CPU_UNPLUG)

/*
 * Resets the machine, once, so that this set is in force since before the DSDT was written;
 * methods_begin() is done, APM_CNT raises no SMI. Skips the test where the set is not offered.
 */
void negotiated_begin(uint64_t set);

#endif
