/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/plan.h"

#include <stdbool.h>
#include <stddef.h>

#include "kernel/cmdline.h"

extern const struct testinfo testinfo_start[], testinfo_end[];

const struct testinfo *plan_test(uint32_t position)
{
    /* The one that was asked for before: they are asked for in order. */
    static const struct testinfo *last;
    static uint32_t at;

    if (!last || position < at) {
        last = testinfo_start;
        at = 0;
    }
    for (; last < testinfo_end; last++) {
        if (cmdline_selects(last->id) && at++ == position) {
            at = position;
            return last;
        }
    }
    return NULL;
}

uint32_t plan_size(void)
{
    static uint32_t size;
    static bool counted;

    if (!counted) {
        while (plan_test(size))
            size++;
        counted = true;
    }
    return size;
}

const char *plan_id(uint32_t position)
{
    const struct testinfo *t = plan_test(position);

    return t ? t->id : "?";
}
