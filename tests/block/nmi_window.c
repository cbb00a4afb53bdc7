/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NMI blocking around SMM. */
#include "hw/apic.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "tests/block/events.h"

static struct {
    uint32_t depth, nested, finished;
    uint32_t before_iret; /* NMIs that had come when the first handler was about to return */
    bool iret_in_smm;
    bool pending; /* the second NMI is pending already when the SMI comes */
} nmi;

static uint64_t SMM_CODE nothing(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return 0;
}

/* IRET to the next instruction. */
static uint64_t SMM_CODE iret(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
#ifdef __x86_64__
    __asm__ volatile("mov %%ss, %%eax; mov %%rsp, %%rcx; push %%rax; push %%rcx; pushf;"
                     "mov %%cs, %%eax; push %%rax; lea 1f(%%rip), %%rax; push %%rax; iretq; 1:"
                     :
                     :
                     : "rax", "rcx", "memory", "cc");
#else
    __asm__ volatile("pushf; push %%cs; push $1f; iret; 1:" : : : "memory", "cc");
#endif
    return 0;
}

/* The first NMI's handler goes through SMM, and is sent another NMI afterwards. */
static void on_nmi(struct trap_frame *frame)
{
    (void)frame;
    events.count[EVENT_NMI]++;
    if (nmi.depth++)
        nmi.nested++;
    if (events.count[EVENT_NMI] == 1) {
        events_send(&(struct provoke){.nmi = nmi.pending});
        smm_run(nmi.iret_in_smm ? iret : nothing, NULL);
        events_send(&(struct provoke){.nmi = !nmi.pending});
        nmi.before_iret = events.count[EVENT_NMI];
    }
    nmi.depth--;
}

static void nmi_around_smm(bool iret_in_smm, bool pending)
{
    events_begin();
    irq_set_handler(VECTOR_NMI, on_nmi);
    nmi.depth = nmi.nested = nmi.before_iret = 0;
    nmi.iret_in_smm = iret_in_smm;
    nmi.pending = pending;
    events_send(&(struct provoke){.nmi = 1});
    events_end();
}

TEST(block, nmi_in_nmi, "an SMI in an NMI handler leaves NMIs blocked after RSM",
     SPEC("Intel SDM vol. 3, 34.8: NMIs blocked before the SMI are blocked after RSM; QEMU commit "
          "9982f74bad"),
     NEEDS(""))
{
    REQUIRE_SMM();
    for (unsigned int pending = 0; pending < 2; pending++) {
        CONTEXT("a second NMI %s the SMI", pending ? "before" : "behind");
        nmi_around_smm(false, pending);
        EXPECT_EQ("blocked", nmi.before_iret, 1, "it stays pending in the handler, after RSM");
        EXPECT_EQ("after", events.count[EVENT_NMI], 2,
                  "IRET of the NMI handler lets it through, once");
    }
    CONTEXT_CLEAR();

    /* And it was this SMI's matter only. */
    events_begin();
    events_provoke(&(struct provoke){.smi = 0});
    events_send(&(struct provoke){.nmi = 1});
    events_end();
    EXPECT_EQ("open", events.count[EVENT_NMI], 1,
              "NMIs that were not blocked before an SMI are not after RSM");
}

TEST(block, nmi_in_nmi_iret, "an SMI in an NMI handler, with an IRET in SMM: no NMI is lost",
     SPEC("Intel SDM vol. 3, 34.8; whether NMIs are blocked then is not stated"), NEEDS(""))
{
    REQUIRE_SMM();
    nmi_around_smm(true, false);
    EXPECT_EQ("all", events.count[EVENT_NMI], 2, "both NMIs come, whether nested or in turn");

    events_begin();
    events_provoke(&(struct provoke){.nmi = 1});
    events_send(&(struct provoke){.nmi = 1});
    events_end();
    EXPECT_EQ("open", events.count[EVENT_NMI], 2, "later NMIs come as ever");
}

static uint64_t SMM_CODE iret_then_nmi(struct smm_cpu *cpu, void *arg)
{
    iret(cpu, arg);
    events_send(&(struct provoke){.nmi = 1});
    return 0;
}

TEST(block, nmi_iret, "IRET in SMM unblocks NMIs there, until SMM is left",
     SPEC("Intel SDM vol. 3, 34.8; AMD APM vol. 2, 10.3.3"), NEEDS(""))
{
    struct smm_run_result r;

    REQUIRE_SMM();
    events_begin();
    r = events_provoke_and(&(struct provoke){.smi = 0}, iret_then_nmi, NULL);
    EXPECT_TRUE("caught", r.done && r.caught, "an NMI behind the IRET is delivered inside SMM");
    EXPECT_EQ("vector", r.vector, VECTOR_NMI, "by the handler's IDT, with vector 2");
    EXPECT_EQ("once", events.count[EVENT_NMI], 0, "and not once more after RSM");

    /* One that is already held is let through by the IRET. */
    events_begin();
    r = events_provoke_and(&(struct provoke){.nmi = 1}, iret, NULL);
    EXPECT_TRUE("held.caught", r.done && r.caught && r.vector == VECTOR_NMI,
                "an NMI that was held until then is delivered by the IRET");
    EXPECT_EQ("held.once", events.count[EVENT_NMI], 0, "and not once more after RSM");

    events_begin();
    r = events_provoke(&(struct provoke){.nmi = 1});
    events_end();
    EXPECT_TRUE("next.held", r.done && !r.caught, "the next SMI blocks NMIs again");
    EXPECT_EQ("next.once", events.count[EVENT_NMI], 1, "until its RSM");
}

TEST(block, nmi_over_smi, "an NMI that is delivered in SMM leaves an SMI that is latched there",
     SPEC("Intel SDM vol. 3, 34.8, and 34.3.1: a second SMI is latched until the first one's RSM"),
     NEEDS(""))
{
    uint32_t before;

    REQUIRE_SMM();
    events_begin();
    before = (uint32_t)rdmsr(MSR_SMI_COUNT);
    (void)events_provoke_and(&(struct provoke){.smi = 1}, iret_then_nmi, NULL);
    events_end();
    EXPECT_EQ("inside", events.count[EVENT_NMI], 0, "an NMI behind IRET is delivered inside SMM");
    EXPECT_EQ("latched", (uint32_t)rdmsr(MSR_SMI_COUNT) - before, 2,
              "the SMI that was latched before it is taken after RSM, once");
}

/* To the next instruction. */
static inline __attribute__((always_inline)) void far_return(void)
{
#ifdef __x86_64__
    __asm__ volatile("mov %%cs, %%eax; push %%rax; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:"
                     :
                     :
                     : "rax", "memory");
#else
    __asm__ volatile("push %%cs; push $1f; lret; 1:" : : : "memory");
#endif
}

static void on_nmi_far(struct trap_frame *frame)
{
    (void)frame;
    if (++events.count[EVENT_NMI] > 1)
        return;
    far_return();
    events_send(&(struct provoke){.nmi = 1});
    nmi.before_iret = events.count[EVENT_NMI];
}

static uint64_t SMM_CODE far_then_nmi(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    far_return();
    events_send(&(struct provoke){.nmi = 1});
    return 0;
}

TEST(block, nmi_far_return, "a far return unblocks NMIs neither in an NMI handler nor in SMM",
     SPEC("Intel SDM vol. 3, 6.7.1 Handling Multiple NMIs: until the next IRET; 34.8"), NEEDS(""))
{
    struct smm_run_result r;

    REQUIRE_SMM();
    events_begin();
    irq_set_handler(VECTOR_NMI, on_nmi_far);
    events_send(&(struct provoke){.nmi = 1});
    events_end();
    EXPECT_EQ("blocked", nmi.before_iret, 1, "an NMI behind it stays pending in the handler");
    EXPECT_EQ("after", events.count[EVENT_NMI], 2, "and comes after the handler's IRET");

    events_begin();
    r = events_provoke_and(&(struct provoke){.smi = 0}, far_then_nmi, NULL);
    events_end();
    EXPECT_TRUE("smm.held", r.done && !r.caught, "an NMI behind it is held in SMM");
    EXPECT_EQ("smm.after", events.count[EVENT_NMI], 1, "and delivered after RSM, once");
}
