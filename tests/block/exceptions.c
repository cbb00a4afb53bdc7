/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions and software interrupts in SMM. */
#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/block/events.h"

#define VECTOR_DE 0
#define VECTOR_BP 3
#define VECTOR_UD 6
#define VECTOR_GP 13
#define VECTOR_PF 14

#define NOT_MAPPED_CR2 0x1234567

static uint64_t SMM_CODE divide(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    __asm__ volatile("xor %%eax, %%eax; xor %%edx, %%edx; div %%eax" : : : "eax", "edx", "cc");
    return 1;
}

static uint64_t SMM_CODE breakpoint(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    __asm__ volatile("int3");
    return 1;
}

static uint64_t SMM_CODE undefined(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    __asm__ volatile("ud2");
    return 1;
}

/* A selector behind the end of the handler's GDT. */
static uint64_t SMM_CODE protection(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    __asm__ volatile("mov %0, %%es" : : "r"(0xfff8));
    return 1;
}

static uint64_t SMM_CODE page_fault(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
#ifdef __x86_64__
    return *(volatile uint64_t *)UINT64_C(0x0000123456789abc); /* beyond what is mapped */
#else
    /* No execute permission instead: all 4 GiB are mapped. */
    ((void (*)(void))(uintptr_t)&smm_mailbox)();
    return 1;
#endif
}

static uint64_t SMM_CODE software(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    __asm__ volatile("int $0x55");
    return 1;
}

static const struct {
    smm_function fn;
    uint32_t vector;
    const char *name;
} cases[] = {
    {divide, VECTOR_DE, "#DE"},     {breakpoint, VECTOR_BP, "#BP"}, {undefined, VECTOR_UD, "#UD"},
    {protection, VECTOR_GP, "#GP"}, {page_fault, VECTOR_PF, "#PF"}, {software, 0x55, "INT n"},
};

TEST(block, exceptions, "exceptions and INT n are not blocked in SMM: they go through the IDT",
     SPEC("Intel SDM vol. 3, 34.6; AMD APM vol. 2, 10.3.3"), NEEDS(""))
{
    REQUIRE_SMM();
    write_cr2(NOT_MAPPED_CR2);
    for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct smm_run_result r;

        CONTEXT("%s", cases[i].name);
        if (cases[i].vector == VECTOR_PF && !(smm_state.efer & EFER_NXE)) {
            SKIP_CHECK("pf", "needs a CPU model with NX (-cpu max)");
            continue;
        }
        r = smm_run_on(smp_self(), cases[i].fn, NULL, true);
        EXPECT_TRUE("caught", r.done && r.caught, "the handler of the IDT in SMM is reached");
        EXPECT_EQ("vector", r.vector, cases[i].vector, "with the right vector");
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("cr2", read_cr2(), NOT_MAPPED_CR2,
              "CR2 is what the handler left there: ours puts it back");
}
