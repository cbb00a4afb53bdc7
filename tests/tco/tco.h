/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the TCO watchdog share. All of them have a boot of their own and icount. */
#ifndef TESTS_TCO_TCO_H
#define TESTS_TCO_TCO_H

#include <stdint.h>

#include "hw/ich9.h"

#define TCO_SPEC "ICH9 datasheet, \"TCO Registers\": "

#define TICK_US 600000U

#define TCO_NEEDS "firmware=virgin boot=own icount=6"

/* The second timeout cannot, or can, reset the machine. */
#define STRAP    " global=ICH9-LPC.noreboot=on"
#define NO_STRAP " global=ICH9-LPC.noreboot=off"

/* Time that is lost between an access and an alarm: calibration, checks. */
#define SLACK_US 20000U

/* Takes SMM over and stops the watchdog; smi_en: SMI_EN from then on. */
void tco_begin(uint32_t smi_en);

/* The same, and measures the clock. */
void tco_begin_timer(uint32_t smi_en);

/* General Control and Status, behind RCBA: sets NO_REBOOT to this, TCO_GCS_NO_REBOOT or 0. */
#define TCO_GCS_NO_REBOOT BIT(5)
void tco_open_gcs(uint32_t no_reboot);

/* Halts the timer and clears the status registers. */
void tco_stop(void);

/* Starts it at ticks of 0.6 s. */
void tco_start(uint16_t ticks);

uint16_t tco1_status(void);
uint16_t tco2_status(void);

#endif
