/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INIT and SIPI for a CPU in SMM. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/block/inside.h"
#include "tests/msr/start.h"

#define AP           1
#define START_VECTOR 0x60

struct talk {
    volatile uint32_t inside, go_on, survived;
};

static uint64_t SMM_CODE init_self(struct smm_cpu *cpu, void *arg)
{
    struct talk *t = arg;

    t->inside = 1;
    apic_send_init(cpu->apic_id);
    __asm__ volatile("jmp 1f; 1: jmp 2f; 2: pause; jmp 3f; 3:" : : : "memory");
    t->survived = 1;
    return 0;
}

TEST(block, init, "INIT is blocked in SMM and takes effect after RSM",
     SPEC("Intel SDM vol. 3, 34.5.1: INIT is inhibited in SMM; AMD APM vol. 2, 10.3.3"),
     NEEDS("smp=2 boot=own"))
{
    struct talk t = {0};
    struct deadline d = deadline_in(PATIENCE_MS);

    REQUIRE_SMM();
    start_prepare(START_VECTOR, NULL, 0);
    inside_start(AP, init_self, &t);
    if (!WAIT_FOR(t.inside, PATIENCE_MS))
        ERROR("the AP does not enter SMM");
    /* As long as it is in SMM, SIPIs are lost. */
    while (!start_arrived(START_VECTOR) && !deadline_over(&d))
        apic_send_sipi(smp_apic_id(AP), START_VECTOR);
    EXPECT_EQ("pending", start_arrived(START_VECTOR), 1,
              "the CPU waits for SIPI sooner or later, and one starts it");
    EXPECT_EQ("blocked", t.survived, 1, "but the SMI handler has gone on to its RSM before");
}

static uint64_t SMM_CODE linger(struct smm_cpu *cpu, void *arg)
{
    struct talk *t = arg;

    (void)cpu;
    t->inside = 1;
    while (!t->go_on)
        cpu_pause();
    t->survived = 1;
    return 0x600d;
}

static uint64_t answer(void *arg)
{
    return (uintptr_t)arg + 1;
}

TEST(block, sipi, "SIPI in SMM is discarded",
     SPEC("Intel SDM vol. 3, 8.4.4.1, 26.6.2: only a CPU in wait-for-SIPI takes it"),
     NEEDS("smp=2 boot=own"))
{
    struct talk t = {0};
    struct smm_run_result r;
    struct start_report start;
    uint64_t value = 0;

    REQUIRE_SMM();
    start_prepare(START_VECTOR, NULL, 0);
    start_prepare(START_VECTOR + 1, NULL, 0);
    inside_start(AP, linger, &t);
    if (!WAIT_FOR(t.inside, PATIENCE_MS))
        ERROR("the AP does not enter SMM");
    apic_send_sipi(smp_apic_id(AP), START_VECTOR);
    apic_send_sipi(smp_apic_id(AP), START_VECTOR);
    t.go_on = 1;
    EXPECT_TRUE("goes_on", inside_wait(AP, &r) && r.value == 0x600d,
                "the SMI handler goes on to its RSM");
    EXPECT_TRUE("answers", smp_call(AP, answer, (void *)41, &value) && value == 42,
                "and the CPU to what it did before");
    EXPECT_EQ("ignored", start_arrived(START_VECTOR), 0, "it has not been at the SIPI's vector");
    REQUIRE_TRUE("started", start_cpu(AP, START_VECTOR + 1), "INIT and another SIPI start it");
    start_get(START_VECTOR + 1, &start);
    EXPECT_EQ("cs", start.segment[1], (START_VECTOR + 1) << 8, "at the second SIPI's vector");
    EXPECT_EQ("forgotten", start_arrived(START_VECTOR), 0, "the first SIPI has been discarded");
}
