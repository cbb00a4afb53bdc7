/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running code in SMM, and only there. */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"

#define VECTOR_GP 13
#define VECTOR_PF 14

extern const uint8_t smm_image_end[];

static uint64_t SMM_CODE return_apic_id(struct smm_cpu *cpu, void *arg)
{
    *(uint32_t *)arg += 1;
    return cpu->apic_id;
}

TEST(smm, run_everywhere, "a function runs in SMM on the CPU that asked for it, once",
     SPEC("Intel SDM vol. 3, 34.13: each CPU has its own SMM environment"), NEEDS("smp=4"))
{
    REQUIRE_SMM();
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        uint32_t calls = 0;
        struct smm_run_result r = smm_run_on(n, return_apic_id, &calls, false);

        CONTEXT("CPU %u", n);
        REQUIRE_TRUE("run.done", r.done, "the SMI reaches the dispatcher, and it returns");
        EXPECT_EQ("run.cpu", r.value, smp_apic_id(n), "it ran on the CPU that raised the SMI");
        EXPECT_EQ("run.once", calls, 1, "it ran once");
    }
}

static void outside_smram(void)
{
    __asm__ volatile("");
}

/* A property of our SMM code that the machine enforces. */
TEST(smm, call_out, "ordinary RAM is not executable from SMM: a call out of SMRAM faults",
     SPEC("AMD APM vol. 2, 5.6.1 No Execute; Intel SDM vol. 3, 4.6 Access Rights"), NEEDS(""))
{
    struct smm_run_result r;

    REQUIRE_SMM();
    if (!(smm_state.efer & EFER_NXE))
        SKIP("needs a CPU model with NX (-cpu max)");
    r = smm_run_on(smp_self(), smm_call, (void *)(uintptr_t)outside_smram, true);
    REQUIRE_TRUE("call_out.returns", r.done, "SMM comes back from the call");
    REQUIRE_TRUE("call_out.faults", r.caught, "the call ends in an exception");
    EXPECT_EQ("call_out.vector", r.vector, VECTOR_PF, "it is #PF, as the page has NX");
    EXPECT_EQ("call_out.address", r.ip, (uintptr_t)outside_smram,
              "the exception is that instruction fetch");
    r = smm_run_on(smp_self(), return_apic_id, &r.vector, false);
    EXPECT_TRUE("call_out.goes_on", r.done && !r.caught, "SMM works as before afterwards");
}

/* The same on a CPU without NX, by the older means: CS ends with our code. */
TEST(smm, call_out_by_limit,
     "without NX, the limit of CS keeps SMM out of ordinary RAM: a call out of SMRAM faults",
     SPEC("Intel SDM vol. 3, 5.3 Limit Checking: a code segment's limit; 34.5.2: SMM enters "
          "protected mode by the ordinary rules"),
     NEEDS("arch=i386 cpu=pentium3"))
{
    struct smm_run_result r;

    REQUIRE_SMM();
    if (smm_state.efer & EFER_NXE)
        SKIP("needs a CPU model without NX (-cpu pentium3)");
    r = smm_run_on(smp_self(), smm_call, (void *)(uintptr_t)outside_smram, true);
    REQUIRE_TRUE("returns", r.done, "SMM comes back from the call");
    CONTEXT("fetch at %#lx, protected mode in SMM, CS ends at %#lx",
            (unsigned long)(uintptr_t)outside_smram, (unsigned long)(uintptr_t)smm_image_end - 1);
    EXPECT_TRUE("faults", r.caught, "the fetch beyond the limit ends in an exception");
    if (r.caught) {
        EXPECT_EQ("vector", r.vector, VECTOR_GP, "which is #GP");
        EXPECT_EQ("address", r.ip, (uintptr_t)outside_smram, "at that instruction");
    }
    CONTEXT_CLEAR();
    r = smm_run_on(smp_self(), return_apic_id, &r.vector, false);
    EXPECT_TRUE("goes-on", r.done && !r.caught, "SMM works as before afterwards");
}

static uint64_t SMM_CODE read_efer(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return rdmsr(MSR_EFER);
}

/*
 * The AMD64 map saves EFER and RSM restores it; with the 32-bit map that has no such
 * field, our handler has to. Bits that the kernel runs without, in all combinations.
 */
TEST(smm, efer, "EFER is after an SMI what it was before, whatever the handler needs it to be",
     SPEC("AMD APM vol. 2, Table 10-1: EFER; Intel SDM vol. 2, RSM: no MSR is restored"), NEEDS(""))
{
    static const uint64_t bits[] = {0, EFER_SCE, EFER_NXE, EFER_SCE | EFER_NXE};
    uint64_t before;

    REQUIRE_SMM();
    if (!smm_state.efer)
        SKIP("our handler needs nothing of EFER on this CPU model");
    before = rdmsr(MSR_EFER);
    for (unsigned int i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        uint64_t efer = (before & ~(EFER_SCE | EFER_NXE)) | bits[i];

        CONTEXT("EFER %#llx", (unsigned long long)efer);
        wrmsr(MSR_EFER, efer);
        if (rdmsr(MSR_EFER) != efer)
            continue; /* not a bit of this CPU's */
        EXPECT_BITS("inside", smm_run(read_efer, NULL), smm_state.efer, smm_state.efer,
                    "the handler runs with what it needs");
        EXPECT_EQ("after", rdmsr(MSR_EFER), efer, "EFER is as before the SMI");
    }
    CONTEXT_CLEAR();
    wrmsr(MSR_EFER, before);
}
