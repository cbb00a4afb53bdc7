/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMI_EN and SMI_STS as registers, and the gates that are no timers. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/smi/count.h"

#define SMI_EN_SPEC  "ICH9 datasheet, SMI_EN \"SMI Control and Enable Register\""
#define SMI_STS_SPEC "ICH9 datasheet, SMI_STS \"SMI Status Register\""

#define SMI_EN_LEGACY_USB2 BIT(17)
#define SMI_EN_INTEL_USB2  BIT(18)

/* Read/write bits that only enable: reading gives back what was written. */
static const uint32_t enables[] = {
    SMI_EN_GBL_SMI_EN,  SMI_EN_BIOS_EN,      SMI_EN_LEGACY_USB, SMI_EN_SLP_SMI_EN,
    SMI_EN_APMC_EN,     SMI_EN_SWSMI_TMR_EN, SMI_EN_MCSMI_EN,   SMI_EN_TCO_EN,
    SMI_EN_PERIODIC_EN, SMI_EN_LEGACY_USB2,  SMI_EN_INTEL_USB2,
};

#define ENABLES (sizeof(enables) / sizeof(enables[0]))

static uint32_t all_enables(void)
{
    uint32_t all = 0;

    for (size_t i = 0; i < ENABLES; i++)
        all |= enables[i];
    return all;
}

TEST(smi, enable_reset, "after every reset nothing is enabled, nothing is pending, nothing locked",
     SPEC("ICH9 datasheet, SMI_EN, SMI_STS, GEN_PMCON_1: default values"),
     NEEDS("firmware=virgin boot=own"))
{
    CONTEXT("boot %u", test_boot());
    EXPECT_BITS("smi-en", ich9_smi_en(), ~SMI_EN_EOS, 0, "SMI_EN is 0, EOS apart");
    EXPECT_EQ("smi-sts", ich9_pm_read32(SMI_STS), 0, "SMI_STS is 0");
    EXPECT_BITS("gen-pmcon-1", ich9_read16(ICH9_GEN_PMCON_1), GEN_PMCON_1_SMI_LOCK, 0,
                "SMI_LOCK is 0");
    CONTEXT_CLEAR();
    if (test_boot() == 1) {
        /* Without the timers: no SMI may come, as nobody has installed a handler. */
        ich9_smi_en_write(~(SMI_EN_SWSMI_TMR_EN | SMI_EN_PERIODIC_EN));
        test_announce_reset();
        ich9_reset();
    }
}

TEST(smi, enable_bits, "every enable bit of SMI_EN can be set and cleared, each for itself",
     SPEC(SMI_EN_SPEC), NEEDS("firmware=virgin boot=own"))
{
    uint32_t all = all_enables();

    REQUIRE_SMM(); /* the timers may fire */
    ich9_write8(ICH9_GEN_PMCON_3, ich9_read8(ICH9_GEN_PMCON_3) | GEN_PMCON_3_SWSMI_RATE);
    for (size_t i = 0; i < ENABLES; i++) {
        CONTEXT("bit %#x", enables[i]);
        ich9_smi_en_write(enables[i]);
        EXPECT_BITS("set", ich9_smi_en(), all, enables[i], "it can be set alone");
    }
    for (size_t i = 0; i < ENABLES; i++) {
        CONTEXT("bit %#x", enables[i]);
        ich9_smi_en_write(all & ~enables[i]);
        EXPECT_BITS("cleared", ich9_smi_en(), all, all & ~enables[i], "it can be cleared alone");
    }
    CONTEXT_CLEAR();
    ich9_smi_en_write(0);
    EXPECT_BITS("none", ich9_smi_en(), all, 0, "all can be cleared");
}

TEST(smi, gate_global, "without GBL_SMI_EN a write to APM_CNT is no SMI",
     SPEC(SMI_EN_SPEC ": no SMI# is generated while GBL_SMI_EN is 0"),
     NEEDS("smp=2 firmware=virgin boot=own"))
{
    REQUIRE_SMM();
    ich9_smi_en_write(SMI_EN_APMC_EN | SMI_EN_EOS);
    smi_count_start();
    apm_write(SMM_CMD_PING, 0);
    smi_count_check(0);
}

TEST(smi, gate_global_open, "with GBL_SMI_EN and APMC_EN alone it is one", SPEC(SMI_EN_SPEC),
     NEEDS("smp=2 firmware=virgin boot=own"))
{
    REQUIRE_SMM();
    ich9_smi_en_write(SMI_EN_GBL_SMI_EN | SMI_EN_APMC_EN | SMI_EN_EOS);
    smi_count_start();
    apm_write(SMM_CMD_PING, 0);
    smi_count_check(SMI_CPU(0));
}

TEST(smi, end_of_smi, "after an SMI, the next one waits until EOS is set again",
     SPEC(SMI_EN_SPEC ": EOS is cleared when SMI# is asserted, and re-arms it"),
     NEEDS("smp=2 firmware=virgin boot=own"))
{
    uint32_t enable = SMI_EN_GBL_SMI_EN | SMI_EN_APMC_EN;

    REQUIRE_SMM();
    ich9_smi_en_write(enable | SMI_EN_EOS);
    smi_count_start();
    apm_write(SMM_CMD_PING, 0);
    smi_count_check(SMI_CPU(0));
    EXPECT_BITS("eos", ich9_smi_en(), SMI_EN_EOS, 0, "EOS reads 0 behind the SMI");
    ich9_smi_en_write(enable);
    apm_write(SMM_CMD_PING, 0);
    smi_count_check(0);
}

TEST(smi, apm_status, "the SMI by APM_CNT leaves its mark in SMI_STS, to be cleared by writing 1",
     SPEC(SMI_STS_SPEC ": APM_STS is R/WC"), NEEDS("firmware=virgin boot=own"))
{
    REQUIRE_SMM();
    EXPECT_BITS("before", ich9_pm_read32(SMI_STS) & ~SMI_STS_APM, ~0U, 0, "no other mark is there");
    apm_write(SMM_CMD_PING, 0);
    EXPECT_BITS("set", ich9_pm_read32(SMI_STS), SMI_STS_APM, SMI_STS_APM, "APM_STS is 1");
    EXPECT_BITS("others", ich9_pm_read32(SMI_STS),
                SMI_STS_SWSMI_TMR | SMI_STS_TCO | SMI_STS_PERIODIC, 0,
                "none of the other sources' marks is");
    ich9_pm_write32(SMI_STS, SMI_STS_APM);
    EXPECT_BITS("cleared", ich9_pm_read32(SMI_STS), SMI_STS_APM, 0, "writing 1 clears it");
}

TEST(smi, status_not_settable, "software cannot set a bit in SMI_STS",
     SPEC(SMI_STS_SPEC ": R/WC and RO"), NEEDS("firmware=virgin boot=own"))
{
    uint32_t bits = SMI_STS_APM | SMI_STS_SWSMI_TMR | SMI_STS_TCO | SMI_STS_PERIODIC;

    ich9_pm_write32(SMI_STS, bits);
    EXPECT_BITS("clear", ich9_pm_read32(SMI_STS), bits, 0, "writing 1 to a clear bit leaves it");
    ich9_pm_write32(SMI_STS, ~bits);
    EXPECT_BITS("others", ich9_pm_read32(SMI_STS), ~0U, 0, "and no other bit appears");
}

TEST(smi, bios_release, "BIOS_RLS is write-only and reads 0", SPEC(SMI_EN_SPEC ": BIOS_RLS"),
     NEEDS("firmware=virgin boot=own"))
{
    ich9_smi_en_write(SMI_EN_BIOS_RLS);
    EXPECT_BITS("reads-0", ich9_smi_en(), SMI_EN_BIOS_RLS, 0, "it reads 0");
}
