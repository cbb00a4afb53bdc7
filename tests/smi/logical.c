/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMIs to logical destinations in xAPIC mode, in the flat and the cluster model. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/smi/count.h"
#include "tests/smi/ipi.h"

#define LOGICAL "Intel SDM vol. 3, 10.6.2.2 \"Logical Destination Mode\""

#define SMI_LOGICAL (APIC_DM_SMI | APIC_ICR_ASSERT | APIC_ICR_LOGICAL)
#define DFR_FLAT    0xffffffffU
#define DFR_CLUSTER 0x0fffffffU

struct logical {
    uint32_t dfr;
    uint32_t id; /* LDR 31:24 */
};

static uint64_t set_logical(void *arg)
{
    const struct logical *l = arg;

    apic_write(APIC_DFR, l->dfr);
    apic_write(APIC_LDR, l->id << 24);
    return apic_read(APIC_LDR) >> 24;
}

/* One model for all CPUs, as the SDM wants it. */
static void set_all(uint32_t dfr, const uint8_t *ids)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        struct logical l = {.dfr = dfr, .id = ids[n]};
        uint64_t read = ~0ULL;

        CONTEXT("CPU %u", n);
        REQUIRE_TRUE("call", smp_call(n, set_logical, &l, &read), "the CPU answers");
        REQUIRE_EQ("ldr", read, ids[n], "LDR holds the logical id");
    }
    CONTEXT_CLEAR();
}

/* As after reset (SDM vol. 3, 10.4.7.1), for the tests that follow. */
static void put_back(void)
{
    static const uint8_t none[SMI_CPUS_MAX];

    set_all(DFR_FLAT, none);
}

static void check(uint32_t from, uint32_t destination, uint64_t set)
{
    CONTEXT("CPU %u to logical %#x", from, destination);
    smi_ipi_from(from, destination, SMI_LOGICAL);
    smi_count_check(set);
}

/* The CPUs that share a bit with the destination. */
static uint64_t flat_set(const uint8_t *ids, uint32_t destination)
{
    uint64_t set = 0;

    for (uint32_t n = 0; n < smp_cpus(); n++)
        set |= ids[n] & destination ? SMI_CPU(n) : 0;
    return set;
}

/* Bits 31:28 name the cluster, the others one CPU each in there. */
static uint64_t cluster_set(const uint8_t *ids, uint32_t destination)
{
    uint64_t set = 0;

    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if ((ids[n] ^ destination) >> 4 == 0 && ids[n] & destination & 0x0f)
            set |= SMI_CPU(n);
    }
    return set;
}

/* Every destination up to last; the CPUs take turns at sending. */
static void check_flat(const uint8_t *ids, uint32_t last)
{
    set_all(DFR_FLAT, ids);
    smi_count_start();
    for (uint32_t destination = 0; destination <= last; destination++)
        check(destination % smp_cpus(), destination, flat_set(ids, destination));
    put_back();
}

TEST(smi, logical_flat, "in the flat model an SMI reaches every CPU whose LDR shares a bit with it",
     SPEC(LOGICAL ", flat model"), NEEDS("smp=4"))
{
    /* One bit, another one, several with overlap, the highest. */
    static const uint8_t ids[] = {0x01, 0x02, 0x1c, 0x90};

    REQUIRE_SMM();
    check_flat(ids, 0xff);
}

TEST(smi, logical_flat_sparse, "the flat model does not stop at a gap in the APIC ids",
     SPEC(LOGICAL ", flat model"), NEEDS("smp=6 sockets=2 cores=3"))
{
    static const uint8_t ids[] = {0x01, 0x02, 0x04, 0x08, 0x10, 0x20};

    REQUIRE_SMM();
    REQUIRE_EQ("gap", smp_apic_id(3), 4, "APIC id 3 is a gap");
    set_all(DFR_FLAT, ids);
    smi_count_start();
    for (uint32_t n = 0; n < smp_cpus(); n++)
        check(0, ids[n], SMI_CPU(n));
    put_back();
}

/* Two clusters of two, and one CPU in a third that shares no bit with them. */
static const uint8_t cluster_ids[] = {0x01, 0x02, 0x11, 0x12, 0x28, 0x2c};

TEST(smi, logical_cluster,
     "in the cluster model an SMI reaches the CPUs of the one cluster it names",
     SPEC(LOGICAL ", cluster model"), NEEDS("smp=6"))
{
    REQUIRE_SMM();
    set_all(DFR_CLUSTER, cluster_ids);
    smi_count_start();
    /* Those in cluster 15 are broadcasts. */
    for (uint32_t destination = 0; destination < 0xf0; destination++)
        check(destination % smp_cpus(), destination, cluster_set(cluster_ids, destination));
    put_back();
}

TEST(smi, logical_cluster_sparse, "the cluster model does not stop at a gap in the APIC ids",
     SPEC(LOGICAL ", cluster model"), NEEDS("smp=6 sockets=2 cores=3"))
{
    REQUIRE_SMM();
    REQUIRE_EQ("gap", smp_apic_id(3), 4, "APIC id 3 is a gap");
    set_all(DFR_CLUSTER, cluster_ids);
    smi_count_start();
    for (uint32_t n = 0; n < smp_cpus(); n++)
        check(0, cluster_ids[n], cluster_set(cluster_ids, cluster_ids[n]));
    put_back();
}

TEST(smi, logical_cluster_all, "in the cluster model, destination FFh is every CPU",
     SPEC(LOGICAL ": all ones is a broadcast in both models"), NEEDS("smp=6"))
{
    REQUIRE_SMM();
    set_all(DFR_CLUSTER, cluster_ids);
    smi_count_start();
    check(0, 0xff, SMI_ALL_CPUS);
    check(3, 0xff, SMI_ALL_CPUS);
    put_back();
}

TEST(smi, logical_unset, "a CPU whose LDR is 0 is no logical destination",
     SPEC(LOGICAL ": MDA AND LDR"), NEEDS("smp=4"))
{
    static const uint8_t ids[] = {0x01, 0x00, 0x02, 0x00};

    REQUIRE_SMM();
    /* FFh apart, which is a broadcast. */
    check_flat(ids, 0xfe);
}
