/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom an SMI by APM_CNT reaches: the CPU that wrote, or all of them once a firmware has negotiated
 * it.
 */
#include <stddef.h>

#include "firmware/hotplug.h"
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/fw_cfg.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/smi_features.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/smi/count.h"
#include "tests/smi/hold.h"

#define UNICAST   "QEMU commit 3c23402d40: a software SMI goes to the CPU that raised it"
#define BROADCAST "QEMU commit 5ce45c7a2b: with ICH9_LPC_SMI_F_BROADCAST on all CPUs"

static uint64_t supported(void)
{
    uint64_t mask;

    if (!smi_features_supported(&mask) || !(mask & FW_SMI_BROADCAST))
        SKIP("the machine does not offer SMI broadcast");
    return mask;
}

static void negotiate(uint64_t features)
{
    CONTEXT("features %#llx", (unsigned long long)features);
    REQUIRE_TRUE("negotiated", firmware_negotiate(features), "QEMU accepts the features");
    CONTEXT_CLEAR();
}

/* Every CPU writes APM_CNT once. */
static void check_every_writer(bool broadcast)
{
    smi_count_start();
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        CONTEXT("CPU %u writes", n);
        smm_trigger_on(n, SMM_CMD_PING, (uint8_t)n);
        smi_count_check(broadcast ? SMI_ALL_CPUS : SMI_CPU(n));
    }
    CONTEXT_CLEAR();
}

TEST(smi, unicast, "without negotiation a write to APM_CNT is an SMI to the writing CPU alone",
     SPEC(UNICAST), NEEDS("smp=4"))
{
    REQUIRE_SMM();
    check_every_writer(false);
}

TEST(smi, unicast_refused, "a refused request for features leaves the SMI with the writing CPU",
     SPEC(UNICAST), NEEDS("smp=4 machine>=pc-q35-2.9 boot=own"))
{
    uint8_t ok = 0xff;

    REQUIRE_SMM();
    supported();
    REQUIRE_TRUE("request", smi_features_request(FW_SMI_BROADCAST | BIT_64(63), &ok),
                 "the request can be made");
    REQUIRE_EQ("refused", ok, 0, "broadcast together with an unknown feature is refused");
    check_every_writer(false);
}

TEST(smi, unicast_requested, "a request that was never validated leaves the SMI with the writer",
     SPEC("QEMU commit 50de920b37: writing requested-features has no direct effect"),
     NEEDS("smp=4 machine>=pc-q35-2.9 boot=own"))
{
    struct fw_cfg_file file;
    uint64_t mask = FW_SMI_BROADCAST;

    REQUIRE_SMM();
    supported();
    REQUIRE_TRUE("file", fw_cfg_find(FW_SMI_FILE_REQUESTED, &file), "the file is there");
    REQUIRE_EQ("request", fw_cfg_dma_write(file.key, &mask, sizeof(mask)), 0,
               "the request can be made");
    check_every_writer(false);
}

TEST(smi, unicast_empty, "an accepted empty set leaves the SMI with the writer, for good",
     SPEC(UNICAST), NEEDS("smp=4 machine>=pc-q35-2.9 boot=own"))
{
    uint8_t ok;

    REQUIRE_SMM();
    supported();
    negotiate(0);
    check_every_writer(false);
    (void)smi_features_request(FW_SMI_BROADCAST, &ok);
    check_every_writer(false);
}

TEST(smi, broadcast, "with broadcast alone negotiated, an SMI by APM_CNT reaches every CPU, once",
     SPEC(BROADCAST), NEEDS("smp=4 machine>=pc-q35-2.9 boot=own"))
{
    REQUIRE_SMM();
    supported();
    negotiate(FW_SMI_BROADCAST);
    check_every_writer(true);
}

TEST(smi, broadcast_all_features, "with everything negotiated, too", SPEC(BROADCAST),
     NEEDS("smp=4 machine>=pc-q35-2.9 boot=own"))
{
    uint64_t features;

    REQUIRE_SMM();
    features = supported();
    negotiate(features);
    check_every_writer(true);
}

TEST(smi, broadcast_stays, "later requests for features do not end the broadcast",
     SPEC("QEMU commit 50de920b37: success locks the features until reset"),
     NEEDS("smp=3 machine>=pc-q35-2.9 boot=own"))
{
    static const uint64_t later[] = {0, 2, 4, BIT_64(63), UINT64_MAX};
    uint8_t ok;

    REQUIRE_SMM();
    supported();
    negotiate(FW_SMI_BROADCAST);
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        REQUIRE_TRUE("request", smi_features_request(later[i], &ok), "the request can be made");
        check_every_writer(true);
    }
}

TEST(smi, broadcast_sparse, "the broadcast reaches CPUs whose APIC ids have gaps", SPEC(BROADCAST),
     NEEDS("smp=6 sockets=2 cores=3 machine>=pc-q35-2.9 boot=own"))
{
    REQUIRE_SMM();
    supported();
    REQUIRE_EQ("gap", smp_apic_id(3), 4, "APIC id 3 is a gap");
    negotiate(FW_SMI_BROADCAST);
    check_every_writer(true);
}

TEST(smi, broadcast_many, "the broadcast reaches all of 34 CPUs", SPEC(BROADCAST),
     NEEDS("smp=34 sockets=2 cores=17 machine>=pc-q35-2.9 boot=own timeout=40"))
{
    REQUIRE_SMM();
    supported();
    negotiate(FW_SMI_BROADCAST);
    smi_count_start();
    for (uint32_t n = 0; n < smp_cpus(); n += 11) {
        CONTEXT("CPU %u writes", n);
        smm_trigger_on(n, SMM_CMD_PING, 0);
        smi_count_check(SMI_ALL_CPUS);
    }
}

/* The handler of the CPU that wrote sees what was written, with every value. */
static void check_values(bool broadcast)
{
    struct smm_cpu_report *r = smm_report_of(smp_apic_id(0));

    smi_count_start();
    for (unsigned int value = 0; value < 256; value++) {
        bool acpi = value == APM_CNT_ACPI_ENABLE || value == APM_CNT_ACPI_DISABLE;

        CONTEXT("value %#x", value);
        apm_write((uint8_t)value, (uint8_t)~value);
        if (acpi) {
            smi_count_check(0);
            continue;
        }
        smi_count_check(broadcast ? SMI_ALL_CPUS : SMI_CPU(0));
        EXPECT_EQ("command", r->command, value, "the handler reads the command in APM_CNT");
        EXPECT_EQ("data", r->data, (uint8_t)~value, "and the data in APM_STS");
    }
    CONTEXT_CLEAR();
}

TEST(smi, values, "every value is an SMI, but those that switch ACPI mode",
     SPEC("ICH9 datasheet, APM_CNT: writes raise SMI#; QEMU: 2 and 3 are ACPI_ENABLE/DISABLE"),
     NEEDS("smp=2"))
{
    REQUIRE_SMM();
    check_values(false);
}

TEST(smi, values_broadcast, "every value is a broadcast, but those that switch ACPI mode",
     SPEC(BROADCAST), NEEDS("smp=2 machine>=pc-q35-2.9 boot=own"))
{
    REQUIRE_SMM();
    supported();
    negotiate(FW_SMI_BROADCAST);
    check_values(true);
}

TEST(smi, status_port, "a write to APM_STS is no SMI, not even with broadcast",
     SPEC("ICH9 datasheet, APM_STS: scratchpad; reading has no side effect"),
     NEEDS("smp=2 machine>=pc-q35-2.9 boot=own"))
{
    REQUIRE_SMM();
    smi_count_start();
    for (unsigned int round = 0; round < 2; round++) {
        CONTEXT(round ? "broadcast" : "unicast");
        for (unsigned int value = 0; value < 256; value++) {
            outb(APM_STS, (uint8_t)value);
            (void)inb(APM_CNT);
            (void)inb(APM_STS);
        }
        smi_count_check(0);
        if (round == 0 && supported())
            negotiate(FW_SMI_BROADCAST);
    }
}

TEST(smi, apmc_en, "APMC_EN alone decides whether a write to APM_CNT is an SMI, to one and to all",
     SPEC("ICH9 datasheet, SMI_EN: APMC_EN"), NEEDS("smp=3 machine>=pc-q35-2.9 boot=own"))
{
    uint32_t smi_en;

    REQUIRE_SMM();
    smi_en = ich9_smi_en();
    smi_count_start();
    for (unsigned int round = 0; round < 2; round++) {
        CONTEXT(round ? "broadcast" : "unicast");
        /* The other enables do not stand in for it; timers are left out. */
        ich9_smi_en_write((smi_en | 0xffffffff) &
                          ~(SMI_EN_APMC_EN | SMI_EN_SWSMI_TMR_EN | SMI_EN_PERIODIC_EN));
        apm_write(SMM_CMD_PING, 0);
        smi_count_check(0);
        ich9_smi_en_write(SMI_EN_GBL_SMI_EN | SMI_EN_EOS | SMI_EN_APMC_EN);
        smi_count_check(0); /* the write was not remembered */
        apm_write(SMM_CMD_PING, 0);
        smi_count_check(round ? SMI_ALL_CPUS : SMI_CPU(0));
        if (round == 0 && supported())
            negotiate(FW_SMI_BROADCAST);
    }
    ich9_smi_en_write(smi_en);
}

TEST(smi, wide_write, "a 16-bit write to APM_CNT and APM_STS is one SMI",
     SPEC("ICH9 datasheet, APM_CNT and APM_STS: two neighbouring byte registers"), NEEDS("smp=2"))
{
    REQUIRE_SMM();
    smi_count_start();
    outw(APM_CNT, SMM_CMD_PING | 0x7700);
    smi_count_check(SMI_CPU(0));
    EXPECT_EQ("command", smm_report_of(smp_apic_id(0))->command, SMM_CMD_PING,
              "the low byte is the command");
}
