/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an INIT and a reset do to SMM and to what was negotiated. */
#include <stddef.h>

#include "firmware/hotplug.h"
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/smi_features.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/smi/count.h"

static void negotiate_broadcast(void)
{
    uint64_t mask;

    if (!smi_features_supported(&mask) || !(mask & FW_SMI_BROADCAST))
        SKIP("the machine does not offer SMI broadcast");
    REQUIRE_TRUE("negotiated", firmware_negotiate(FW_SMI_BROADCAST), "QEMU accepts broadcast");
}

static uint64_t read_count(void *arg)
{
    (void)arg;
    return rdmsr(MSR_SMI_COUNT);
}

TEST(smi, init, "an INIT leaves SMBASE, the count of SMIs and the negotiated broadcast as they are",
     SPEC("Intel SDM vol. 3, 34.11 and Table 35-13; QEMU commit 50de920b37: until reset"),
     NEEDS("smp=3 machine>=pc-q35-2.9 boot=own"))
{
    uint64_t before = 0, after = 0;
    uint32_t again;
    uint8_t ok = 0;

    REQUIRE_SMM();
    negotiate_broadcast();
    smp_call(1, read_count, NULL, &before);
    again = smp_start_one(smp_apic_id(1));
    REQUIRE_TRUE("started", again != UINT32_MAX, "the CPU comes up again after INIT-SIPI-SIPI");
    smp_call(again, read_count, NULL, &after);
    EXPECT_EQ("count", after, before, "MSR_SMI_COUNT is kept");
    smi_count_start();
    for (uint32_t n = 0; n < 3; n += 2) {
        CONTEXT("CPU %u writes", n);
        smm_trigger_on(n, SMM_CMD_PING, 0);
        smi_count_check(SMI_ALL_CPUS);
    }
    CONTEXT("the CPU writes that had the INIT");
    smm_trigger_on(again, SMM_CMD_PING, 0);
    smi_count_check(SMI_ALL_CPUS);
    CONTEXT_CLEAR();
    (void)smi_features_request(0, &ok);
    EXPECT_EQ("features-ok", ok, 1, "features-ok is still 1");
}

TEST(smi, reset_ends_broadcast, "after a reset an SMI by APM_CNT is for the writer alone again",
     SPEC("QEMU commit 50de920b37: negotiation ends with a reset"),
     NEEDS("smp=3 machine>=pc-q35-2.9 firmware=virgin boot=own"))
{
    REQUIRE_SMM();
    smi_count_start();
    if (test_boot() == 1) {
        negotiate_broadcast();
        apm_write(SMM_CMD_PING, 0);
        smi_count_check(SMI_ALL_CPUS);
        test_announce_reset();
        ich9_reset();
    }
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        CONTEXT("CPU %u writes", n);
        smm_trigger_on(n, SMM_CMD_PING, 0);
        smi_count_check(SMI_CPU(n));
    }
    CONTEXT("negotiated anew");
    negotiate_broadcast();
    apm_write(SMM_CMD_PING, 0);
    smi_count_check(SMI_ALL_CPUS);
    CONTEXT_CLEAR();
}
