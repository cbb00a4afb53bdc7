/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INIT resets a CPU, not the MCH: SMRAM stays what it was, locks included. */
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "kernel/test.h"

#define MIB     0x100000U
#define PATTERN 0x8bad1deaU

/* SMRAM, ESMRAMC and F_SMBASE as they must stay, then the other registers of QEMU and SMRAM. */
struct mch_registers {
    uint32_t controls; /* 9C-9F */
    uint16_t ext_tseg;
    uint8_t pam[MCH_PAM6 - MCH_PAM0 + 1];
};

static struct mch_registers snapshot(void)
{
    struct mch_registers r = {.controls = mch_read32(MCH_F_SMBASE),
                              .ext_tseg = mch_read16(MCH_EXT_TSEG_MBYTES)};

    for (uint32_t i = 0; i < sizeof(r.pam); i++)
        r.pam[i] = mch_read8((uint8_t)(MCH_PAM0 + i));
    return r;
}

static uint32_t tseg_place(void)
{
    return mch_low_ram_top() - 4;
}

static void lock_all(void)
{
    bool window = mch_smbase_window_probe() == SMBASE_WINDOW_OPEN;

    mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) & (uint8_t)~ESMRAMC_T_EN);
    mmio_write32(tseg_place(), PATTERN);
    mmio_write32(SMRAM_WINDOW_BASE, PATTERN);
    mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) | ESMRAMC_T_EN);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_LCK);
    if (window)
        mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
}

static uint64_t hidden(void *arg)
{
    bool window = mch_read8(MCH_F_SMBASE) == F_SMBASE_LOCKED;

    (void)arg;
    return mmio_read32(tseg_place()) == 0xffffffff &&
           mmio_read32(SMRAM_WINDOW_BASE) == (window ? 0xffffffff : PATTERN);
}

/* Writes that would succeed, had a lock been lifted. */
static void try_to_unlock(const struct mch_registers *before)
{
    /* ESMRAMC first: a write of SMRAM might freeze it anew. */
    mch_write8(MCH_ESMRAMC, 0);
    EXPECT_BITS("esmramc-frozen", mch_read8(MCH_ESMRAMC), 0x87, before->controls >> 16 & 0x87,
                "ESMRAMC is still frozen");
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_D_OPEN);
    EXPECT_BITS("smram-frozen", mch_read8(MCH_SMRAM), 0x5f, before->controls >> 8 & 0x5f,
                "SMRAM is still frozen");
    mch_write8(MCH_F_SMBASE, 0);
    EXPECT_EQ("f-smbase-frozen", mch_read8(MCH_F_SMBASE), before->controls & 0xff,
              "F_SMBASE is still frozen");
}

static void check_same(const struct mch_registers *before)
{
    struct mch_registers after = snapshot();

    EXPECT_EQ("controls", after.controls, before->controls, "9Ch-9Fh are what they were");
    EXPECT_EQ("ext-tseg", after.ext_tseg, before->ext_tseg, "EXT_TSEG_MBYTES is what it was");
    EXPECT_MEM("pam", after.pam, before->pam, sizeof(after.pam), "PAM0-PAM6 are what they were");
}

#define INIT                                                                          \
    "Q35 MCH datasheet: registers are reset by a full reset, not by INIT; Intel SDM " \
    "vol. 3, 34.11: INIT leaves SMBASE"

TEST(smram, init_of_ap, "INIT of an AP leaves every lock of SMRAM and the AP's SMBASE", SPEC(INIT),
     NEEDS("boot=own smp=3"))
{
    struct mch_registers before;

    REQUIRE_SMM();
    lock_all();
    before = snapshot();
    for (uint32_t n = 1; n <= 2; n++) {
        uint32_t ap = smp_apic_id(n), now, smbase;
        uint64_t is_hidden = 0;

        CONTEXT("APIC id %u", ap);
        smbase = smm_report_of(ap)->smbase;
        REQUIRE_TRUE("init", apic_send_init(ap), "the INIT is sent");
        check_same(&before);
        EXPECT_TRUE("hidden", hidden(NULL), "SMRAM stays hidden from the BSP");
        smp_forget(n);
        now = smp_start_one(ap);
        REQUIRE_TRUE("start", now != UINT32_MAX, "the AP starts again");
        check_same(&before);
        smp_call(now, hidden, NULL, &is_hidden);
        EXPECT_TRUE("hidden-ap", is_hidden, "SMRAM stays hidden from the AP");
        try_to_unlock(&before);
        smm_report_of(ap)->smbase = 0;
        REQUIRE_TRUE("smi", smm_trigger_on(now, SMM_CMD_PING, 0), "the AP takes an SMI");
        EXPECT_EQ("smbase", smm_report_of(ap)->smbase, smbase, "at the SMBASE it had");
    }
    CONTEXT_CLEAR();
}
