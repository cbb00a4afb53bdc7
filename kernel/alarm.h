/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second clock for tests of timers: an interrupt after a given time, from the local APIC's timer
 * of the calling CPU, whose rate the PM timer tells. One alarm at a time.
 *
 * On a machine with real time an alarm can ring late, and a timer under test can have expired
 * meanwhile; with the need icount=N both come exactly when they are due.
 */
#ifndef KERNEL_ALARM_H
#define KERNEL_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#define ALARM_MAX_US 500000000U

/* Finds out the rate, which takes some 10 ms; the first alarm would otherwise. */
void alarm_init(void);

/* Rings in us microseconds, at most ALARM_MAX_US; what was set before is forgotten. Ends the test
 * as ERROR where the rate cannot be found out. */
void alarm_set(uint32_t us);
bool alarm_rang(void);
void alarm_stop(void);

/* Halts this CPU, interrupts enabled, until us microseconds have passed; SMIs and other interrupts
 * may come meanwhile. Interrupts are disabled on return. */
void alarm_sleep(uint32_t us);

#endif
