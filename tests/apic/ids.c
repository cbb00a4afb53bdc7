/* SPDX-License-Identifier: GPL-2.0-or-later */
/* By its APIC id, an SMM handler finds its SMBASE and everything else that is its own: so all ways
 * to read it must agree, and no two CPUs may share one. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"

struct ids {
    uint32_t apic;     /* the APIC's own register */
    uint32_t initial;  /* CPUID leaf 1, EBX[31:24] */
    uint32_t topology; /* CPUID leaf 0Bh, EDX */
    bool has_topology;
    bool bsp;
};

static uint64_t read_ids(void *arg)
{
    struct ids *ids = arg;
    struct cpuid_regs regs;

    cpuid(1, 0, &regs);
    ids->initial = regs.ebx >> 24;
    cpuid(0, 0, &regs);
    if (regs.eax >= 0x0b) {
        cpuid(0x0b, 0, &regs);
        ids->has_topology = regs.ebx & 0xffff;
        ids->topology = regs.edx;
    }
    ids->apic = apic_id();
    ids->bsp = rdmsr(MSR_APIC_BASE) & APIC_BASE_BSP;
    return 0;
}

/* wanted: the ids in ascending order, count of them. */
static void check_ids(const uint32_t *wanted, uint32_t count)
{
    REQUIRE_TRUE("start", smp_start_all(), "all CPUs start");
    REQUIRE_EQ("count", smp_cpus(), count, "as many as the machine has");
    for (uint32_t cpu = 0; cpu < count; cpu++) {
        struct ids ids = {.has_topology = false};

        CONTEXT("CPU %u", cpu);
        REQUIRE_TRUE("call", smp_call(cpu, read_ids, &ids, NULL), "the CPU answers");
        EXPECT_EQ("apic", ids.apic, wanted[cpu], "the APIC has the id that the topology gives");
        EXPECT_EQ("initial", ids.initial, wanted[cpu], "CPUID leaf 1 has the same");
        if (ids.has_topology)
            EXPECT_EQ("topology", ids.topology, wanted[cpu], "and CPUID leaf 0Bh too");
        EXPECT_EQ("bsp", ids.bsp, cpu == 0, "IA32_APIC_BASE says BSP on the boot CPU, only there");
    }
    CONTEXT_CLEAR();
}

TEST(apic, ids_dense, "every CPU's APIC id is the same by all ways to read it",
     SPEC("Intel SDM vol. 3, 10.4.6 \"Local APIC ID\", 8.4.1 \"BSP and AP Processors\""),
     NEEDS("smp=4 sockets=1 dies=1 cores=4 threads=1 smm=any"))
{
    static const uint32_t wanted[] = {0, 1, 2, 3};

    check_ids(wanted, 4);
}

TEST(apic, ids_sparse, "a socket of three cores leaves a gap in the APIC ids",
     SPEC("Intel SDM vol. 3, 8.9.1 \"Hierarchical Mapping of Shared Resources\": whole bits a "
          "field"),
     NEEDS("smp=6 sockets=2 dies=1 cores=3 threads=1 smm=any"))
{
    static const uint32_t wanted[] = {0, 1, 2, 4, 5, 6};

    check_ids(wanted, 6);
}

TEST(apic, ids_threads, "a core of two threads and a socket of three cores: gaps of two",
     SPEC("Intel SDM vol. 3, 8.9.1 \"Hierarchical Mapping of Shared Resources\": whole bits a "
          "field"),
     NEEDS("smp=12 sockets=2 dies=1 cores=3 threads=2 smm=any"))
{
    static const uint32_t wanted[] = {0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13};

    check_ids(wanted, 12);
}
