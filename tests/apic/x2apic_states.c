/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Into x2APIC mode and out of it: what stays, what goes, and which ways there are not. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/apic/gp.h"

#define STATES "Intel SDM vol. 3, 10.12.5 \"x2APIC State Transitions\""
#define CPUS   3

#define CPUID_1_EDX_APIC BIT(9)

static uint32_t cpuid_apic(void)
{
    struct cpuid_regs r;

    cpuid(1, 0, &r);
    return r.edx & CPUID_1_EDX_APIC;
}

TEST(apic, x2apic_disabled, "a disabled APIC comes back in xAPIC mode only, and CPUID follows it",
     SPEC(STATES "; 10.4.3 \"Enabling or Disabling the Local APIC\": CPUID's APIC flag"),
     NEEDS("cpu=max qemu>=9.0 boot=own smm=any"))
{
    uint64_t base;

    x2apic_require();
    base = rdmsr(MSR_APIC_BASE);
    EXPECT_BITS("bsp", base, APIC_BASE_BSP, APIC_BASE_BSP, "this is the BSP");
    EXPECT_TRUE("x2apic", x2apic_switch(NULL), "x2APIC mode can be switched on");
    EXPECT_EQ("base", rdmsr(MSR_APIC_BASE), base | APIC_BASE_EXTD,
              "nothing else has changed: it is still the BSP");
    expect_gp((struct msr_access){.msr = MSR_X2APIC(APIC_ID), .write = true}, "the id, written");
    expect_gp((struct msr_access){.msr = MSR_X2APIC(APIC_LDR), .write = true, .value = 1},
              "the logical id, written");
    base &= ~(uint64_t)APIC_BASE_EN;
    wrmsr(MSR_APIC_BASE, base);
    EXPECT_EQ("off", rdmsr(MSR_APIC_BASE), base, "the APIC can be disabled");
    EXPECT_EQ("cpuid-off", cpuid_apic(), 0, "CPUID shows no APIC then");
    expect_gp((struct msr_access){.msr = MSR_APIC_BASE,
                                  .write = true,
                                  .value = base | APIC_BASE_EN | APIC_BASE_EXTD},
              "from disabled straight to x2APIC");
    EXPECT_EQ("still-off", rdmsr(MSR_APIC_BASE), base, "it is still disabled");
    base |= APIC_BASE_EN;
    wrmsr(MSR_APIC_BASE, base);
    EXPECT_EQ("on", rdmsr(MSR_APIC_BASE), base, "and can be enabled in xAPIC mode");
    EXPECT_NE("cpuid-on", cpuid_apic(), 0, "CPUID shows it again");
    apic_enable();
}

struct ids {
    uint32_t id, ldr;
};

static uint64_t read_ids(void *arg)
{
    *(struct ids *)arg = (struct ids){apic_read(APIC_ID), apic_read(APIC_LDR)};
    return cpu_initial_apic_id();
}

TEST(apic, x2apic_ids_all, "every CPU's id in x2APIC mode is that of CPUID, whatever it was before",
     SPEC("Intel SDM vol. 3, 10.12.5.1; 10.12.10.2 \"Deriving Logical x2APIC ID\""),
     NEEDS("cpu=max qemu>=9.0 smp=3 boot=own smm=any"))
{
    x2apic_require();
    REQUIRE_TRUE("start", smp_start_all(), "all CPUs start");
    for (uint32_t n = 0; n < CPUS; n++) {
        uint64_t done = 0, initial = 0;
        struct ids ids;

        CONTEXT("CPU %u", n);
        REQUIRE_TRUE("switch", smp_call(n, x2apic_switch, NULL, &done) && done,
                     "the CPU is in x2APIC mode");
        REQUIRE_TRUE("call", smp_call(n, read_ids, &ids, &initial), "it answers");
        EXPECT_EQ("id", ids.id, initial, "the id is that of CPUID leaf 0Bh");
        EXPECT_EQ("ldr", ids.ldr, (initial >> 4) << 16 | 1U << (initial & 15),
                  "and the logical id derives from it");
    }
    CONTEXT_CLEAR();
}

static uint64_t read_base(void *arg)
{
    (void)arg;
    return rdmsr(MSR_APIC_BASE);
}

TEST(apic, x2apic_reset, "a machine reset ends x2APIC mode on every CPU", SPEC(STATES ": RESET"),
     NEEDS("cpu=max qemu>=9.0 smp=3 firmware=virgin boot=own smm=any"))
{
    if (!apic_x2apic_supported())
        SKIP("the CPU has no x2APIC");
    REQUIRE_TRUE("start", smp_start_all(), "all CPUs start");
    for (uint32_t n = 0; n < CPUS; n++) {
        uint64_t base = 0, done = 0;

        CONTEXT("boot %u, CPU %u", test_boot(), n);
        REQUIRE_TRUE("call", smp_call(n, read_base, NULL, &base), "the CPU answers");
        EXPECT_BITS("mode", base, APIC_BASE_EN | APIC_BASE_EXTD | APIC_BASE_BSP,
                    APIC_BASE_EN | (n ? 0 : APIC_BASE_BSP), "it is in xAPIC mode");
        if (test_boot() == 1)
            REQUIRE_TRUE("switch", smp_call(n, x2apic_switch, NULL, &done) && done,
                         "until it is switched");
    }
    CONTEXT_CLEAR();
    if (test_boot() == 1) {
        test_announce_reset();
        ich9_reset();
    }
}

TEST(apic, x2apic_unsupported, "a CPU without x2APIC has no such mode: EXTD is reserved",
     SPEC("Intel SDM vol. 3, 10.12.1 \"Detecting and Enabling x2APIC Mode\"; WRMSR: reserved bits"),
     NEEDS("qemu>=9.0 boot=own smm=any"))
{
    uint64_t base = rdmsr(MSR_APIC_BASE);

    if (apic_x2apic_supported())
        SKIP("the CPU has x2APIC");
    expect_gp(
        (struct msr_access){.msr = MSR_APIC_BASE, .write = true, .value = base | APIC_BASE_EXTD},
        "EXTD set");
    EXPECT_EQ("base", rdmsr(MSR_APIC_BASE), base, "the mode has not changed");
}
