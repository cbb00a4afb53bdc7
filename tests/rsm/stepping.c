/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flags that matter to debugging, RF and TF, around SMM. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/rsm/db.h"

struct redirect {
    uintptr_t ip;        /* 0: stay */
    uint32_t set, clear; /* flags */
};

static uint64_t SMM_CODE redirect(struct smm_cpu *cpu, void *arg)
{
    const struct redirect *to = arg;
    union smm_save *save = smm_cpu_save(cpu);
    uint64_t flags = smm_save_get(save, SMM_REG_FLAGS);

    smm_save_set(save, SMM_REG_FLAGS, (flags | to->set) & ~(uint64_t)to->clear);
    if (to->ip)
        smm_save_set(save, SMM_REG_IP, to->ip);
    return 0;
}

extern const uint8_t rsm_debug_target[], rsm_debug_end[];

/* The SMI's handler sends the CPU to rsm_debug_target; straight on leads there, too. */
static void __attribute__((noinline)) smi_and_steps(void)
{
    __asm__ volatile("outb %0, %1; jmp 1f; 1: nop;"
                     ".globl rsm_debug_target, rsm_debug_end\n"
                     "rsm_debug_target: nop; nop; nop; nop; nop; nop; nop; nop\n"
                     "rsm_debug_end: nop"
                     :
                     : "a"((uint8_t)SMM_CMD_RUN), "i"(APM_CNT)
                     : "memory");
}

static void execution_breakpoint(uint32_t set, uint32_t clear)
{
    struct redirect to = {.ip = (uintptr_t)rsm_debug_target, .set = set, .clear = clear};

    rsm_db_begin(0);
    write_dr0((uintptr_t)rsm_debug_target);
    write_dr7(DR7_RESET | DR7_G0);
    smm_run_arm(smp_self(), redirect, &to, false);
    smi_and_steps();
    rsm_db_end();
}

TEST(rsm, resume_flag, "RF in the saved RFLAGS decides about a breakpoint at the saved RIP",
     SPEC("Intel SDM vol. 3, 17.3.1.1 Instruction-Breakpoint Exception Condition; Table 34-1: "
          "EFLAGS is writable"),
     NEEDS(""))
{
    REQUIRE_SMM();
    execution_breakpoint(0, EFLAGS_RF);
    EXPECT_EQ("rf0.count", rsm_db.count, 1, "with RF = 0 the breakpoint triggers, once");
    EXPECT_EQ("rf0.ip", rsm_db.ip[0], (uintptr_t)rsm_debug_target,
              "at the instruction RSM goes to");
    execution_breakpoint(EFLAGS_RF, 0);
    EXPECT_EQ("rf1.count", rsm_db.count, 0, "with RF = 1 it does not");
}

TEST(rsm, trap_flag, "TF in the saved RFLAGS single-steps the interrupted code after RSM",
     SPEC("Intel SDM vol. 3, Table 34-1: EFLAGS is writable; 17.3.1.4 Single-Step Exception"),
     NEEDS(""))
{
    struct redirect to = {.ip = (uintptr_t)rsm_debug_target, .set = EFLAGS_TF};
    uintptr_t first;

    REQUIRE_SMM();
    rsm_db_begin(4);
    smm_run_arm(smp_self(), redirect, &to, false);
    smi_and_steps();
    rsm_db_end();
    REQUIRE_EQ("count", rsm_db.count, 4, "#DB comes until the handler clears TF, and not any more");
    EXPECT_BITS("dr6", rsm_db.dr6, DR6_BS, DR6_BS, "DR6.BS says why");
    /* Whether there is a trap directly after RSM is not stated. */
    first = rsm_db.ip[0] - (uintptr_t)rsm_debug_target;
    EXPECT_RANGE("first", first, 0, 1, "the first after RSM or after the instruction it goes to");
    for (uint32_t i = 1; i < 4; i++)
        EXPECT_EQ("steps", rsm_db.ip[i], rsm_db.ip[i - 1] + 1, "then one after each instruction");
}

/* TF is set when the SMI comes; #DB's handler clears it. */
static void __attribute__((noinline)) step_over_smi(void)
{
    unsigned long flags = read_flags() | EFLAGS_TF;

    __asm__ volatile("push %2; popf; outb %0, %1; jmp 1f; 1: nop; nop; nop; nop; nop; nop"
                     :
                     : "a"((uint8_t)SMM_CMD_PING), "i"(APM_CNT), "r"(flags)
                     : "memory", "cc");
}

TEST(rsm, single_step, "an SMI under single stepping is taken once, and stepping goes on after RSM",
     SPEC("Intel SDM vol. 3, 34.2: SMIs are not maskable; 34.3.1; 34.4.1: EFLAGS is saved"),
     NEEDS(""))
{
    const volatile uint32_t *entries;
    uint32_t before;

    REQUIRE_SMM();
    entries = &smm_report_of(smp_apic_id(smp_self()))->entries;
    before = *entries;
    rsm_db_begin(6);
    step_over_smi();
    rsm_db_end();
    EXPECT_EQ("taken", *entries, before + 1, "the SMI is taken, once");
    EXPECT_EQ("count", rsm_db.count, 6, "#DB comes until its handler clears TF");
    EXPECT_BITS("dr6", rsm_db.dr6, DR6_BS, DR6_BS, "DR6.BS says why");
}

static struct {
    uint32_t calls;
    uint64_t saved; /* flags in the second SMI's save area */
    bool inside;    /* TF is set in that SMI's handler */
} latched;

/* The first SMI's handler has a second one latched, the second one's undoes the first's edit. */
static uint64_t SMM_CODE set_then_clear(struct smm_cpu *cpu, void *arg)
{
    union smm_save *save = smm_cpu_save(cpu);
    uint64_t flags = smm_save_get(save, SMM_REG_FLAGS);

    (void)arg;
    if (latched.calls++) {
        latched.saved = flags;
        latched.inside = read_flags() & EFLAGS_TF;
        smm_save_set(save, SMM_REG_FLAGS, flags & ~(uint64_t)(EFLAGS_TF | EFLAGS_RF));
        return 0;
    }
    smm_save_set(save, SMM_REG_FLAGS, flags | EFLAGS_TF | EFLAGS_RF);
    smm_mailbox.run_armed = 1;
    apic_send_smi(cpu->apic_id);
    __asm__ volatile("jmp 1f; 1:" : : : "memory");
    return 0;
}

TEST(rsm, latched_flags,
     "an SMI that comes directly after RSM saves TF and RF as RSM has restored them, and SMM "
     "runs without",
     SPEC("Intel SDM vol. 3, 34.3.1, 34.12.1: back-to-back SMIs; Table 34-4: EFLAGS is 2"),
     NEEDS(""))
{
    struct smm_run_result r;

    REQUIRE_SMM();
    rsm_db_begin(1);
    latched.calls = 0;
    r = smm_run_on(smp_self(), set_then_clear, NULL, true);
    smm_mailbox.run_armed = 0;
    rsm_db_end();
    EXPECT_TRUE("no_db", r.done && !r.caught, "no single step in SMM");
    EXPECT_EQ("calls", latched.calls, 2, "both SMIs are taken");
    EXPECT_BITS("saved", latched.saved, EFLAGS_TF | EFLAGS_RF, EFLAGS_TF | EFLAGS_RF,
                "the second one's save area has TF and RF");
    EXPECT_TRUE("inside", !latched.inside, "its handler runs with TF 0");
    EXPECT_RANGE("after", rsm_db.count, 0, 1,
                 "the second has cleared TF again (whether a trap was pending is not stated)");
}
