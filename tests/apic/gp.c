/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/apic/gp.h"

#include "hw/apic.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "kernel/trap.h"

#define VECTOR_GP 13

static void access_msr(void *arg)
{
    struct msr_access *access = arg;

    if (access->write)
        wrmsr(access->msr, access->value);
    else
        access->value = rdmsr(access->msr);
}

void expect_gp(struct msr_access access, const char *what)
{
    struct trap_caught seen = trap_catch(access_msr, &access);

    CONTEXT("%s, MSR %#x", what, access.msr);
    EXPECT_EQ("gp", seen.caught ? seen.vector : 0, VECTOR_GP, "this access is a #GP");
    CONTEXT_CLEAR();
}

void x2apic_require(void)
{
    if (!apic_x2apic_supported())
        SKIP("the CPU has no x2APIC");
    REQUIRE_TRUE("xapic", !apic_is_x2apic(), "the CPU starts in xAPIC mode");
}

uint64_t x2apic_switch(void *arg)
{
    (void)arg;
    apic_x2apic_enable();
    return apic_is_x2apic();
}
