/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machine checks, which the host injects, outside SMM and inside. */
#include <stddef.h>

#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/block/events.h"
#include "tests/block/inside.h"

#define AP        1
#define VECTOR_MC 18
#define BANK      3U

#define MC_STATUS(n) (MSR_MC0_CTL + 4 * (n) + 1)

static volatile uint32_t checks, waiting;

static void on_mc(struct trap_frame *frame)
{
    (void)frame;
    checks++;
    wrmsr(MC_STATUS(BANK), 0);
    wrmsr(MSR_MCG_STATUS, 0);
}

/* An uncorrected error, valid and enabled; the interrupted code can go on. */
static void inject(uint32_t cpu)
{
    static char answer[HOST_ANSWER_MAX];

    if (!host_request(answer, sizeof(answer), "hmp mce %u %u 0xb000000000000000 5 0 0", cpu, BANK))
        ERROR("the host injects no machine check: %s", answer);
}

static uint64_t SMM_CODE wait_for_check(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    write_cr4(read_cr4() | CR4_MCE);
    waiting = 1;
    while (waiting)
        cpu_pause();
    return 0;
}

TEST(block, machine_check, "a machine check is #MC in SMM too, once the handler has set CR4.MCE",
     SPEC("Intel SDM vol. 3, 6.15 Interrupt 18; Table 34-4: CR4 is 0 on entry; 34.6"),
     NEEDS("smp=2 host=hmp boot=own accel=tcg"))
{
    unsigned long cr4 = read_cr4();
    struct smm_run_result r;

    REQUIRE_SMM();
    irq_set_handler(VECTOR_MC, on_mc);
    write_cr4(cr4 | CR4_MCE);
    inject(0);
    EXPECT_TRUE("outside", WAIT_FOR(checks == 1, PATIENCE_MS), "outside SMM it is #MC, once");
    write_cr4(cr4);
    inside_start(AP, wait_for_check, NULL);
    REQUIRE_TRUE("waits", WAIT_FOR(waiting, PATIENCE_MS), "the other CPU is in SMM");
    inject(AP);
    /* It comes at once, or not at all; the handler would go on then. */
    (void)WAIT_FOR(smm_mailbox.run_done, PATIENCE_MS);
    waiting = 0;
    inside_wait(AP, &r);
    EXPECT_TRUE("caught", r.done && r.caught, "in SMM it is an exception");
    EXPECT_EQ("vector", r.vector, VECTOR_MC, "with vector 18");
    EXPECT_EQ("once", checks, 1, "and not one more outside");
    irq_set_handler(VECTOR_MC, NULL);
}
