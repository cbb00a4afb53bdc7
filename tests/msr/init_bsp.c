/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INIT to the boot CPU. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/mch.h"
#include "kernel/smp.h"
#include "kernel/test.h"

static uint64_t init_bsp(void *arg)
{
    (void)arg;
    apic_send_init(smp_apic_id(0));
    return 0;
}

TEST(msr, init_bsp,
     "INIT of the boot CPU sends it to the reset vector; count of SMIs and locks are kept",
     SPEC("Intel SDM vol. 3, 8.4.2: the BSP flag; 10.4.7.1; Table 9-1; vol. 4, MSR_SMI_COUNT"),
     NEEDS("smp=2 firmware=virgin boot=own"))
{
    if (test_boot() == 1) {
        REQUIRE_SMM();
        mch_write8(MCH_SMRAM, mch_read8(MCH_SMRAM) | SMRAM_D_LCK);
        test_set_word(0, rdmsr(MSR_SMI_COUNT));
        test_set_word(1, mch_read8(MCH_SMRAM) | mch_read8(MCH_ESMRAMC) << 8);
        test_announce_reset();
        smp_call_start(1, init_bsp, NULL);
        for (;;)
            cpu_pause();
    }
    EXPECT_EQ("count", rdmsr(MSR_SMI_COUNT), test_word(0),
              "MSR_SMI_COUNT is what it was before INIT");
    EXPECT_EQ("mch", mch_read8(MCH_SMRAM) | mch_read8(MCH_ESMRAMC) << 8, test_word(1),
              "SMRAM and ESMRAMC are as they were, locked");
    EXPECT_BITS("bsp", rdmsr(MSR_APIC_BASE), APIC_BASE_BSP | APIC_BASE_EN,
                APIC_BASE_BSP | APIC_BASE_EN, "it is the boot CPU still");
}
