/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/printf.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/string.h"

struct output {
    char *buf;
    size_t size;
    size_t len; /* of the whole text, also the part that did not fit */
};

struct spec {
    bool left;
    bool zero;
    bool prefix; /* '#' */
    bool upper;
    int width;
    int precision; /* -1: none given */
};

static void put(struct output *out, char c)
{
    if (out->len + 1 < out->size)
        out->buf[out->len] = c;
    out->len++;
}

static void put_many(struct output *out, char c, int count)
{
    while (count-- > 0)
        put(out, c);
}

/* Divides *value by 10 and returns the remainder, with 32-bit divisions only: a 64-bit one is a
 * call into libgcc on i386, and there is none here. */
static unsigned int divide_by_10(uint64_t *value)
{
    uint64_t quotient = 0;
    uint32_t rest = 0;

    for (int shift = 48; shift >= 0; shift -= 16) {
        uint32_t part = rest << 16 | (uint32_t)(*value >> shift & 0xffff);

        quotient |= (uint64_t)(part / 10) << shift;
        rest = part % 10;
    }
    *value = quotient;
    return rest;
}

/* sign is the text in front of the digits: "-", "0x" or "". */
static void put_number(struct output *out, struct spec *spec, uint64_t value, unsigned int base,
                       const char *sign)
{
    const char *alphabet = spec->upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char digits[24];
    int count = 0;
    int zeros;
    int fill;

    while (value != 0) {
        if (base == 10) {
            digits[count++] = alphabet[divide_by_10(&value)];
        } else {
            digits[count++] = alphabet[value & 0xf];
            value >>= 4;
        }
    }
    zeros = (spec->precision >= 0 ? spec->precision : 1) - count;
    if (zeros < 0)
        zeros = 0;
    fill = spec->width - (int)strlen(sign) - zeros - count;
    if (spec->zero && !spec->left && spec->precision < 0 && fill > 0) {
        zeros += fill;
        fill = 0;
    }
    if (!spec->left)
        put_many(out, ' ', fill);
    while (*sign)
        put(out, *sign++);
    put_many(out, '0', zeros);
    while (count > 0)
        put(out, digits[--count]);
    if (spec->left)
        put_many(out, ' ', fill);
}

static void put_text(struct output *out, const struct spec *spec, const char *text, size_t len)
{
    int fill = spec->width > (int)len ? spec->width - (int)len : 0;

    if (!spec->left)
        put_many(out, ' ', fill);
    while (len--)
        put(out, *text++);
    if (spec->left)
        put_many(out, ' ', fill);
}

/* A precision bounds the read too: the text need not be NUL terminated then. */
static size_t text_length(const char *text, int precision)
{
    size_t len = 0;

    if (precision < 0)
        return strlen(text);
    while (len < (size_t)precision && text[len])
        len++;
    return len;
}

static int parse_count(const char **format)
{
    int value = 0;

    while (**format >= '0' && **format <= '9')
        value = value * 10 + (*(*format)++ - '0');
    return value;
}

/* Number of bytes of the integer argument that the length modifier announces. */
static size_t parse_length(const char **format)
{
    size_t size = sizeof(int);

    switch (**format) {
    case 'h':
        size = sizeof(short);
        if (*++*format == 'h') {
            size = sizeof(char);
            ++*format;
        }
        break;
    case 'l':
        size = sizeof(long);
        if (*++*format == 'l') {
            size = sizeof(long long);
            ++*format;
        }
        break;
    case 'j':
        size = sizeof(intmax_t);
        ++*format;
        break;
    case 'z':
    case 't':
        size = sizeof(size_t);
        ++*format;
        break;
    default:
        break;
    }
    return size;
}

/* The value without its sign; *negative tells it. */
static uint64_t signed_magnitude(int64_t value, size_t size, bool *negative)
{
    if (size == sizeof(char))
        value = (signed char)value;
    else if (size == sizeof(short))
        value = (short)value;
    *negative = value < 0;
    return *negative ? -(uint64_t)value : (uint64_t)value;
}

static uint64_t truncate_to(uint64_t value, size_t size)
{
    return size < sizeof(value) ? value & ((UINT64_C(1) << size * 8) - 1) : value;
}

int vsnprintf(char *buf, size_t size, const char *format, va_list args)
{
    struct output out = {.buf = buf, .size = size};

    while (*format) {
        struct spec spec = {.precision = -1};
        const char *start = format;
        size_t bytes;

        if (*format++ != '%') {
            put(&out, *start);
            continue;
        }
        for (;; format++) {
            if (*format == '-')
                spec.left = true;
            else if (*format == '0')
                spec.zero = true;
            else if (*format == '#')
                spec.prefix = true;
            else
                break;
        }
        if (*format == '*') {
            format++;
            spec.width = va_arg(args, int);
            if (spec.width < 0) {
                spec.left = true;
                spec.width = -spec.width;
            }
        } else {
            spec.width = parse_count(&format);
        }
        if (*format == '.') {
            format++;
            if (*format == '*') {
                format++;
                spec.precision = va_arg(args, int);
            } else {
                spec.precision = parse_count(&format);
            }
        }
        bytes = parse_length(&format);

        switch (*format) {
        case 'd':
        case 'i': {
            int64_t value = bytes > sizeof(long)  ? va_arg(args, long long)
                            : bytes > sizeof(int) ? va_arg(args, long)
                                                  : va_arg(args, int);
            bool negative;
            uint64_t magnitude = signed_magnitude(value, bytes, &negative);

            put_number(&out, &spec, magnitude, 10, negative ? "-" : "");
            break;
        }
        case 'u':
        case 'x':
        case 'X': {
            uint64_t value = bytes > sizeof(long)  ? va_arg(args, unsigned long long)
                             : bytes > sizeof(int) ? va_arg(args, unsigned long)
                                                   : va_arg(args, unsigned int);
            unsigned int base = *format == 'u' ? 10 : 16;

            value = truncate_to(value, bytes);
            spec.upper = *format == 'X';
            put_number(&out, &spec, value, base,
                       !spec.prefix || base == 10 || !value ? ""
                       : spec.upper                         ? "0X"
                                                            : "0x");
            break;
        }
        case 'p':
            put_number(&out, &spec, (uintptr_t)va_arg(args, void *), 16, "0x");
            break;
        case 'c': {
            char c = (char)va_arg(args, int);

            put_text(&out, &spec, &c, 1);
            break;
        }
        case 's': {
            const char *text = va_arg(args, const char *);

            if (text == NULL)
                text = "(null)";
            put_text(&out, &spec, text, text_length(text, spec.precision));
            break;
        }
        case '%':
            put(&out, '%');
            break;
        default:
            while (start < format)
                put(&out, *start++);
            continue; /* *format, perhaps the NUL, is next */
        }
        format++;
    }
    if (size)
        buf[out.len < size ? out.len : size - 1] = '\0';
    return (int)out.len;
}

int snprintf(char *buf, size_t size, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(buf, size, format, args);
    va_end(args);
    return len;
}
