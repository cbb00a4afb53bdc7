/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef LIB_GLOB_H
#define LIB_GLOB_H

#include <stdbool.h>

/* Does the whole of text match pattern?  '*' stands for any run of characters, '?' for any one
 * character, a comma ends the pattern, everything else stands for itself. */
bool glob_match(const char *pattern, const char *text);

#endif
