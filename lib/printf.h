/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Formatted output into memory.
 *
 * Conversions: %d %i %u %x %X %c %s %p %%; lengths hh h l ll j z t; flags 0 - #; width and
 * precision as numbers or '*'.  An unknown conversion is copied to the output unchanged.
 */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include <stdarg.h>
#include <stddef.h>

/* Both write at most size bytes including the NUL and return the length of the whole text without
 * the NUL: a result >= size means that it was cut.  size 0 writes nothing. */
int vsnprintf(char *buf, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
int snprintf(char *buf, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
