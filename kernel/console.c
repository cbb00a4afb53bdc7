/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/console.h"

#include <stdarg.h>

#include "hw/uart.h"
#include "lib/printf.h"

#define LINE_MAX 512

void console_init(void)
{
    uart_init(UART_COM1);
}

void print(const char *format, ...)
{
    char text[LINE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    uart_puts(UART_COM1, text);
}

void console_drain(void)
{
    (void)uart_drain(UART_COM1);
}
