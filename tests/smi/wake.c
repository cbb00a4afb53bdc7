/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMIs that find a CPU asleep or in a loop of its own, with interrupts disabled. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/smi/count.h"

#define VECTOR_NMI          2
#define CPUID_1_ECX_MONITOR BIT(3)

static volatile uint32_t ready, leave;
static volatile uint32_t nmis;

static void on_nmi(struct trap_frame *frame)
{
    (void)frame;
    nmis++;
}

/* All of these run with IF = 0. */

static uint64_t in_hlt(void *arg)
{
    (void)arg;
    ready = 1;
    while (!leave)
        hlt();
    return read_flags() & EFLAGS_IF;
}

static uint64_t in_pause(void *arg)
{
    (void)arg;
    ready = 1;
    while (!leave)
        cpu_pause();
    return read_flags() & EFLAGS_IF;
}

static uint64_t in_jump(void *arg)
{
    (void)arg;
    ready = 1;
    while (!leave)
        __asm__ volatile("");
    return read_flags() & EFLAGS_IF;
}

static uint64_t in_mwait(void *arg)
{
    (void)arg;
    ready = 1;
    while (!leave) {
        __asm__ volatile("monitor" : : "a"(&leave), "c"(0), "d"(0) : "memory");
        if (!leave)
            __asm__ volatile("mwait" : : "a"(0), "c"(0) : "memory");
    }
    return read_flags() & EFLAGS_IF;
}

/* Time for CPU 1 to get from "ready" into its instruction: not needed for any verdict. */
static void give_it_time(void)
{
    for (unsigned int i = 0; i < 2000; i++)
        (void)apic_read(APIC_VERSION);
}

/* A halted CPU sees "leave" only when something wakes it: the SDM has it halt again after SMM
 * unless the handler says otherwise (auto-HALT restart), so an NMI does. */
static bool fetch_back(uint64_t *result)
{
    leave = 1;
    for (unsigned int i = 0; i < 1000; i++) {
        apic_send_nmi(smp_apic_id(1));
        give_it_time();
        if (WAIT_FOR(nmis, 10) && smp_call_wait(1, result))
            return true;
    }
    return false;
}

static void check_reached(smp_function fn)
{
    struct smm_cpu_report *r = smm_report_of(smp_apic_id(1));

    irq_set_handler(VECTOR_NMI, on_nmi);
    for (unsigned int round = 1; round <= 3; round++) {
        uint64_t flags = 1;
        uint32_t before = r->entries;

        CONTEXT("round %u", round);
        smi_count_start();
        ready = leave = nmis = 0;
        smp_call_start(1, fn, NULL);
        REQUIRE_TRUE("ready", WAIT_FOR(ready, PATIENCE_MS), "the CPU gets there");
        give_it_time();
        REQUIRE_TRUE("sent", apic_send_smi(smp_apic_id(1)), "the SMI can be sent");
        EXPECT_TRUE("reached", WAIT_FOR(r->entries != before, PATIENCE_MS),
                    "the SMI is taken there, with interrupts disabled");
        REQUIRE_TRUE("back", fetch_back(&flags), "and the CPU can be brought back");
        EXPECT_EQ("still-disabled", flags, 0, "with interrupts still disabled");
        smi_count_check(SMI_CPU(1));
    }
    CONTEXT_CLEAR();
    irq_set_handler(VECTOR_NMI, NULL);
}

TEST(smi, wakes_hlt, "an SMI wakes a CPU from HLT with interrupts disabled",
     SPEC("Intel SDM vol. 3, 34.10 and 8.4.3 step 9; AMD APM vol. 2, 10.3.7"), NEEDS("smp=3"))
{
    REQUIRE_SMM();
    check_reached(in_hlt);
}

TEST(smi, in_pause_loop, "an SMI is taken in a loop of PAUSE with interrupts disabled",
     SPEC("Intel SDM vol. 3, 34.2: SMI is non-maskable, at instruction boundaries"), NEEDS("smp=3"))
{
    REQUIRE_SMM();
    check_reached(in_pause);
}

TEST(smi, in_jump_loop, "an SMI is taken in the tightest of loops with interrupts disabled",
     SPEC("Intel SDM vol. 3, 34.2: SMI is non-maskable, at instruction boundaries"), NEEDS("smp=3"))
{
    REQUIRE_SMM();
    check_reached(in_jump);
}

TEST(smi, wakes_mwait, "an SMI is taken in a loop of MWAIT with interrupts disabled",
     SPEC("Intel SDM vol. 2, MWAIT, and vol. 3, 8.10.4: an SMI ends the wait"),
     NEEDS("smp=3 cpu=max"))
{
    struct cpuid_regs regs;

    cpuid(1, 0, &regs);
    if (!(regs.ecx & CPUID_1_ECX_MONITOR))
        SKIP("the CPU has no MONITOR and MWAIT");
    REQUIRE_SMM();
    check_reached(in_mwait);
}
