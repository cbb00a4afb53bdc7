/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running code in SMM, and only there. */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"

#define VECTOR_PF 14

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
