/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every register of a CPU, hidden parts included, over a migration. */
#include <stddef.h>

#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/migrate/migrate.h"
#include "tests/rsm/frozen.h"

#define AP 1

static char before[HOST_ANSWER_MAX], after[HOST_ANSWER_MAX];

TEST(migrate, frozen, "seen from outside, no register of a CPU is changed by a migration",
     SPEC(MIGRATION "Intel SDM vol. 3, 3.4.3: hidden parts of segment registers"),
     NEEDS("host=migrate,hmp boot=own smp=2 accel=tcg smm=any"))
{
    if (!smp_start_all())
        ERROR("the AP does not come up");
    frozen_begin(AP);
    frozen_settle(before);
    migrate();
    frozen_compare(before, frozen_settle(after), "the host sees every register as before");
}
