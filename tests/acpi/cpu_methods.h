/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operating system's side of CPU hotplug: the DSDT's objects and methods for CPUs. */
#ifndef TESTS_ACPI_CPU_METHODS_H
#define TESTS_ACPI_CPU_METHODS_H

#include <stdint.h>

#include "tests/acpi/aml.h"
#include "tests/cpuhp_host/slots.h"

#define METHODS_SPECS                                                                     \
    "ACPI 6.3, 5.6.4 (_Exx), 5.6.6 (Notify: 1 device check, 3 ejection request), 6.2.10 " \
    "(_MAT), 6.3.3 (_EJ0), 6.3.5 (_OST), 6.3.7 (_STA); QEMU docs/specs/acpi_cpu_hotplug"
#define METHODS_SLOTS   12U
#define METHODS_MACHINE "smp=2 maxcpus=12 sockets=4 dies=1 cores=3 threads=1 boot=own "

#define NOTIFY_DEVICE_CHECK 1U
#define NOTIFY_EJECT        3U
#define STA_PRESENT         0xfU /* present, enabled, shown, functioning */

extern uint32_t methods_slots;           /* METHODS_SLOTS, unless set before methods_begin() */
extern uint32_t methods_cpu[SLOTS_MAX];  /* node, by processor id */
extern uint8_t methods_flags[SLOTS_MAX]; /* what the register block should say */

/* Reads the DSDT, finds the processor objects, runs _INI of the device at the register block. */
void methods_load(void);

/* The same, in the modern interface, with a host, nothing pending, two CPUs present. */
void methods_begin(void);

/* Evaluates a method; ends the test as failed if it cannot be carried out. */
uint64_t methods_evaluate(uint32_t node, const uint64_t *args, uint32_t count);

/* _STA of every CPU is that of methods_flags. */
void methods_expect_states(const char *id);

/* GPE0 bit 2 is set: its handler makes exactly these notifications, in any order of CPUs; node is a
 * processor id here. */
void methods_handle_gpe(const char *id, const struct aml_notify *want, uint32_t count);

#endif
