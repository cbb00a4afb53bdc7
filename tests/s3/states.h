/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU tells the firmware about the sleep states. */
#ifndef TESTS_S3_STATES_H
#define TESTS_S3_STATES_H

#include <stdint.h>

#define SLEEP_STATES        6U   /* S0 to S5 */
#define SLEEP_STATE_ENABLED 0x80 /* the machine has the state; 6:0 are its SLP_TYP */

/*
 * The fw_cfg file etc/system-states (QEMU hw/acpi/core.c): byte n is that of Sn.
 * Checks "file" and "size"; ends the test where they fail.
 */
void sleep_states_read(uint8_t states[SLEEP_STATES]);

#endif
