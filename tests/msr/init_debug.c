/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is left of armed debug registers behind INIT. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/msr/start.h"

#define AP           1
#define START_VECTOR 0x60
#define VECTOR_DB    1

#define DR7_ARMED 0x00d0000aU /* G0: execution; G1: writing of four bytes */

static volatile uint32_t exceptions, target, ready;

static void on_db(struct trap_frame *frame)
{
    exceptions++;
    write_dr6(DR6_RESET);
    frame->flags |= EFLAGS_RF;
}

static void __attribute__((noinline, noclone)) stepped_on(void)
{
    __asm__ volatile("nop" : : : "memory");
}

static void touch(void)
{
    stepped_on();
    target++;
}

/* Until INIT. */
static uint64_t armed(void *arg)
{
    (void)arg;
    write_dr0((uintptr_t)stepped_on);
    write_dr1((uintptr_t)&target);
    write_dr6(DR6_RESET);
    write_dr7(DR7_RESET | DR7_ARMED);
    touch();
    ready = 1;
    for (;;)
        cpu_pause();
    __builtin_unreachable();
}

static uint64_t not_armed(void *arg)
{
    (void)arg;
    touch();
    return 0;
}

TEST(msr, init_breakpoints, "breakpoints that were armed before INIT do not come up behind it",
     SPEC("Intel SDM vol. 3, Table 9-1: DR7 is 400h after INIT, DR0 to DR3 are 0; 17.2.4"),
     NEEDS("smp=2 boot=own"))
{
    uint32_t n;

    if (!smp_start_all())
        ERROR("the APs do not come up");
    irq_set_handler(VECTOR_DB, on_db);
    smp_call_start(AP, armed, NULL);
    if (!WAIT_FOR(ready, PATIENCE_MS))
        ERROR("the AP does not get ready");
    EXPECT_EQ("before", exceptions, 2, "before INIT, execution and writing are #DB");
    start_prepare(START_VECTOR, NULL, 0);
    REQUIRE_TRUE("started", start_cpu(AP, START_VECTOR), "INIT and SIPI start the AP");
    n = start_return(AP);
    exceptions = 0;
    REQUIRE_TRUE("call", smp_call(n, not_armed, NULL, NULL), "the AP does the same again");
    EXPECT_EQ("behind", exceptions, 0, "and there is no #DB");
    irq_set_handler(VECTOR_DB, NULL);
}
