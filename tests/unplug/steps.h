/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unplugging a CPU step by step, as the administrator, the operating system (QEMU's
 * DSDT) and the firmware (OVMF) do it together.
 */
#ifndef TESTS_UNPLUG_STEPS_H
#define TESTS_UNPLUG_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/cpuhp_host/slots.h"

/* What the register block should say of every slot; counts changes of the test's own making. */
struct slots {
    uint32_t count;
    uint8_t flags[SLOTS_MAX];
};

/* Reads the slots' present state into the model; every later change is made to both. */
void unplug_slots(struct slots *s, uint32_t count);

/* u01: device_del; SCI, GPE and block tell of it, the CPU stays. */
void step_unplug_request(struct slots *s, uint32_t slot);
/* u02: the operating system acknowledges the remove event and puts CPU n to sleep. */
void step_unplug_offline(struct slots *s, uint32_t slot, uint32_t n);
/* u03: ... and hands the CPU over to the firmware. */
void step_unplug_hand_over(struct slots *s, uint32_t slot);
/*
 * u04, u05: command 4 from the BSP: all CPUs meet, the monarch ejects exactly these
 * count CPUs, in ascending order, and nobody else notices more than one SMI.
 */
void step_unplug_command(struct slots *s, const uint32_t *slots, uint32_t count);
/* The same where something else writes command 4, for the first of the slots. */
void step_unplug_command_by(void (*command)(uint32_t slot), struct slots *s, const uint32_t *slots,
                            uint32_t count);
/* u06: the slot is empty for the host and for firmware, which DEVICE_DELETED tells. */
void step_unplug_empty(const struct slots *s, uint32_t slot);
/* The same, and the host hears of it by _OST. */
void step_unplug_gone(const struct slots *s, uint32_t slot);
/* u07: IPIs of every kind to its APIC id reach nobody. */
void step_unplug_ipis(uint32_t apic_id);
/* u07, u08: nor do they leave an SMI behind: the next broadcast one is the first for everybody. */
void step_unplug_others(uint32_t apic_id);
/* u04, without firmware: the operating system ejects the CPU itself, by flag bit 3. */
void step_unplug_os_ejects(struct slots *s, uint32_t slot);

/* device_add to INIT-SIPI-SIPI, and device_del to eject, as an operating system does it alone. */
void plug_without_firmware(struct slots *s, uint32_t slot);
void unplug_without_firmware(struct slots *s, uint32_t slot);

/* All of it for the CPU in slot; broadcast must have been negotiated. */
void unplug_with_firmware(struct slots *s, uint32_t slot);

#endif
