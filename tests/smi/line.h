/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An interrupt line that software moves, and that has moved when the access returns: IRQ 4, which
 * COM1 drives as long as its transmitter is empty and the interrupt for that is enabled (16550A,
 * "Interrupt Enable Register"). Nothing may be printed while the line is high.
 */
#ifndef TESTS_SMI_LINE_H
#define TESTS_SMI_LINE_H

#define LINE_IRQ 4 /* input of the master PIC, and pin of the I/O APIC */

/* Waits for the transmitter and leaves the line low. */
void line_prepare(void);
void line_raise(void);
void line_lower(void);

#endif
