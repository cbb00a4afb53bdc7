/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a platform reset does to GEN_PMCON_1, where SMI_LOCK is. */
#include "hw/ich9.h"
#include "kernel/test.h"

TEST(pm_access, smi_lock_reset, "a platform reset clears SMI_LOCK and makes GBL_SMI_EN writable",
     SPEC("ICH9 datasheet, GEN_PMCON_1: SMI_LOCK is cleared by PLTRST#, core well, default 0; "
          "QEMU commit 11e66a15a0: all bits open on reset"),
     NEEDS("firmware=virgin boot=own"))
{
    uint16_t pmcon = ich9_read16(ICH9_GEN_PMCON_1);
    uint32_t smi_en = ich9_smi_en();

    if (test_boot() == 2) {
        EXPECT_BITS("bit", pmcon, GEN_PMCON_1_SMI_LOCK, 0, "SMI_LOCK is 0 again");
        EXPECT_BITS("rate", pmcon, GEN_PMCON_1_PER_SMI_SEL, 0, "and so is PER_SMI_SEL");
        EXPECT_BITS("disabled", smi_en, SMI_EN_GBL_SMI_EN, 0, "GBL_SMI_EN is 0 again");
        ich9_smi_en_write(smi_en | SMI_EN_GBL_SMI_EN);
        EXPECT_BITS("set", ich9_smi_en(), SMI_EN_GBL_SMI_EN, SMI_EN_GBL_SMI_EN, "it can be set");
        ich9_smi_en_write(smi_en);
        EXPECT_BITS("cleared", ich9_smi_en(), SMI_EN_GBL_SMI_EN, 0, "and cleared");
        return;
    }
    EXPECT_BITS("first-bit", pmcon, GEN_PMCON_1_SMI_LOCK | GEN_PMCON_1_PER_SMI_SEL, 0,
                "at power-on both are 0");
    EXPECT_BITS("first-disabled", smi_en, SMI_EN_GBL_SMI_EN, 0, "and so is GBL_SMI_EN");
    ich9_smi_en_write(smi_en | SMI_EN_GBL_SMI_EN);
    ich9_write16(ICH9_GEN_PMCON_1, pmcon | GEN_PMCON_1_SMI_LOCK | GEN_PMCON_1_PER_SMI_SEL);
    REQUIRE_EQ("locked", ich9_read16(ICH9_GEN_PMCON_1) & GEN_PMCON_1_SMI_LOCK, GEN_PMCON_1_SMI_LOCK,
               "SMI_LOCK can be set");
    ich9_smi_en_write(smi_en);
    REQUIRE_EQ("frozen", ich9_smi_en() & SMI_EN_GBL_SMI_EN, SMI_EN_GBL_SMI_EN,
               "GBL_SMI_EN can no longer be cleared");
    test_announce_reset();
    ich9_reset();
}
