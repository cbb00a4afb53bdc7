/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 16550A UART, polled, 115200 8N1.  Source: National Semiconductor PC16550D data sheet, 8.0. */
#ifndef HW_UART_H
#define HW_UART_H

#include <stdbool.h>
#include <stdint.h>

#define UART_COM1 0x3f8
#define UART_COM2 0x2f8

/* Programs line parameters and FIFOs, interrupts off. */
void uart_init(uint16_t port);

/* Is there a UART?  Its scratch register keeps what is written; an empty port reads FFh. */
bool uart_present(uint16_t port);

/* Waits for room in the transmitter, then sends.  false: none within the bound, c is lost. */
bool uart_putc(uint16_t port, char c);

/* Sends a string, without translation of line ends.  false: not all of it could be sent. */
bool uart_puts(uint16_t port, const char *s);

/* Waits until the last character has left: what the UART still holds is lost when the machine ends.
 * false: it has not within the bound. */
bool uart_drain(uint16_t port);

/* Whether there is a received character. */
bool uart_pending(uint16_t port);

/* Takes one received character, if there is one; does not wait. */
bool uart_getc(uint16_t port, char *c);

/* Whether a received character raises the port's interrupt. */
void uart_interrupt(uint16_t port, bool on);

#endif
