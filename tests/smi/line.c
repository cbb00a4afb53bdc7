/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/smi/line.h"

#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/io.h"
#include "hw/uart.h"
#include "kernel/test.h"

#define IER      (UART_COM1 + 1)
#define IER_THRE BIT(1)
#define MCR      (UART_COM1 + 4)
#define MCR_OUT2 BIT(3) /* on a PC it connects the UART to its IRQ */
#define LSR      (UART_COM1 + 5)
#define LSR_TEMT BIT(6) /* nothing left to send */

void line_prepare(void)
{
    line_lower();
    if (!WAIT_FOR(inb(LSR) & LSR_TEMT, PATIENCE_MS))
        ERROR("COM1 does not become idle");
    outb(MCR, inb(MCR) | MCR_OUT2);
}

void line_raise(void)
{
    outb(IER, IER_THRE);
}

void line_lower(void)
{
    outb(IER, 0);
}
