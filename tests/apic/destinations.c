/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who gets an IPI.  SMIs travel on the same roads; NMIs show where these lead without an SMM. */
#include <stddef.h>

#include "hw/apic.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/apic/nmi.h"

#define NMI (APIC_DM_NMI | APIC_ICR_ASSERT)

static void start_cpus(uint32_t count)
{
    REQUIRE_TRUE("start", smp_start_all(), "all CPUs start");
    REQUIRE_EQ("count", smp_cpus(), count, "as many as the machine has");
}

/* Sends an NMI and checks that exactly the CPUs in the mask (by CPU number) take one. */
static void check_takers(uint32_t dest, uint32_t icr, uint32_t takers)
{
    uint32_t total = 0;

    for (uint32_t left = takers; left; left &= left - 1)
        total++;
    nmi_count_start();
    REQUIRE_TRUE("sent", apic_icr(dest, icr), "the APIC sends the IPI");
    REQUIRE_TRUE("arrived", nmi_wait(total), "as many CPUs take it as are addressed");
    nmi_settle();
    for (uint32_t cpu = 0; cpu < smp_cpus(); cpu++)
        EXPECT_EQ("takers", nmi_count(smp_apic_id(cpu)), takers >> cpu & 1,
                  "each addressed CPU takes exactly one NMI, the others none");
    nmi_count_stop();
}

TEST(apic, physical, "an IPI with a physical destination reaches the CPU with that id, itself too",
     SPEC("Intel SDM vol. 3, 10.6.2.1 \"Physical Destination Mode\""),
     NEEDS("smp=6 sockets=2 dies=1 cores=3 threads=1 smm=any"))
{
    start_cpus(6);
    for (uint32_t cpu = 0; cpu < smp_cpus(); cpu++) {
        CONTEXT("to CPU %u", cpu);
        check_takers(smp_apic_id(cpu), NMI, 1U << cpu);
    }
    CONTEXT_CLEAR();
}

TEST(apic, physical_nobody, "an IPI to an id that no CPU has reaches nobody",
     SPEC("Intel SDM vol. 3, 10.6.2.1 \"Physical Destination Mode\""),
     NEEDS("smp=6 sockets=2 dies=1 cores=3 threads=1 smm=any"))
{
    static const uint32_t nobody[] = {3, 7, 8, 100, 254};

    start_cpus(6);
    for (unsigned int i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
        CONTEXT("to id %u", nobody[i]);
        check_takers(nobody[i], NMI, 0);
    }
    CONTEXT_CLEAR();
}

TEST(apic, broadcast,
     "physical destination FFh is every CPU, all-excluding-self all but the sender",
     SPEC("Intel SDM vol. 3, 10.6.2.1 and 10.6.1, destination shorthand 11"),
     NEEDS("smp=4 sockets=1 dies=1 cores=4 threads=1 smm=any"))
{
    start_cpus(4);
    CONTEXT("FFh");
    check_takers(APIC_DEST_ALL, NMI, 0xf);
    CONTEXT("all excluding self");
    check_takers(0, NMI | APIC_ICR_OTHERS, 0xe);
    CONTEXT_CLEAR();
}

#define OTHER_ID 0x55U /* no CPU has it */

/* Of the two ids that this CPU may have after the write it answers to the one that can be read. */
TEST(apic, id_written, "a CPU answers to the APIC id in its register, also when software wrote it",
     SPEC("Intel SDM vol. 3, 10.4.6 (processors may permit the write), 10.6.2.1 \"Physical "
          "Destination Mode\""),
     NEEDS("smp=3 smm=any boot=own"))
{
    uint32_t old, now;

    start_cpus(3);
    old = apic_id();
    apic_write(APIC_ID, OTHER_ID << 24);
    now = apic_id();
    EXPECT_TRUE("legal", now == old || now == OTHER_ID, "the write has its effect or none");
    CONTEXT("to id %u, as the register says", now);
    check_takers(now, NMI, 1);
    CONTEXT("to id %u, which is not in the register", old ^ now ^ OTHER_ID);
    check_takers(old ^ now ^ OTHER_ID, NMI, 0);
    CONTEXT_CLEAR();
    EXPECT_EQ("cpuid", cpu_initial_apic_id(), old, "CPUID gives the id of the reset");
    apic_write(APIC_ID, old << 24);
    EXPECT_EQ("back", apic_id(), old, "the old id can be written too");
    check_takers(old, NMI, 1);
}

static uint64_t set_logical_id(void *arg)
{
    apic_write(APIC_DFR, 0xffffffff);
    apic_write(APIC_LDR, (uint32_t)(uintptr_t)arg << 24);
    return 0;
}

TEST(apic, logical_flat,
     "in the flat model every CPU whose bit is in the destination takes the IPI",
     SPEC("Intel SDM vol. 3, 10.6.2.2 \"Logical Destination Mode\", flat model"),
     NEEDS("smp=4 sockets=1 dies=1 cores=4 threads=1 smm=any"))
{
    start_cpus(4);
    /* CPU n gets bit 3 - n, so that a mix-up with the physical id shows. */
    for (uint32_t cpu = 0; cpu < 4; cpu++)
        REQUIRE_TRUE("ldr",
                     smp_call(cpu, set_logical_id, (void *)(uintptr_t)(1U << (3 - cpu)), NULL),
                     "every CPU gets its logical id");
    for (uint32_t mda = 1; mda < 16; mda++) {
        uint32_t takers = 0;

        for (uint32_t cpu = 0; cpu < 4; cpu++)
            takers |= (mda >> (3 - cpu) & 1) << cpu;
        CONTEXT("to logical %#x", mda);
        check_takers(mda, NMI | APIC_ICR_LOGICAL, takers);
    }
    CONTEXT_CLEAR();
    for (uint32_t cpu = 0; cpu < 4; cpu++)
        smp_call(cpu, set_logical_id, NULL, NULL);
}

TEST(apic, software_disabled, "an APIC that software has disabled still sends and accepts NMIs",
     SPEC("Intel SDM vol. 3, 10.4.7.2 \"Local APIC State After It Has Been Software Disabled\""),
     NEEDS("smm=any"))
{
    uint32_t svr = apic_read(APIC_SVR);

    apic_write(APIC_SVR, svr & ~APIC_SVR_ENABLE);
    EXPECT_EQ("disabled", apic_read(APIC_SVR) & APIC_SVR_ENABLE, 0, "the APIC can be disabled");
    check_takers(apic_id(), NMI, 1);
    apic_write(APIC_SVR, svr);
}
