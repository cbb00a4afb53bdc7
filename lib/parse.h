/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LIB_PARSE_H
#define LIB_PARSE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads an unsigned number, decimal or with a leading 0x hexadecimal, from the start of s.
 * *end (unless end is NULL) is set to the first character behind it.
 * Returns false, with *out and *end untouched, when s does not start with a digit or the number
 * does not fit 64 bits.
 */
bool parse_u64(const char *s, const char **end, uint64_t *out);

#endif
