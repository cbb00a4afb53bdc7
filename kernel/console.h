/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KERNEL_CONSOLE_H
#define KERNEL_CONSOLE_H

/* Initialises COM1, the report. */
void console_init(void);

/* Formatted output to COM1; at most 511 bytes a call, longer text is cut. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Waits until all of it has left the UART: before the machine ends or is reset. */
void console_drain(void);

#endif
