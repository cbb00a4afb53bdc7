/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/host.h"

#include <stdarg.h>
#include <stddef.h>

#include "hw/deadline.h"
#include "hw/uart.h"
#include "kernel/cmdline.h"
#include "kernel/com2_sleep.h"
#include "kernel/test.h"
#include "lib/printf.h"
#include "lib/string.h"

#define REQUEST_MAX    256
#define ANSWER_TIMEOUT 60000 /* ms; the host bounds its own work and is sooner */

static char line[HOST_ANSWER_MAX];

/* Reads one line into line[]; false when it did not come. */
static bool read_line(void)
{
    struct deadline d = deadline_in(ANSWER_TIMEOUT);
    uint32_t n = 0;
    char c;

    for (;;) {
        if (!uart_getc(UART_COM2, &c)) {
            if (deadline_over(&d))
                return false;
            continue;
        }
        if (c == '\n')
            break;
        if (c != '\r' && n + 1 < sizeof(line))
            line[n++] = c;
    }
    line[n] = '\0';
    return true;
}

/*
 * What takes the host long, and does not look at this CPU: a device_add takes 50 ms in QEMU 5.2 and
 * 7.2.0, which drain their RCU callbacks then, and an event may never come.
 */
static bool is_long(const char *request)
{
    return strncmp(request, "plug ", 5) == 0 || strncmp(request, "wait ", 5) == 0;
}

static bool exchange(const char *request)
{
    uart_puts(UART_COM2, request);
    uart_puts(UART_COM2, "\n");
    if (is_long(request))
        com2_sleep(ANSWER_TIMEOUT);
    return read_line();
}

/* Answers to what was asked before a reset may come behind it, in pieces: read past them. */
#define STALE_LINES 12

bool host_init(void)
{
    static bool tried, there;

    if (!tried && cmdline.host) {
        tried = true;
        uart_init(UART_COM2);
        there = exchange("hello 1");
        for (uint32_t i = 0; i < STALE_LINES && there && strncmp(line, "ok smmrun", 9) != 0; i++)
            there = read_line();
        there = there && strncmp(line, "ok smmrun", 9) == 0;
    }
    return there;
}

static bool request(char *answer, uint32_t size, const char *format, va_list args)
{
    char text[REQUEST_MAX];
    bool ok;

    vsnprintf(text, sizeof(text), format, args);
    if (!host_init())
        ERROR("there is no host on COM2 for \"%s\"", text);
    if (!exchange(text))
        ERROR("the host did not answer \"%s\"", text);
    ok = strcmp(line, "ok") == 0 || strncmp(line, "ok ", 3) == 0;
    if (answer)
        strlcpy(answer, ok ? (line[2] ? line + 3 : "") : line, size);
    return ok;
}

bool host_request(char *answer, uint32_t size, const char *format, ...)
{
    va_list args;
    bool ok;

    va_start(args, format);
    ok = request(answer, size, format, args);
    va_end(args);
    return ok;
}

void host_do(const char *format, ...)
{
    char answer[160];
    va_list args;
    bool ok;

    va_start(args, format);
    ok = request(answer, sizeof(answer), format, args);
    va_end(args);
    if (!ok)
        ERROR("the host refused: %s", answer);
}

static uint32_t hex_digit(char c)
{
    return (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

void host_peek(uint64_t address, uint8_t *bytes, uint32_t length)
{
    static char answer[HOST_ANSWER_MAX];
    const char *hex = answer;

    if (!host_request(answer, sizeof(answer), "peek %#llx %u", (unsigned long long)address, length))
        ERROR("the host cannot look into memory: %s", answer);
    /* It leaves out the zeros at the end. */
    memset(bytes, 0, length);
    for (uint32_t i = 0; i < length && hex[0] && hex[1]; i++, hex += 2)
        bytes[i] = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
}

void host_post(const char *format, ...)
{
    char text[REQUEST_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (!host_init())
        ERROR("there is no host on COM2 for \"%s\"", text);
    uart_puts(UART_COM2, text);
    uart_puts(UART_COM2, "\n");
}
