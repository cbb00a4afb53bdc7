/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reset of the machine while a CPU is in SMM. */
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/test.h"
#include "tests/block/events.h"

#define VECTOR_UD 6

static uint64_t SMM_CODE reset(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    ich9_reset();
}

static void rsm(void *arg)
{
    (void)arg;
    __asm__ volatile("rsm");
}

TEST(block, reset, "a reset in SMM ends SMM, and what was latched there is gone",
     SPEC("Intel SDM vol. 3, 9.1, 34.3.1, 34.11; AMD APM vol. 2, 14.1"),
     NEEDS("firmware=virgin boot=own"))
{
    struct trap_caught trap;

    if (test_boot() == 1) {
        REQUIRE_SMM();
        events_begin();
        test_announce_reset();
        events_provoke_and(&(struct provoke){.smi = 1, .nmi = 1}, reset, NULL);
        ERROR("RST_CNT does not reset the machine from SMM");
    }
    EXPECT_EQ("smi.gone", rdmsr(MSR_SMI_COUNT), 0, "the SMI that was latched is not taken");
    trap = trap_catch(rsm, NULL);
    EXPECT_TRUE("outside", trap.caught && trap.vector == VECTOR_UD,
                "the CPU is not in SMM: RSM is #UD");
    events_begin();
    __asm__ volatile("jmp 1f; 1:" : : : "memory");
    EXPECT_EQ("nmi.gone", events.count[EVENT_NMI], 0, "the NMI that was held is not delivered");
    events_send(&(struct provoke){.nmi = 1});
    EXPECT_EQ("nmi.open", events.count[EVENT_NMI], 1, "and NMIs are not blocked");
    events_end();
    REQUIRE_SMM();
}
