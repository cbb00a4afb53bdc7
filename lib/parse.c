/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/parse.h"

#include <stddef.h>

/* The value of a digit, or 16 when c is none. */
static unsigned int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned int)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned int)(c - 'a' + 10);
    if (c >= 'A' && c <= 'F')
        return (unsigned int)(c - 'A' + 10);
    return 16;
}

bool parse_u64(const char *s, const char **end, uint64_t *out)
{
    unsigned int base = 10;
    uint64_t value = 0;

    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && digit_value(s[2]) < 16) {
        base = 16;
        s += 2;
    }
    if (digit_value(*s) >= base)
        return false;
    for (; digit_value(*s) < base; s++) {
        uint64_t next;

        /* The overflow builtins would call libgcc for 64 bits on i386. */
        if (base == 16) {
            if (value >> 60)
                return false;
            next = value << 4;
        } else {
            if (value > UINT64_MAX / 10)
                return false;
            next = value * 10;
        }
        value = next + digit_value(*s);
        if (value < next)
            return false;
    }
    if (end != NULL)
        *end = s;
    *out = value;
    return true;
}
