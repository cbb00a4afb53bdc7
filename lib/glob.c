/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/glob.h"

#include <stddef.h>

bool glob_match(const char *pattern, const char *text)
{
    const char *star = NULL;   /* the last '*' seen ... */
    const char *resume = text; /* ... and where the text after its run starts */

    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            resume = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            /* Only the last star needs to grow: earlier ones matched their shortest run. */
            pattern = star + 1;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern || *pattern == ',';
}
