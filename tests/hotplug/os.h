/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an operating system does about CPU hotplug: the part of QEMU's DSDT
 * (method CSCN, hw/acpi/cpu.c) and of the SCI handler, in C.
 */
#ifndef TESTS_HOTPLUG_OS_H
#define TESTS_HOTPLUG_OS_H

#include <stdbool.h>
#include <stdint.h>

/* ACPI mode, modern hotplug registers, SCI routed to this CPU, GPE0 bit 2 enabled. */
void os_init(void);
/* The same without a touch of the hotplug registers. */
void os_route_sci(void);

/* SCIs taken since os_init(). The handler disables the GPE until os_gpe_done(). */
uint32_t os_sci_count(void);
/* GPE0 status as the SCI handler saw it first. */
uint32_t os_sci_gpe_status(void);

/* Waits with interrupts enabled until an SCI came; false when none did. */
bool os_wait_sci(uint32_t count);

/* Clears the status bit and enables the GPE again. */
void os_gpe_done(void);

/* Clears the insert event of slot. */
void os_acknowledge_insert(uint32_t slot);

#endif
