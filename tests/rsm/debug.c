/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Breakpoints and single stepping around SMM. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/entry/scene.h"

#define VECTOR_DB 1

#define DR7_G0     BIT(1)       /* DR0 enabled */
#define DR7_WRITE0 (0xdU << 16) /* DR0: writes to four bytes */
#define DR6_B0     BIT(0)

#define STEPS_MAX 8

/* #DB outside SMM. */
static struct {
    volatile uint32_t count;
    uintptr_t ip[STEPS_MAX];
    unsigned long dr6; /* at the last one */
    uint32_t stop;     /* clear TF at this one; 0: leave the frame's flags alone */
} db;

static uint32_t watched;

static void on_db(struct trap_frame *frame)
{
    if (db.count < STEPS_MAX)
        db.ip[db.count] = frame->ip;
    db.count++;
    db.dr6 = read_dr6();
    write_dr6(DR6_RESET);
    if (db.stop && db.count >= db.stop)
        frame->flags &= ~(unsigned long)EFLAGS_TF;
    else if (!db.stop)
        frame->flags |= EFLAGS_RF; /* an execution breakpoint must not come again */
}

static void begin(uint32_t stop)
{
    db.count = 0;
    db.dr6 = 0;
    db.stop = stop;
    write_dr7(DR7_RESET);
    write_dr6(DR6_RESET);
    irq_set_handler(VECTOR_DB, on_db);
}

static void end(void)
{
    write_dr7(DR7_RESET);
    write_dr6(DR6_RESET);
    write_dr0(0);
    irq_set_handler(VECTOR_DB, NULL);
}

static uint64_t SMM_CODE touch(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    ++*(volatile uint32_t *)arg;
    return 0;
}

static struct smm_run_result touch_in_smm(void)
{
    begin(0);
    write_dr0((uintptr_t)&watched);
    write_dr7(DR7_RESET | DR7_G0 | DR7_WRITE0);
    return smm_run_on(smp_self(), touch, &watched, true);
}

TEST(rsm, breakpoint_inside, "breakpoints of the interrupted code do not trigger in SMM",
     SPEC("Intel SDM vol. 3, 34.5.1, 34.6, Table 34-4: DR7 is 400h"), NEEDS(""))
{
    struct smm_run_result r;

    REQUIRE_SMM();
    r = touch_in_smm();
    end();
    EXPECT_TRUE("inside", r.done && !r.caught, "no #DB where the handler writes the watched word");
    EXPECT_EQ("outside", db.count, 0, "nor after RSM");
}

TEST(rsm, breakpoint_outside, "RSM brings DR7 back, and the breakpoints with it",
     SPEC("Intel SDM vol. 3, 34.4.1: DR7 is saved; 34.6"), NEEDS(""))
{
    REQUIRE_SMM();
    touch_in_smm();
    EXPECT_EQ("before", db.count, 0, "no #DB before the watched word is written");
    *(volatile uint32_t *)&watched = 1;
    EXPECT_EQ("once", db.count, 1, "writing it after RSM triggers the breakpoint, once");
    EXPECT_BITS("dr6", db.dr6, 0xf, DR6_B0, "and it is breakpoint 0");
    write_dr7(DR7_RESET);
    *(volatile uint32_t *)&watched = 2;
    EXPECT_EQ("off", db.count, 1, "DR7 = 400h turns it off");
    end();
}

static uint64_t SMM_CODE write_dr7_in_smm(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    write_dr7(DR7_RESET | 0xffff0000); /* other types and lengths, none enabled */
    return 0;
}

TEST(rsm, dr7_written,
     "a handler may write DR7: RSM brings the interrupted code's breakpoints back",
     SPEC("Intel SDM vol. 3, 34.6: debug facilities may be used in SMM; 34.4.1: DR7 is saved"),
     NEEDS("boot=own"))
{
    REQUIRE_SMM();
    for (int i = 0; i < 3; i++) {
        begin(0);
        write_dr0((uintptr_t)&watched);
        write_dr7(DR7_RESET | DR7_G0 | DR7_WRITE0);
        smm_run(write_dr7_in_smm, NULL);
        EXPECT_EQ("dr7", read_dr7(), DR7_RESET | DR7_G0 | DR7_WRITE0, "DR7 is as before the SMI");
        *(volatile uint32_t *)&watched = 1;
        EXPECT_EQ("once", db.count, 1, "and the breakpoint triggers, once");
        end();
        *(volatile uint32_t *)&watched = 2;
        EXPECT_EQ("off", db.count, 1, "until it is turned off");
    }
}

#define PORT_UNUSED 0x80         /* POST codes: read and written without effect */
#define DR7_IO0     (0x2U << 16) /* DR0: I/O, one byte; needs CR4.DE */

static uint64_t SMM_CODE read_port(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return inb(PORT_UNUSED);
}

TEST(rsm, breakpoint_io, "an I/O breakpoint does not trigger in SMM, and does so again after RSM",
     SPEC("Intel SDM vol. 3, 34.5.1, 34.4.1: DR7 and CR4 are saved; 17.2.4"), NEEDS(""))
{
    unsigned long cr4 = read_cr4();
    struct smm_run_result r;

    REQUIRE_SMM();
    begin(0);
    write_cr4(cr4 | CR4_DE);
    write_dr0(PORT_UNUSED);
    write_dr7(DR7_RESET | DR7_G0 | DR7_IO0);
    inb(PORT_UNUSED);
    EXPECT_EQ("before", db.count, 1, "it triggers before the SMI, once");
    r = smm_run_on(smp_self(), read_port, NULL, true);
    EXPECT_TRUE("inside", r.done && !r.caught, "no #DB where the handler reads the port");
    EXPECT_EQ("not_yet", db.count, 1, "nor directly after RSM");
    inb(PORT_UNUSED);
    EXPECT_EQ("after", db.count, 2, "after RSM it triggers, once");
    write_cr4(cr4);
    end();
}

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

static void arm(struct redirect *to)
{
    struct smm_mailbox *m = &smm_mailbox;

    m->run_apic_id = smp_apic_id(smp_self());
    m->run_function = redirect;
    m->run_argument = to;
    m->run_catch = false;
    m->run_done = 0;
    m->run_armed = 1;
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

    begin(0);
    write_dr0((uintptr_t)rsm_debug_target);
    write_dr7(DR7_RESET | DR7_G0);
    arm(&to);
    smi_and_steps();
    end();
}

TEST(rsm, resume_flag, "RF in the saved RFLAGS decides about a breakpoint at the saved RIP",
     SPEC("Intel SDM vol. 3, 17.3.1.1 Instruction-Breakpoint Exception Condition; Table 34-1: "
          "EFLAGS is writable"),
     NEEDS(""))
{
    REQUIRE_SMM();
    execution_breakpoint(0, EFLAGS_RF);
    EXPECT_EQ("rf0.count", db.count, 1, "with RF = 0 the breakpoint triggers, once");
    EXPECT_EQ("rf0.ip", db.ip[0], (uintptr_t)rsm_debug_target, "at the instruction RSM goes to");
    execution_breakpoint(EFLAGS_RF, 0);
    EXPECT_EQ("rf1.count", db.count, 0, "with RF = 1 it does not");
}

TEST(rsm, trap_flag, "TF in the saved RFLAGS single-steps the interrupted code after RSM",
     SPEC("Intel SDM vol. 3, Table 34-1: EFLAGS is writable; 17.3.1.4 Single-Step Exception"),
     NEEDS(""))
{
    struct redirect to = {.ip = (uintptr_t)rsm_debug_target, .set = EFLAGS_TF};
    uintptr_t first;

    REQUIRE_SMM();
    begin(4);
    arm(&to);
    smi_and_steps();
    end();
    REQUIRE_EQ("count", db.count, 4, "#DB comes until the handler clears TF, and not any more");
    EXPECT_BITS("dr6", db.dr6, DR6_BS, DR6_BS, "DR6.BS says why");
    /* Whether there is a trap directly after RSM is not stated. */
    first = db.ip[0] - (uintptr_t)rsm_debug_target;
    EXPECT_RANGE("first", first, 0, 1, "the first after RSM or after the instruction it goes to");
    for (uint32_t i = 1; i < 4; i++)
        EXPECT_EQ("steps", db.ip[i], db.ip[i - 1] + 1, "then one after each instruction");
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
    begin(6);
    step_over_smi();
    end();
    EXPECT_EQ("taken", *entries, before + 1, "the SMI is taken, once");
    EXPECT_EQ("count", db.count, 6, "#DB comes until its handler clears TF");
    EXPECT_BITS("dr6", db.dr6, DR6_BS, DR6_BS, "DR6.BS says why");
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
    begin(1);
    latched.calls = 0;
    r = smm_run_on(smp_self(), set_then_clear, NULL, true);
    smm_mailbox.run_armed = 0;
    end();
    EXPECT_TRUE("no_db", r.done && !r.caught, "no single step in SMM");
    EXPECT_EQ("calls", latched.calls, 2, "both SMIs are taken");
    EXPECT_BITS("saved", latched.saved, EFLAGS_TF | EFLAGS_RF, EFLAGS_TF | EFLAGS_RF,
                "the second one's save area has TF and RF");
    EXPECT_TRUE("inside", !latched.inside, "its handler runs with TF 0");
    EXPECT_RANGE("after", db.count, 0, 1,
                 "the second has cleared TF again (whether a trap was pending is not stated)");
}

TEST(rsm, dr7_gd, "RSM restores DR7 whether or not the handler has left DR7.GD set",
     SPEC("Intel SDM vol. 3, 17.2.4: GD is about MOV to and from debug registers; 34.4.1"),
     NEEDS("boot=own"))
{
    struct scene_result r;

    REQUIRE_SMM();
    scene_play(SCENE_REAL, SCENE_SMI, 0, WITNESS_GUARDED, NULL, &r);
    EXPECT_EQ("taken", r.smi[0].count, 1, "the SMI is taken");
    EXPECT_EQ("no_db", r.vector, SCENE_DONE, "RSM goes on with the interrupted code, not to #DB");
    if (r.vector == SCENE_DONE)
        EXPECT_EQ("dr7", r.dr7, r.loaded.dr7, "DR7 is the interrupted code's");
}
