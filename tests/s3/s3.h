/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Suspend to RAM and back: the machine starts anew through the firmware, memory is kept. */
#ifndef TESTS_S3_S3_H
#define TESTS_S3_S3_H

/* S3 by ACPI: everything but memory is lost. Needs host=wakeup, firmware=virgin, boot=own. */
#define S3 "ACPI 6.3, 16.1.3 \"S3 Sleeping State\": all context but memory is lost; "

/*
 * Asks the host to wake the machine, announces the reset that this is, and suspends. The test
 * starts anew; ends it as ERROR where the machine does not sleep.
 */
void s3_suspend(void) __attribute__((noreturn));

/* The same, and while the machine sleeps the host gives QEMU's monitor this command, which is to
 * leave it asleep: then the host's events have STILL_ASLEEP. */
void s3_suspend_disturbed(const char *command) __attribute__((noreturn));

/* The same, and the host leaves the machine asleep until the RTC has come to its next full second:
 * if that did not wake it, the host's events have STILL_ASLEEP. Needs host=doze. */
void s3_doze(void) __attribute__((noreturn));

/* Suspends only: something else wakes the machine. */
void s3_sleep(void) __attribute__((noreturn));

#endif
