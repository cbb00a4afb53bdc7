/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x2APIC mode: what an SMM handler finds when the operating system has switched. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/apic/gp.h"
#include "tests/apic/nmi.h"
#include "tests/msr/start.h"

TEST(apic, x2apic_modes, "x2APIC MSRs exist in x2APIC mode only, and the way back is barred",
     SPEC("Intel SDM vol. 3, 10.12.1, 10.12.2 and 10.12.5 \"x2APIC State Transitions\""),
     NEEDS("cpu=max qemu>=9.0 boot=own smm=any"))
{
    uint64_t base;

    x2apic_require();
    base = rdmsr(MSR_APIC_BASE);
    expect_gp((struct msr_access){.msr = MSR_X2APIC(APIC_ID)}, "read in xAPIC mode");
    expect_gp((struct msr_access){.msr = MSR_X2APIC(APIC_EOI), .write = true},
              "write in xAPIC mode");
    apic_x2apic_enable();
    REQUIRE_TRUE("x2apic", apic_is_x2apic(), "x2APIC mode can be switched on");
    expect_gp((struct msr_access){.msr = MSR_APIC_BASE, .write = true, .value = base},
              "from x2APIC straight to xAPIC");
    EXPECT_TRUE("still", apic_is_x2apic(), "the mode has not changed");
    expect_gp((struct msr_access){.msr = MSR_APIC_BASE,
                                  .write = true,
                                  .value = (base & ~(uint64_t)APIC_BASE_EN) | APIC_BASE_EXTD},
              "EXTD without EN");
    EXPECT_TRUE("still-enabled", apic_is_x2apic(), "the mode has not changed");
    expect_gp((struct msr_access){.msr = MSR_X2APIC(APIC_DFR)}, "DFR in x2APIC mode");
    expect_gp((struct msr_access){.msr = MSR_X2APIC(APIC_SELF_IPI)}, "SELF IPI, which is written");
}

TEST(apic, x2apic_msrs_absent, "in xAPIC mode there are no x2APIC MSRs, on any CPU",
     SPEC("Intel SDM vol. 3, 10.12.2 \"x2APIC Register Availability\"; vol. 2, RDMSR"),
     NEEDS("smm=any"))
{
    if (apic_is_x2apic())
        SKIP("the firmware has switched to x2APIC mode");
    for (uint32_t msr = MSR_X2APIC(0); msr <= MSR_X2APIC(APIC_SELF_IPI); msr++)
        expect_gp((struct msr_access){.msr = msr}, "read in xAPIC mode");
    expect_gp((struct msr_access){.msr = MSR_X2APIC(APIC_EOI), .write = true},
              "write in xAPIC mode");
}

TEST(apic, x2apic_ids, "in x2APIC mode the id is 32 bits wide and the logical id derives from it",
     SPEC("Intel SDM vol. 3, 10.12.5.1 and 10.12.10.2 \"Deriving Logical x2APIC ID\""),
     NEEDS("cpu=max qemu>=9.0 boot=own smm=any"))
{
    uint32_t id;
    uint32_t xapic_id;
    uint32_t xapic_version;

    x2apic_require();
    xapic_id = apic_id();
    xapic_version = apic_read(APIC_VERSION);
    apic_x2apic_enable();
    id = apic_id();
    EXPECT_EQ("id", id, cpu_initial_apic_id(), "the id is that of CPUID leaf 0Bh");
    EXPECT_EQ("low", id & 0xff, xapic_id, "its low 8 bits were the xAPIC id");
    EXPECT_EQ("ldr", apic_read(APIC_LDR), (id >> 4) << 16 | 1U << (id & 15),
              "cluster in the high half, one bit of 16 in the low half");
    EXPECT_EQ("version", apic_read(APIC_VERSION), xapic_version, "it is the same APIC");
}

static volatile uint32_t self_ipis;

static void count_self_ipi(struct trap_frame *frame)
{
    (void)frame;
    self_ipis++;
    apic_eoi();
}

TEST(apic, x2apic_ipi, "one write of the 64-bit ICR sends an IPI, a write to SELF IPI a vector",
     SPEC("Intel SDM vol. 3, 10.12.9 \"ICR Operation in x2APIC Mode\" and 10.12.11 \"SELF IPI\""),
     NEEDS("cpu=max qemu>=9.0 smp=3 boot=own smm=any"))
{
    static const uint32_t dest_all = APIC_DEST_ALL;
    unsigned long flags;

    x2apic_require();
    REQUIRE_TRUE("start", smp_start_all(), "all CPUs start");
    for (uint32_t cpu = 0; cpu < smp_cpus(); cpu++) {
        uint64_t switched = 0;

        REQUIRE_TRUE("call", smp_call(cpu, x2apic_switch, NULL, &switched), "the CPU answers");
        REQUIRE_TRUE("switch", switched, "and is in x2APIC mode");
    }
    for (uint32_t to = 0; to < smp_cpus(); to++) {
        CONTEXT("to CPU %u", to);
        nmi_count_start();
        apic_send_nmi(smp_apic_id(to));
        REQUIRE_TRUE("arrived", nmi_wait(1), "it arrives");
        nmi_settle();
        for (uint32_t cpu = 0; cpu < smp_cpus(); cpu++)
            EXPECT_EQ("takers", nmi_count(smp_apic_id(cpu)), cpu == to, "where it was sent only");
    }
    CONTEXT("to FFFFFFFFh");
    nmi_count_start();
    apic_send_nmi(dest_all);
    REQUIRE_TRUE("all-arrived", nmi_wait(smp_cpus()), "it arrives everywhere");
    nmi_settle();
    for (uint32_t cpu = 0; cpu < smp_cpus(); cpu++)
        EXPECT_EQ("all", nmi_count(smp_apic_id(cpu)), 1, "every CPU takes exactly one");
    CONTEXT_CLEAR();
    nmi_count_stop();

    irq_set_handler(VECTOR_TEST, count_self_ipi);
    flags = irq_save();
    sti();
    apic_write(APIC_SELF_IPI, VECTOR_TEST);
    EXPECT_TRUE("self", WAIT_FOR(self_ipis != 0, PATIENCE_MS), "SELF IPI delivers its vector");
    EXPECT_EQ("self-once", self_ipis, 1, "once");
    EXPECT_BITS("self-edge", apic_read(APIC_TMR + VECTOR_TEST / 32 * 0x10), BIT(VECTOR_TEST % 32),
                0, "and as an edge");
    cli();
    irq_restore(flags);
    irq_set_handler(VECTOR_TEST, NULL);
}

/* Registers as no reset leaves them. */
static uint64_t disturb(void *arg)
{
    (void)arg;
    apic_write(APIC_SVR, APIC_SVR_ENABLE | 0x7f);
    apic_write(APIC_TPR, 0x20);
    return 0;
}

#define WITNESS 0x60
#define AP      1U

TEST(apic, x2apic_init,
     "INIT leaves an APIC in x2APIC mode, with its id; the rest is as after reset",
     SPEC("Intel SDM vol. 3, 10.12.5 \"x2APIC State Transitions\": INIT; 10.12.10.2; 10.4.7.3"),
     NEEDS("cpu=max qemu>=9.0 smp=3 boot=own smm=any"))
{
    static const uint32_t msrs[] = {MSR_APIC_BASE, MSR_X2APIC(APIC_ID), MSR_X2APIC(APIC_LDR),
                                    MSR_X2APIC(APIC_SVR), MSR_X2APIC(APIC_TPR)};
    struct start_report r;
    uint64_t switched = 0;

    x2apic_require();
    REQUIRE_TRUE("start", smp_start_all(), "all CPUs start");
    for (uint32_t cpu = 0; cpu < smp_cpus(); cpu++)
        REQUIRE_TRUE("call", smp_call(cpu, x2apic_switch, NULL, &switched) && switched,
                     "the CPU is in x2APIC mode");
    REQUIRE_TRUE("disturb", smp_call(AP, disturb, NULL, NULL), "its registers are changed");
    start_prepare(WITNESS, msrs, sizeof(msrs) / sizeof(msrs[0]));
    REQUIRE_TRUE("comes", start_cpu(AP, WITNESS), "INIT and SIPI to its id start the CPU");
    start_get(WITNESS, &r);
    EXPECT_BITS("mode", r.msr[0], APIC_BASE_EN | APIC_BASE_EXTD | APIC_BASE_BSP,
                APIC_BASE_EN | APIC_BASE_EXTD, "it is still in x2APIC mode, and not the BSP");
    EXPECT_EQ("id", r.msr[1], smp_apic_id(AP), "the id is kept, all 32 bits");
    EXPECT_EQ("ldr", r.msr[2], 1U << smp_apic_id(AP), "and the logical id, which derives from it");
    EXPECT_EQ("svr", r.msr[3], 0xff, "the spurious vector register is as after reset");
    EXPECT_EQ("tpr", r.msr[4], 0, "so is the task priority");
    start_return(AP);
}
