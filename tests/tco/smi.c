/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMIs by TCO_DAT_IN, and the status bits. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/smi/count.h"
#include "tests/tco/tco.h"

#define ON (SMI_EN_GBL_SMI_EN | SMI_EN_EOS | SMI_EN_TCO_EN)

#define NEEDS_SMM "smp=3 firmware=virgin boot=own"

static uint64_t write_dat_in(void *arg)
{
    ich9_pm_write8(TCO_DAT_IN, (uint8_t)(uintptr_t)arg);
    return 0;
}

TEST(tco, dat_in, "a write to TCO_DAT_IN is one SMI and sets SW_TCO_SMI, whatever is written",
     SPEC(TCO_SPEC "TCO_DAT_IN; QEMU: TCO SMIs go to the first CPU"), NEEDS(NEEDS_SMM))
{
    tco_begin(ON);
    for (uint32_t value = 0; value < 256; value += 51) {
        for (uint32_t n = 0; n < smp_cpus(); n++) {
            CONTEXT("CPU %u writes %#x", n, value);
            tco_stop();
            smi_count_start();
            smp_call(n, write_dat_in, (void *)(uintptr_t)value, NULL);
            smi_count_check(SMI_CPU(0));
            EXPECT_EQ("status", tco1_status(), TCO1_STS_SW_TCO_SMI, "SW_TCO_SMI alone is set");
            EXPECT_EQ("data", ich9_pm_read8(TCO_DAT_IN), value, "the handler can read the value");
        }
    }
    CONTEXT_CLEAR();
}

TEST(tco, dat_in_again, "every write to TCO_DAT_IN is an SMI, also while SW_TCO_SMI is still set",
     SPEC(TCO_SPEC "TCO_DAT_IN: writes cause an SMI; TCO1_STS: SW_TCO_SMI stays set until cleared"),
     NEEDS(NEEDS_SMM))
{
    tco_begin(ON);
    for (unsigned int i = 0; i < 3; i++) {
        CONTEXT("write %u", i + 1);
        /* On the chip an SMI waits for EOS: QEMU keeps the bit set. */
        ich9_smi_en_write(ON);
        smi_count_start();
        ich9_pm_write8(TCO_DAT_IN, (uint8_t)(0x40 + i));
        smi_count_check(SMI_CPU(0));
        EXPECT_BITS("status", tco1_status(), TCO1_STS_SW_TCO_SMI, TCO1_STS_SW_TCO_SMI,
                    "SW_TCO_SMI is set, nobody has cleared it");
        EXPECT_EQ("data", ich9_pm_read8(TCO_DAT_IN), 0x40 + i, "the register has the new value");
    }
    CONTEXT_CLEAR();
    tco_stop();
}

TEST(tco, dat_in_gate, "without TCO_EN a write to TCO_DAT_IN is no SMI",
     SPEC("ICH9 datasheet, SMI_EN: TCO_EN enables the TCO logic to generate SMI#"),
     NEEDS(NEEDS_SMM))
{
    tco_begin(ON & ~SMI_EN_TCO_EN);
    smi_count_start();
    ich9_pm_write8(TCO_DAT_IN, 1);
    EXPECT_BITS("status", tco1_status(), TCO1_STS_SW_TCO_SMI, TCO1_STS_SW_TCO_SMI,
                "SW_TCO_SMI is set all the same");
    smi_count_check(0);
}

TEST(tco, dat_in_global, "without GBL_SMI_EN a write to TCO_DAT_IN is no SMI",
     SPEC("ICH9 datasheet, SMI_EN: no SMI# is generated while GBL_SMI_EN is 0"), NEEDS(NEEDS_SMM))
{
    tco_begin(ON & ~SMI_EN_GBL_SMI_EN);
    smi_count_start();
    ich9_pm_write8(TCO_DAT_IN, 1);
    smi_count_check(0);
}

TEST(tco, dat_out, "a write to TCO_DAT_OUT sets TCO_INT_STS and is no SMI",
     SPEC(TCO_SPEC "TCO_DAT_OUT"), NEEDS(NEEDS_SMM))
{
    tco_begin(ON);
    smi_count_start();
    for (uint32_t value = 0; value < 256; value += 17) {
        CONTEXT("value %#x", value);
        tco_stop();
        ich9_pm_write8(TCO_DAT_OUT, (uint8_t)value);
        EXPECT_EQ("status", tco1_status(), TCO1_STS_TCO_INT, "TCO_INT_STS alone is set");
        EXPECT_EQ("data", ich9_pm_read8(TCO_DAT_OUT), value, "the value can be read");
        EXPECT_EQ("sts2", tco2_status(), 0, "TCO2_STS stays 0");
    }
    CONTEXT_CLEAR();
    smi_count_check(0);
}

TEST(tco, mirror, "SMI_STS says that the SMI came from the TCO logic",
     SPEC("ICH9 datasheet, SMI_STS: TCO_STS"), NEEDS(NEEDS_SMM))
{
    tco_begin(ON);
    ich9_pm_write8(TCO_DAT_IN, 1);
    EXPECT_BITS("tco-sts", ich9_pm_read32(SMI_STS), SMI_STS_TCO, SMI_STS_TCO, "TCO_STS is set");
}

TEST(tco, status_clear, "writing 1 to a status bit clears it", SPEC(TCO_SPEC "TCO1_STS: R/WC"),
     NEEDS(NEEDS_SMM))
{
    tco_begin(ON);
    ich9_pm_write8(TCO_DAT_IN, 1);
    ich9_pm_write16(TCO1_STS, TCO1_STS_SW_TCO_SMI);
    EXPECT_EQ("software", tco1_status(), 0, "SW_TCO_SMI is cleared");
    ich9_pm_write8(TCO_DAT_OUT, 1);
    ich9_pm_write16(TCO1_STS, TCO1_STS_TCO_INT);
    EXPECT_EQ("interrupt", tco1_status(), 0, "TCO_INT_STS is cleared");
}

TEST(tco, status_sticky, "writing 0 to a status bit leaves it; software cannot set one",
     SPEC(TCO_SPEC "TCO1_STS and TCO2_STS: R/WC"), NEEDS(NEEDS_SMM))
{
    uint16_t both = TCO1_STS_SW_TCO_SMI | TCO1_STS_TCO_INT;

    tco_begin(ON);
    ich9_pm_write8(TCO_DAT_IN, 1);
    ich9_pm_write8(TCO_DAT_OUT, 1);
    REQUIRE_EQ("both", tco1_status(), both, "both bits are set");
    ich9_pm_write16(TCO1_STS, TCO1_STS_SW_TCO_SMI);
    EXPECT_EQ("neighbour", tco1_status(), TCO1_STS_TCO_INT, "clearing one leaves the other");
    ich9_pm_write8(TCO_DAT_IN, 1);
    ich9_pm_write8(TCO_DAT_OUT, 1);
    ich9_pm_write16(TCO1_STS, 0);
    EXPECT_EQ("zero", tco1_status(), both, "writing 0 clears nothing");
    tco_stop();
    ich9_pm_write16(TCO1_STS, 0xffff);
    EXPECT_EQ("settable1", tco1_status(), 0, "writing 1 sets nothing in TCO1_STS");
    ich9_pm_write16(TCO2_STS, 0xffff);
    EXPECT_EQ("settable2", tco2_status(), 0, "nor in TCO2_STS");
}
