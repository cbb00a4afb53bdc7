/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMBASE relocation of the boot CPUs. */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"

static void relocated_and_distinct(void)
{
    REQUIRE_SMM();
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        struct smm_cpu_report *r = smm_report_of(smp_apic_id(n));

        CONTEXT("CPU %u, APIC id %u", n, smp_apic_id(n));
        EXPECT_EQ("relocation.saved", r->saved_smbase, r->smbase,
                  "the save state's SMBASE field holds the SMBASE in force (SDM vol. 3, 34.11)");
        EXPECT_NE("relocation.left", r->saved_smbase, DEFAULT_SMBASE,
                  "no CPU stays at the default SMBASE");
        for (uint32_t other = 0; other < n; other++)
            EXPECT_NE("relocation.distinct", r->saved_smbase,
                      smm_report_of(smp_apic_id(other))->saved_smbase,
                      "every CPU has an SMBASE of its own (SDM vol. 3, 34.13)");
    }
    CONTEXT_CLEAR();
}

#define SPECS "Intel SDM vol. 3, 34.11 SMBASE Relocation; 34.13 SMM Considerations in MP systems"

TEST(relocation, one_cpu, "the BSP's SMBASE moves into TSEG", SPEC(SPECS), NEEDS(""))
{
    relocated_and_distinct();
}

TEST(relocation, one_cpu_seabios, "the BSP's SMBASE moves from A0000h, where SeaBIOS put it",
     SPEC(SPECS), NEEDS("firmware=seabios"))
{
    relocated_and_distinct();
}

TEST(relocation, four_cpus, "every boot CPU's SMBASE moves to a place of its own in TSEG",
     SPEC(SPECS), NEEDS("smp=4"))
{
    relocated_and_distinct();
}

TEST(relocation, four_cpus_seabios, "the same behind SeaBIOS", SPEC(SPECS),
     NEEDS("smp=4 firmware=seabios"))
{
    relocated_and_distinct();
}
