/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reset of the machine while a CPU is in SMM. */
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/block/events.h"
#include "tests/block/inside.h"

#define VECTOR_UD 6

static uint64_t SMM_CODE reset(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    ich9_reset();
}

/* The SMI interrupts an NMI handler: NMIs are blocked on both levels. */
static void on_nmi(struct trap_frame *frame)
{
    (void)frame;
    events_provoke_and(&(struct provoke){.smi = 1, .nmi = 1}, reset, NULL);
}

/*
 * For a real-mode NMI directly after the reset, before the firmware has a table of its
 * own: "lock inc byte [cs:10]", something, and the count.
 */
#define STRAY        ((volatile uint8_t *)0x58000)
#define STRAY_COUNT  10
#define STRAY_BEHIND 6

/* then: instructions behind the counting, four bytes at most. */
static void set_stray(const uint8_t *then)
{
    uint8_t code[STRAY_COUNT + 1] = {0xf0, 0x2e, 0xfe, 0x06, STRAY_COUNT, 0};

    memcpy(code + STRAY_BEHIND, then, STRAY_COUNT - STRAY_BEHIND);
    for (unsigned int i = 0; i < sizeof(code); i++)
        STRAY[i] = code[i];
    /* Segment:offset into the table at 0; for a compiler that is no place for data. */
    __asm__ volatile("movl %0, %c1"
                     :
                     : "r"((uint32_t)(uintptr_t)STRAY << 12), "i"(VECTOR_NMI * 4)
                     : "memory");
}

static uint64_t SMM_CODE nothing(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return 0;
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
        set_stray((const uint8_t[]){0xcf, 0, 0, 0}); /* iret */
        test_announce_reset();
        irq_set_handler(VECTOR_NMI, on_nmi);
        events_send(&(struct provoke){.nmi = 1});
        ERROR("RST_CNT does not reset the machine from SMM");
    }
    EXPECT_EQ("smi.gone", rdmsr(MSR_SMI_COUNT), 0, "the SMI that was latched is not taken");
    trap = trap_catch(rsm, NULL);
    EXPECT_TRUE("outside", trap.caught && trap.vector == VECTOR_UD,
                "the CPU is not in SMM: RSM is #UD");
    events_begin();
    __asm__ volatile("jmp 1f; 1:" : : : "memory");
    EXPECT_EQ("nmi.gone", events.count[EVENT_NMI], 0, "the NMI that was held is not delivered");
    EXPECT_EQ("nmi.at_once", STRAY[STRAY_COUNT], 0, "nor was it to the firmware, after the reset");
    events_send(&(struct provoke){.nmi = 1});
    EXPECT_EQ("nmi.open", events.count[EVENT_NMI], 1, "and NMIs are not blocked");
    REQUIRE_SMM();
    smm_run(nothing, NULL);
    events_send(&(struct provoke){.nmi = 1});
    EXPECT_EQ("nmi.later", events.count[EVENT_NMI], 2, "nor after an SMI and its RSM");
    events_end();
}

static uint64_t SMM_CODE stay(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    *(volatile uint32_t *)arg = 1;
    for (;;)
        cpu_pause();
    __builtin_unreachable();
}

static uint64_t no_nmi(void *arg)
{
    (void)arg;
    return 0;
}

TEST(block, reset_others, "what was latched for another CPU in SMM is gone behind a reset, too",
     SPEC("Intel SDM vol. 3, 9.1, 34.3.1, 34.8; AMD APM vol. 2, 14.1"),
     NEEDS("firmware=virgin boot=own smp=3"))
{
    static volatile uint32_t inside;

    if (test_boot() == 1) {
        REQUIRE_SMM();
        set_stray((const uint8_t[]){0xfa, 0xf4, 0xeb, 0xfc}); /* cli; hlt, again and again */
        for (uint32_t n = 1; n < smp_cpus(); n++) {
            inside = 0;
            inside_start(n, stay, (void *)(uintptr_t)&inside);
            REQUIRE_TRUE("inside", WAIT_FOR(inside, PATIENCE_MS), "the CPU is in SMM");
            apic_send_nmi(smp_apic_id(n));
            apic_send_smi(smp_apic_id(n));
        }
        test_announce_reset();
        ich9_reset();
    }
    events_begin();
    REQUIRE_TRUE("aps", smp_start_all() && smp_cpus() == 3, "the APs start");
    for (uint32_t n = 1; n < smp_cpus(); n++) {
        CONTEXT("CPU %u", n);
        EXPECT_TRUE("runs", smp_call(n, no_nmi, NULL, NULL), "the CPU runs, outside SMM");
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("nmi.at_once", STRAY[STRAY_COUNT], 0, "no NMI came while they waited for SIPI");
    EXPECT_EQ("nmi.gone", events.count[EVENT_NMI], 0, "nor did one come afterwards");
    events_end();
}
