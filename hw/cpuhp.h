/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's CPU hotplug register block, modern interface.
 * Source: QEMU docs/specs/acpi_cpu_hotplug; ICH9 base 0CD8h, 12 bytes.
 *
 * Selector and command are one state for the whole machine, and the selector survives a reset.
 * While the selector does not name a possible CPU, everything reads 0 and nothing else is written.
 */
#ifndef HW_CPUHP_H
#define HW_CPUHP_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/cpu.h"

#define CPUHP_BASE 0xcd8
#define CPUHP_SIZE 12

#define CPUHP_SELECTOR (CPUHP_BASE + 0) /* W, 32 bit */
#define CPUHP_DATA2    (CPUHP_BASE + 0) /* R, 32 bit */
#define CPUHP_FLAGS    (CPUHP_BASE + 4) /* R/W, 8 bit */
#define CPUHP_COMMAND  (CPUHP_BASE + 5) /* W, 8 bit */
#define CPUHP_DATA     (CPUHP_BASE + 8) /* R/W, 32 bit */

/* Flags; the meaning on writing, where there is one, behind the semicolon */
#define CPUHP_ENABLED   BIT(0)
#define CPUHP_INSERT    BIT(1) /* insert event; clears it */
#define CPUHP_REMOVE    BIT(2) /* remove event; clears it */
#define CPUHP_EJECT     BIT(3) /* -; ejects the CPU */
#define CPUHP_FW_REMOVE BIT(4) /* firmware shall eject; asks it to */
#define CPUHP_EVENTS    (CPUHP_INSERT | CPUHP_REMOVE | CPUHP_FW_REMOVE)

#define CPUHP_CMD_NEXT_EVENT 0 /* data: selector */
#define CPUHP_CMD_OST_EVENT  1 /* data written: event */
#define CPUHP_CMD_OST_STATUS 2 /* data written: status; sends the QMP event */
#define CPUHP_CMD_ARCH_ID    3 /* data: APIC id, data 2: its upper half */

/* Before a switch to the modern interface: one bit per CPU, by APIC id, 8-bit accesses */
#define CPUHP_LEGACY_SIZE 32

/* Leaves the legacy interface if it is in force and finds out whether the modern one answers.
 * Afterwards the command is CPUHP_CMD_NEXT_EVENT and the selector valid. */
bool cpuhp_modern_enable(void);

void cpuhp_select(uint32_t selector);

/* Flags of the selected CPU. */
uint8_t cpuhp_flags(void);

/* One control bit at a time: QEMU acts on a single one of several. */
void cpuhp_write_flags(uint8_t value);

/* Stores the command and reads its data register. */
uint32_t cpuhp_command_data(uint8_t command);

/* Number of possible CPUs, by the specification's enumeration recipe; 0 if it finds no end. */
uint32_t cpuhp_max_cpus(void);

/* Number of CPUs present. */
uint32_t cpuhp_present_cpus(void);

/* Searches from *selector on, wrapping round at the end, for a CPU with a pending event and selects
 * it.  false: there is none; *selector is untouched. */
bool cpuhp_next_event(uint32_t *selector);

/* Architectural id, on x86 the APIC id, of a possible CPU, present or not. */
uint64_t cpuhp_arch_id(uint32_t selector);

/* Reports an _OST event and status (ACPI specification, "_OST") for a CPU. */
void cpuhp_ost(uint32_t selector, uint32_t event, uint32_t status);

#endif
