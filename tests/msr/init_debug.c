/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is left of armed debug registers behind INIT. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/msr/start.h"
#include "tests/rsm/db.h"

#define AP           1
#define START_VECTOR 0x60

static volatile uint32_t ready;

/* Until INIT. */
static uint64_t armed(void *arg)
{
    (void)arg;
    rsm_db_arm();
    rsm_db_touch();
    ready = 1;
    for (;;)
        cpu_pause();
    __builtin_unreachable();
}

static uint64_t not_armed(void *arg)
{
    (void)arg;
    rsm_db_touch();
    return 0;
}

TEST(msr, init_breakpoints, "breakpoints that were armed before INIT do not come up behind it",
     SPEC("Intel SDM vol. 3, Table 9-1: DR7 is 400h after INIT, DR0 to DR3 are 0; 17.2.4"),
     NEEDS("smp=2 boot=own"))
{
    uint32_t n;

    if (!smp_start_all())
        ERROR("the APs do not come up");
    rsm_db_begin(0);
    smp_call_start(AP, armed, NULL);
    if (!WAIT_FOR(ready, PATIENCE_MS))
        ERROR("the AP does not get ready");
    EXPECT_EQ("before", rsm_db.count, 2, "before INIT, execution and writing are #DB");
    start_prepare(START_VECTOR, NULL, 0);
    REQUIRE_TRUE("started", start_cpu(AP, START_VECTOR), "INIT and SIPI start the AP");
    n = start_return(AP);
    rsm_db.count = 0;
    REQUIRE_TRUE("call", smp_call(n, not_armed, NULL, NULL), "the AP does the same again");
    EXPECT_EQ("behind", rsm_db.count, 0, "and there is no #DB");
    rsm_db_end();
}
