/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Channel 0 of the 8254 timer, the source of IRQ 0 (ICH9 data sheet, "8254 Timers"). */
#ifndef HW_PIT_H
#define HW_PIT_H

#include <stdint.h>

#define PIT_CHANNEL_0 0x40
#define PIT_CONTROL   0x43

/* Mode 0, "interrupt on terminal count": IRQ 0 is low and rises once, after count ticks of
 * 1.193182 MHz, then stays high until the channel is programmed again. */
void pit_one_shot(uint16_t count);

/* Ends the periodic interrupt that a firmware left running: IRQ 0 rises a last time. */
void pit_quiet(void);

/* The current count of channel 0, which goes down. */
uint16_t pit_count(void);

#endif
