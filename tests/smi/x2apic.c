/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMIs through the local APIC in x2APIC mode. TCG has it since QEMU 9.0. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/smi/count.h"
#include "tests/smi/ipi.h"

#define ICR "Intel SDM vol. 3, 10.12.9 \"ICR Operation in x2APIC Mode\""

#define SMI_LOGICAL (APIC_DM_SMI | APIC_ICR_ASSERT | APIC_ICR_LOGICAL)

static uint64_t enable(void *arg)
{
    (void)arg;
    apic_x2apic_enable();
    apic_enable();
    return apic_is_x2apic();
}

/* For good: these tests have a boot of their own. */
static void require_x2apic(void)
{
    if (!apic_x2apic_supported())
        SKIP("the CPU has no x2APIC");
    REQUIRE_SMM();
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        uint64_t on = 0;

        REQUIRE_TRUE("x2apic", smp_call(n, enable, NULL, &on) && on, "x2APIC mode is on");
    }
}

/* SDM vol. 3, 10.12.10.2: 31:16 cluster, one bit of 15:0 for the CPU in there. */
static uint32_t logical_id(uint32_t n)
{
    return smp_apic_id(n) >> 4 << 16 | 1U << (smp_apic_id(n) & 0xf);
}

static uint64_t read_ldr(void *arg)
{
    (void)arg;
    return apic_read(APIC_LDR);
}

/* From every CPU to every CPU alone, then to pairs of bits and to the neighbouring cluster. */
static void check_logical(void)
{
    smi_count_start();
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        uint64_t ldr = 0;

        CONTEXT("CPU %u", n);
        REQUIRE_TRUE("call", smp_call(n, read_ldr, NULL, &ldr), "the CPU answers");
        EXPECT_EQ("ldr", ldr, logical_id(n), "LDR is derived from the APIC id");
    }
    for (uint32_t from = 0; from < smp_cpus(); from += smp_cpus() - 1) {
        for (uint32_t to = 0; to < smp_cpus(); to++) {
            uint32_t id = logical_id(to);

            CONTEXT("CPU %u to CPU %u, logical %#x", from, to, id);
            smi_ipi_from(from, id, SMI_LOGICAL);
            smi_count_check(SMI_CPU(to));
            CONTEXT("CPU %u to logical %#x, a cluster without CPUs", from, id | 0x40000);
            smi_ipi_from(from, id | 0x40000, SMI_LOGICAL);
            smi_count_check(0);
        }
    }
    CONTEXT_CLEAR();
}

/* A destination with several bits is all those CPUs of the cluster. */
static void check_logical_sets(void)
{
    for (uint32_t bits = 0; bits < 16; bits++) {
        uint64_t set = 0;

        for (uint32_t n = 0; n < smp_cpus(); n++) {
            if (smp_apic_id(n) < 4 && bits >> smp_apic_id(n) & 1)
                set |= SMI_CPU(n);
        }
        CONTEXT("logical %#x", bits);
        smi_ipi_from(0, bits, SMI_LOGICAL);
        smi_count_check(set);
    }
    CONTEXT_CLEAR();
}

TEST(smi, x2apic_physical, "in x2APIC mode an SMI reaches the APIC id it is sent to", SPEC(ICR),
     NEEDS("smp=4 cpu=max qemu>=9.0 boot=own"))
{
    require_x2apic();
    smi_ipi_check_physical();
    smi_ipi_check_nobody(0x3f);
}

TEST(smi, x2apic_physical_sparse, "in x2APIC mode too, APIC ids may have gaps", SPEC(ICR),
     NEEDS("smp=6 sockets=2 cores=3 cpu=max qemu>=9.0 boot=own"))
{
    require_x2apic();
    smi_ipi_check_physical();
    smi_ipi_check_others();
    smi_ipi_check_all(0);
}

TEST(smi, x2apic_others, "in x2APIC mode \"all excluding self\" reaches all CPUs but the sender",
     SPEC(ICR), NEEDS("smp=4 cpu=max qemu>=9.0 boot=own"))
{
    require_x2apic();
    smi_ipi_check_others();
}

TEST(smi, x2apic_all, "in x2APIC mode destination FFFFFFFFh is every CPU, physical and logical",
     SPEC(ICR ": FFFFFFFFh broadcasts in both modes"), NEEDS("smp=4 cpu=max qemu>=9.0 boot=own"))
{
    require_x2apic();
    smi_ipi_check_all(0);
    smi_ipi_check_all(APIC_ICR_LOGICAL);
}

TEST(smi, x2apic_not_truncated, "in x2APIC mode an id is compared in all its bits",
     SPEC("Intel SDM vol. 3, 10.12.9: 32-bit destination"),
     NEEDS("smp=3 cpu=max qemu>=9.0 boot=own"))
{
    static const uint32_t wrong[] = {0x100, 0x101, 0x10000, 0x80000001, 0xff, 0xffff, 0xffffff00};

    require_x2apic();
    smi_count_start();
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        CONTEXT("destination %#x", wrong[i]);
        smi_ipi_from(0, wrong[i], APIC_DM_SMI | APIC_ICR_ASSERT);
        smi_count_check(0);
    }
    CONTEXT_CLEAR();
}

TEST(smi, x2apic_logical, "in x2APIC mode a logical SMI reaches the CPUs of the cluster it names",
     SPEC(ICR "; 10.12.10.2 \"Deriving Logical x2APIC ID\""),
     NEEDS("smp=4 cpu=max qemu>=9.0 boot=own"))
{
    require_x2apic();
    check_logical();
    check_logical_sets();
}

TEST(smi, x2apic_logical_sparse, "the same where APIC ids have gaps",
     SPEC(ICR "; 10.12.10.2 \"Deriving Logical x2APIC ID\""),
     NEEDS("smp=6 sockets=2 cores=3 cpu=max qemu>=9.0 boot=own"))
{
    require_x2apic();
    check_logical();
}

/* APIC ids 0-16 and 32: clusters 0, 1 and 2. */
TEST(smi, x2apic_clusters, "the same over three clusters",
     SPEC(ICR "; 10.12.10.2 \"Deriving Logical x2APIC ID\""),
     NEEDS("smp=18 maxcpus=34 sockets=2 cores=17 cpu=max qemu>=9.0 boot=own timeout=40"))
{
    require_x2apic();
    check_logical();
    check_logical_sets();
}
