/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/plan.h"

#include <stddef.h>

#include "kernel/cmdline.h"

extern const struct testinfo testinfo_start[], testinfo_end[];

const struct testinfo *plan_test(uint32_t position)
{
    for (const struct testinfo *t = testinfo_start; t < testinfo_end; t++) {
        if (cmdline_selects(t->id) && position-- == 0)
            return t;
    }
    return NULL;
}

uint32_t plan_size(void)
{
    uint32_t n = 0;

    while (plan_test(n))
        n++;
    return n;
}

const char *plan_id(uint32_t position)
{
    const struct testinfo *t = plan_test(position);

    return t ? t->id : "?";
}
