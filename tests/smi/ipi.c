/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMIs through the local APIC: delivery mode 010b in the ICR, in xAPIC mode. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/smi/count.h"
#include "tests/smi/ipi.h"

#define TABLE   "Intel SDM vol. 3, 10.6.1 and Table 10-3: SMI, edge, "
#define SMI_LOW (APIC_DM_SMI | APIC_ICR_ASSERT)

static uint64_t send(void *arg)
{
    const struct smi_ipi *ipi = arg;

    return apic_icr(ipi->dest, ipi->low);
}

void smi_ipi_from(uint32_t n, uint32_t dest, uint32_t low)
{
    struct smi_ipi ipi = {.dest = dest, .low = low};
    uint64_t sent = 0;

    REQUIRE_TRUE("send", smp_call(n, send, &ipi, &sent) && sent, "the IPI can be sent");
}

void smi_ipi_check_physical(void)
{
    smi_count_start();
    for (uint32_t from = 0; from < smp_cpus(); from++) {
        for (uint32_t to = 0; to < smp_cpus(); to++) {
            CONTEXT("CPU %u to CPU %u, APIC id %#x", from, to, smp_apic_id(to));
            smi_ipi_from(from, smp_apic_id(to), SMI_LOW);
            smi_count_check(SMI_CPU(to));
        }
    }
    CONTEXT_CLEAR();
}

void smi_ipi_check_others(void)
{
    smi_count_start();
    for (uint32_t from = 0; from < smp_cpus(); from++) {
        /* Neither destination nor destination mode count with a shorthand. */
        for (uint32_t variant = 0; variant < 4; variant++) {
            uint32_t dest = variant & 1 ? smp_apic_id(from) : 0x55;
            uint32_t mode = variant & 2 ? APIC_ICR_LOGICAL : 0;

            CONTEXT("CPU %u, destination %#x, %s", from, dest, mode ? "logical" : "physical");
            smi_ipi_from(from, dest, SMI_LOW | APIC_ICR_OTHERS | mode);
            smi_count_check(SMI_ALL_CPUS & ~SMI_CPU(from));
        }
    }
    CONTEXT_CLEAR();
}

void smi_ipi_check_all(uint32_t mode)
{
    smi_count_start();
    for (uint32_t from = 0; from < smp_cpus(); from++) {
        CONTEXT("CPU %u", from);
        smi_ipi_from(from, APIC_DEST_ALL, SMI_LOW | mode);
        smi_count_check(SMI_ALL_CPUS);
    }
    CONTEXT_CLEAR();
}

static bool is_apic_id(uint32_t id)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (smp_apic_id(n) == id)
            return true;
    }
    return false;
}

void smi_ipi_check_nobody(uint32_t last_id)
{
    smi_count_start();
    for (uint32_t id = 0; id <= last_id; id++) {
        CONTEXT("APIC id %#x", id);
        if (is_apic_id(id))
            continue;
        smi_ipi_from(0, id, SMI_LOW);
        /* One look at all CPUs a handful of ids: it is them that take the time. */
        if (id % 16 == 15 || id < 16)
            smi_count_check(0);
    }
    CONTEXT_CLEAR();
    smi_count_check(0);
}

TEST(smi, ipi_physical, "an SMI to an APIC id reaches that CPU, from every CPU, itself included",
     SPEC(TABLE "no shorthand"), NEEDS("smp=4"))
{
    REQUIRE_SMM();
    smi_ipi_check_physical();
}

TEST(smi, ipi_physical_sparse, "an SMI to an APIC id reaches that CPU where ids have gaps",
     SPEC(TABLE "no shorthand"), NEEDS("smp=6 sockets=2 cores=3"))
{
    REQUIRE_SMM();
    REQUIRE_EQ("gap", smp_apic_id(3), 4, "APIC id 3 is a gap");
    smi_ipi_check_physical();
}

TEST(smi, ipi_others, "an SMI with \"all excluding self\" reaches all CPUs but the sender",
     SPEC(TABLE "all excluding self"), NEEDS("smp=4"))
{
    REQUIRE_SMM();
    smi_ipi_check_others();
}

TEST(smi, ipi_others_sparse, "an SMI with \"all excluding self\" passes over gaps in the ids",
     SPEC(TABLE "all excluding self"), NEEDS("smp=6 sockets=2 cores=3"))
{
    REQUIRE_SMM();
    smi_ipi_check_others();
}

TEST(smi, ipi_all, "an SMI to physical destination FFh reaches every CPU",
     SPEC("Intel SDM vol. 3, 10.6.2.1: FFh is the broadcast to all local APICs"), NEEDS("smp=4"))
{
    REQUIRE_SMM();
    smi_ipi_check_all(0);
}

TEST(smi, ipi_all_sparse, "an SMI to physical destination FFh passes over gaps in the ids",
     SPEC("Intel SDM vol. 3, 10.6.2.1: FFh is the broadcast to all local APICs"),
     NEEDS("smp=6 sockets=2 cores=3"))
{
    REQUIRE_SMM();
    smi_ipi_check_all(0);
}

TEST(smi, ipi_nobody, "an SMI to an APIC id that no CPU has reaches nobody",
     SPEC("Intel SDM vol. 3, 10.6.2.1: physical destination"), NEEDS("smp=6 sockets=2 cores=3"))
{
    REQUIRE_SMM();
    smi_ipi_check_nobody(0xfe);
}

/* APIC ids 0-16 and 32: a gap, and ids on both sides of 31. */
TEST(smi, ipi_many, "with 18 CPUs and ids up to 32, SMIs reach whom they are sent to",
     SPEC(TABLE "no shorthand, all excluding self"),
     NEEDS("smp=18 maxcpus=34 sockets=2 cores=17 timeout=40"))
{
    static const uint32_t who[] = {0, 1, 15, 16, 17};

    REQUIRE_SMM();
    REQUIRE_EQ("last", smp_apic_id(17), 32, "the last APIC id is 32");
    smi_count_start();
    for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
        CONTEXT("to CPU %u", who[i]);
        smi_ipi_from(who[i] ? 0 : 17, smp_apic_id(who[i]), SMI_LOW);
        smi_count_check(SMI_CPU(who[i]));
        CONTEXT("all but CPU %u", who[i]);
        smi_ipi_from(who[i], 0, SMI_LOW | APIC_ICR_OTHERS);
        smi_count_check(SMI_ALL_CPUS & ~SMI_CPU(who[i]));
    }
    CONTEXT("to all");
    smi_ipi_from(3, APIC_DEST_ALL, SMI_LOW);
    smi_count_check(SMI_ALL_CPUS);
    CONTEXT_CLEAR();
}

TEST(smi, ipi_level, "level bit and trigger mode make no difference to an SMI",
     SPEC("Intel SDM vol. 3, 10.6.1: ignored, always edge and assert; AMD: level and assert too"),
     NEEDS("smp=3"))
{
    static const struct {
        uint32_t bits;
        const char *name;
    } forms[] = {
        {APIC_DM_SMI, "edge, level 0"},
        {APIC_DM_SMI | APIC_ICR_ASSERT, "edge, level 1"},
        {APIC_DM_SMI | APIC_ICR_LEVEL | APIC_ICR_ASSERT, "level, level 1"},
    };

    REQUIRE_SMM();
    smi_count_start();
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        CONTEXT("%s", forms[i].name);
        smi_ipi_from(0, smp_apic_id(2), forms[i].bits);
        smi_count_check(SMI_CPU(2));
        smi_ipi_from(2, smp_apic_id(0), forms[i].bits);
        smi_count_check(SMI_CPU(0));
    }
    CONTEXT_CLEAR();
}

/* Shorthands that Table 10-3 calls invalid with SMI: whether the sender takes one is open. */
TEST(smi, ipi_self, "the shorthand \"self\" is no SMI to anybody else",
     SPEC(TABLE "self is invalid: whether it reaches the sender is not promised"), NEEDS("smp=3"))
{
    REQUIRE_SMM();
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        CONTEXT("CPU %u", n);
        smi_count_start();
        smi_ipi_from(n, 0, SMI_LOW | APIC_ICR_SELF);
        for (uint32_t i = 0; i < smp_cpus(); i++) {
            if (i == n)
                EXPECT_RANGE("self", smi_count_of(i), 0, 1, "the sender takes at most one");
        }
        for (uint32_t i = 0; i < smp_cpus(); i++) {
            if (i != n)
                EXPECT_EQ("others", smi_count_of(i), 0, "nobody else takes one");
        }
    }
    CONTEXT_CLEAR();
}
