/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMRAM at the default SMBASE: what does not open it, page by page. */
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"

#define PATTERN 0x8bad1deaU

static uint64_t SMM_CODE first_wrong_page(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    for (uint32_t at = SMRAM_WINDOW_BASE; at < SMRAM_WINDOW_BASE + SMRAM_WINDOW_SIZE;
         at += PAGE_SIZE) {
        if (mmio_read32(at) != (PATTERN ^ at))
            return at;
    }
    return 0;
}

/* The first page that this CPU, outside SMM, sees or changes; what it changed shows in SMM. */
static uint64_t first_open_page(void *arg)
{
    (void)arg;
    for (uint32_t at = SMRAM_WINDOW_BASE; at < SMRAM_WINDOW_BASE + SMRAM_WINDOW_SIZE;
         at += PAGE_SIZE) {
        if (mmio_read32(at) != 0xffffffff)
            return at;
        mmio_write32(at, 0);
    }
    return 0;
}

static void lay(void)
{
    for (uint32_t at = SMRAM_WINDOW_BASE; at < SMRAM_WINDOW_BASE + SMRAM_WINDOW_SIZE;
         at += PAGE_SIZE)
        mmio_write32(at, PATTERN ^ at);
}

static void check(const char *what)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        uint64_t open = 1;

        /* After INIT, a CPU has a new number. */
        if (smp_find(smp_apic_id(n)) != n)
            continue;
        CONTEXT("CPU %u, after %s", n, what);
        EXPECT_TRUE("answers", smp_call(n, first_open_page, NULL, &open), "the CPU is there");
        EXPECT_EQ("hidden", open, 0, "no page of the window is open outside SMM");
    }
    CONTEXT("after %s", what);
    EXPECT_EQ("smm", smm_run(first_wrong_page, NULL), 0, "SMM has all of it, unchanged");
    EXPECT_EQ("register", mch_read8(MCH_F_SMBASE), F_SMBASE_LOCKED, "F_SMBASE stays locked");
    CONTEXT_CLEAR();
}

/* All values, in every access that covers the register; the other registers keep theirs. */
static void write_f_smbase(void)
{
    uint32_t dword = mch_read32(MCH_F_SMBASE);

    for (uint32_t value = 0; value < 256; value++) {
        mch_write8(MCH_F_SMBASE, (uint8_t)value);
        mch_write16(MCH_F_SMBASE, (uint16_t)((dword & 0xff00) | value));
        mch_write32(MCH_F_SMBASE, (dword & 0xffffff00) | value);
    }
}

static void write_smram_controls(void)
{
    static const uint8_t smram[] = {0, SMRAM_D_OPEN, SMRAM_D_CLS, SMRAM_G_SMRAME | SMRAM_D_OPEN,
                                    SMRAM_G_SMRAME};
    uint8_t esmramc = mch_read8(MCH_ESMRAMC);

    for (uint32_t i = 0; i < sizeof(smram); i++) {
        mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | smram[i]);
        check("a write of SMRAM");
    }
    /* TSEG holds our code in a size of its own; without T_EN it is there all the same. */
    mch_write8(MCH_ESMRAMC, ESMRAMC_H_SMRAME);
    check("H_SMRAME was set and T_EN cleared");
    mch_write8(MCH_ESMRAMC, esmramc);
    check("ESMRAMC has its value again");
}

TEST(smram, window_holds, "nothing but a reset opens locked SMRAM at the default SMBASE",
     SPEC("QEMU f404220e27: \"further writes are ignored until system reset\"; Q35 MCH datasheet: "
          "INIT is no reset of the MCH"),
     NEEDS("boot=own smp=2 machine>=pc-q35-5.0"))
{
    uint32_t ap;

    REQUIRE_SMM();
    if (mch_smbase_window_probe() != SMBASE_WINDOW_OPEN)
        SKIP("the machine type has no SMRAM at the default SMBASE");
    lay();
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    check("the lock");
    write_f_smbase();
    check("writes of F_SMBASE");
    write_smram_controls();
    mch_ext_tseg_query();
    for (uint8_t reg = MCH_PAM1; reg <= MCH_PAM6; reg++) {
        uint8_t old = mch_read8(reg);

        mch_write8(reg, 0x33);
        mch_write8(reg, old);
    }
    check("writes of PAM");
    ap = smp_apic_id(1);
    smp_forget(1);
    REQUIRE_TRUE("init", smp_start_one(ap) != UINT32_MAX, "an AP starts again after INIT");
    check("INIT of an AP");
    firmware_lock_smram();
    check("D_LCK");
}

/* SMRAM and ESMRAMC while the lock is set, a boot each. */
static const struct {
    char name[40];
    uint8_t smram, esmramc;
} lock_states[] = {
    {"SMRAM open", SMRAM_G_SMRAME | SMRAM_D_OPEN, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_8M},
    {"SMRAM disabled", 0, ESMRAMC_TSEG_SZ_8M},
    {"high segment, closed to data", SMRAM_G_SMRAME | SMRAM_D_CLS, ESMRAMC_H_SMRAME},
    {"SMRAM locked", SMRAM_G_SMRAME | SMRAM_D_LCK, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_8M},
};

#define LOCK_STATES (sizeof(lock_states) / sizeof(lock_states[0]))

TEST(smram, window_locks_in_every_state,
     "the default SMBASE is locked in the same way whatever SMRAM and ESMRAMC say",
     SPEC("QEMU f404220e27: \"0x2 - locks\", with no other condition"),
     NEEDS("firmware=virgin boot=own machine>=pc-q35-5.0 timeout=40"))
{
    uint32_t boot = test_boot();

    if (boot > LOCK_STATES)
        return;
    REQUIRE_SMM();
    if (mch_smbase_window_probe() != SMBASE_WINDOW_OPEN)
        SKIP("the machine type has no SMRAM at the default SMBASE");
    lay();
    mch_write8(MCH_ESMRAMC, lock_states[boot - 1].esmramc);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | lock_states[boot - 1].smram);
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    check(lock_states[boot - 1].name);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME);
    check("SMRAM was enabled and closed");
    test_announce_reset();
    ich9_reset();
}
