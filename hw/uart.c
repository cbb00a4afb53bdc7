/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/uart.h"

#include "hw/cpu.h"
#include "hw/io.h"

#define UART_THR         0 /* W: transmitter holding; R: receiver buffer; DLAB=1: divisor low */
#define UART_IER         1 /* interrupt enable; DLAB=1: divisor high */
#define UART_IER_DATA    BIT(0)
#define UART_FCR         2
#define UART_FCR_ENABLE  BIT(0)
#define UART_FCR_CLEAR   (BIT(1) | BIT(2)) /* receiver, transmitter */
#define UART_FCR_14      (BIT(6) | BIT(7)) /* receiver trigger level: 14 bytes */
#define UART_LCR         3
#define UART_LCR_8N1     0x03
#define UART_LCR_DLAB    BIT(7)
#define UART_MCR         4
#define UART_MCR_DTR_RTS (BIT(0) | BIT(1))
#define UART_MCR_OUT2    BIT(3) /* on a PC: connects the interrupt */
#define UART_LSR         5
#define UART_LSR_DR      BIT(0)
#define UART_LSR_THRE    BIT(5)
#define UART_LSR_TEMT    BIT(6) /* and the shift register is empty as well */
#define UART_SCR         7

#define UART_DIVISOR 1 /* 115200 / 115200 */

/* Enough for a host that is slow to drain the port: a read of LSR costs some 100 ns at least. */
#define UART_POLLS 50000000U

void uart_init(uint16_t port)
{
    outb(port + UART_IER, 0);
    outb(port + UART_LCR, UART_LCR_DLAB);
    outb(port + UART_THR, UART_DIVISOR & 0xff);
    outb(port + UART_IER, UART_DIVISOR >> 8);
    outb(port + UART_LCR, UART_LCR_8N1);
    /* The trigger level is also what QEMU takes from the host at a time: so that is not 1. */
    outb(port + UART_FCR, UART_FCR_ENABLE | UART_FCR_CLEAR | UART_FCR_14);
    outb(port + UART_MCR, UART_MCR_DTR_RTS);
    /* QEMU looks for more input when a byte is read, not when the FIFO is cleared. */
    (void)inb(port + UART_THR);
}

bool uart_present(uint16_t port)
{
    uint8_t old = inb(port + UART_SCR);
    bool present;

    outb(port + UART_SCR, 0xa5);
    present = inb(port + UART_SCR) == 0xa5;
    outb(port + UART_SCR, 0x5a);
    present = present && inb(port + UART_SCR) == 0x5a;
    outb(port + UART_SCR, old);
    return present;
}

static bool wait_for(uint16_t port, uint8_t status)
{
    for (uint32_t polls = UART_POLLS; polls; polls--) {
        if (inb(port + UART_LSR) & status)
            return true;
        cpu_pause();
    }
    return false;
}

bool uart_putc(uint16_t port, char c)
{
    if (!wait_for(port, UART_LSR_THRE))
        return false;
    outb(port + UART_THR, (uint8_t)c);
    return true;
}

bool uart_drain(uint16_t port)
{
    return wait_for(port, UART_LSR_TEMT);
}

bool uart_puts(uint16_t port, const char *s)
{
    while (*s) {
        if (!uart_putc(port, *s++))
            return false;
    }
    return true;
}

bool uart_pending(uint16_t port)
{
    return inb(port + UART_LSR) & UART_LSR_DR;
}

bool uart_getc(uint16_t port, char *c)
{
    if (!uart_pending(port))
        return false;
    *c = (char)inb(port + UART_THR);
    return true;
}

void uart_interrupt(uint16_t port, bool on)
{
    /* While the trigger level changes the line must not move. */
    outb(port + UART_IER, 0);
    /* At the first character, and not when 14 are there or none has come for some time. */
    outb(port + UART_FCR, on ? UART_FCR_ENABLE : UART_FCR_ENABLE | UART_FCR_14);
    outb(port + UART_MCR, on ? UART_MCR_DTR_RTS | UART_MCR_OUT2 : UART_MCR_DTR_RTS);
    if (on)
        outb(port + UART_IER, UART_IER_DATA);
}
