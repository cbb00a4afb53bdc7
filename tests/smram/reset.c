/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine reset ends every state of SMRAM, locked or not, and nothing lingers. */
#include <stddef.h>

#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/host.h"
#include "kernel/memory.h"
#include "kernel/stop.h"
#include "kernel/test.h"
#include "tests/s3/s3.h"
#include "tests/smram/access.h"

#define MIB       0x100000U
#define EXTENDED  24U /* MiB, in NEEDS() below */
#define PATTERN   0x9bad1deaU
#define SMRAM_RW  (SMRAM_D_OPEN | SMRAM_D_CLS | SMRAM_G_SMRAME)
#define ESMRAM_RW (ESMRAMC_H_SMRAME | ESMRAMC_TSEG_SZ | ESMRAMC_T_EN)

/* What each boot leaves behind. */
static const struct {
    char name[40];
    uint8_t smram, esmramc, f_smbase;
} states[] = {
    {"open", SMRAM_G_SMRAME | SMRAM_D_OPEN, 0, 0},
    {"open, high segment", SMRAM_G_SMRAME | SMRAM_D_OPEN, ESMRAMC_H_SMRAME, F_SMBASE_IN_RAM},
    {"closed, TSEG of 8 MiB", SMRAM_G_SMRAME, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_8M, 0},
    {"locked, extended TSEG", SMRAM_G_SMRAME | SMRAM_D_LCK, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_EXT, 0},
    {"default SMBASE locked", SMRAM_G_SMRAME | SMRAM_D_CLS, 0, F_SMBASE_LOCKED},
    {"all locked", SMRAM_G_SMRAME | SMRAM_D_LCK | SMRAM_D_CLS, 0x87, F_SMBASE_LOCKED},
};

#define STATES (sizeof(states) / sizeof(states[0]))

static void enter(uint32_t i)
{
    mmio_write32(SMRAM_A_BASE, 0);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_OPEN);
    mmio_write32(SMRAM_A_BASE, PATTERN);
    mch_write16(MCH_EXT_TSEG_MBYTES, 0x1234);
    mch_write8(MCH_ESMRAMC, states[i].esmramc);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | states[i].smram);
    if (states[i].f_smbase) {
        (void)mch_smbase_window_probe();
        mch_write8(MCH_F_SMBASE, states[i].f_smbase);
        EXPECT_EQ("set", mch_read8(MCH_F_SMBASE), states[i].f_smbase, "the state is reached");
    }
    EXPECT_BITS("set", mch_read8(MCH_SMRAM), 0x78, states[i].smram, "the state is reached");
    EXPECT_BITS("set", mch_read8(MCH_ESMRAMC), ESMRAM_RW, states[i].esmramc,
                "the state is reached");
}

static void check_registers(void)
{
    EXPECT_EQ("smram", mch_read8(MCH_SMRAM), SMRAM_DEFAULT, "SMRAM is 02h");
    EXPECT_EQ("esmramc", mch_read8(MCH_ESMRAMC), ESMRAMC_DEFAULT, "ESMRAMC is 38h");
    EXPECT_EQ("ext-tseg", mch_read16(MCH_EXT_TSEG_MBYTES), EXTENDED,
              "EXT_TSEG_MBYTES has its value again");
}

/* Eight bytes are ordinary memory, for a CPU and for a device. */
static void check_ram(uint32_t at)
{
    static struct access_list l;
    uint32_t value = PATTERN ^ at;

    CONTEXT("boot %u, at %#x", test_boot(), at);
    mmio_write32(at, value);
    mmio_write32(at + 4, ~value);
    EXPECT_EQ("ram-cpu", mmio_read32(at), value, "a CPU outside SMM has RAM where SMRAM was");
    EXPECT_EQ("ram-cpu", mmio_read32(at + 4), ~value, "... in every word");
    l.count = 0;
    access_add(&l, at, 8, NULL);
    access_run(VIEW_DMA, &l);
    EXPECT_MEM("ram-dma", l.access[0].value, (const void *)(uintptr_t)at, 8, "and so has a device");
}

static void check_memory(uint32_t base, uint32_t end)
{
    for (uint32_t at = base; at < end; at += 0x10000)
        check_ram(at);
    check_ram(end - 8);
    CONTEXT_CLEAR();
}

/* Every bit that D_LCK or F_SMBASE may have frozen can be set and cleared. */
static void check_unlocked(void)
{
    for (uint32_t bit = 1; bit < 256; bit <<= 1) {
        CONTEXT("boot %u, bit %#x", test_boot(), bit);
        if (bit & SMRAM_RW) {
            mch_write8(MCH_SMRAM, (uint8_t)(SMRAM_C_BASE_SEG | bit));
            EXPECT_BITS("smram-rw", mch_read8(MCH_SMRAM), 0x78, bit, "SMRAM's bits can be set");
            mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG);
            EXPECT_BITS("smram-rw", mch_read8(MCH_SMRAM), 0x78, 0, "and cleared");
        }
        if (bit & ESMRAM_RW) {
            mch_write8(MCH_ESMRAMC, (uint8_t)bit);
            EXPECT_BITS("esmramc-rw", mch_read8(MCH_ESMRAMC), ESMRAM_RW, bit,
                        "ESMRAMC's bits can be set");
            mch_write8(MCH_ESMRAMC, 0);
            EXPECT_BITS("esmramc-rw", mch_read8(MCH_ESMRAMC), ESMRAM_RW, 0, "and cleared");
        }
    }
    CONTEXT("boot %u", test_boot());
    if (mch_smbase_window_probe() == SMBASE_WINDOW_ABSENT)
        SKIP_CHECK("f-smbase", "the machine type has no SMRAM at the default SMBASE");
    else
        EXPECT_EQ("f-smbase", mch_read8(MCH_F_SMBASE), F_SMBASE_IN_RAM,
                  "F_SMBASE can be queried again, and is not locked");
    CONTEXT_CLEAR();
}

static void check_after_reset(void)
{
    CONTEXT("after \"%s\"", states[test_boot() - 2].name);
    check_registers();
    EXPECT_NE("a-segment", mmio_read32(SMRAM_A_BASE), PATTERN,
              "the A-segment is not open: VGA answers there");
    EXPECT_NE("high-segment", mmio_read32(SMRAM_HIGH_BASE), PATTERN,
              "the high segment is not there");
    CONTEXT_CLEAR();
    check_memory(SMRAM_WINDOW_BASE, SMRAM_WINDOW_BASE + SMRAM_WINDOW_SIZE);
    check_memory(mch_low_ram_top() - EXTENDED * MIB, mch_low_ram_top());
    check_unlocked();
}

static void by_rst_cnt(void)
{
    ich9_reset();
}

static void by_host(void)
{
    host_do("reset");
    cpu_stop();
}

static void each_state(void (*reset)(void))
{
    uint32_t boot = test_boot();

    if (boot > 1)
        check_after_reset();
    if (boot > STATES)
        return;
    CONTEXT("\"%s\"", states[boot - 1].name);
    enter(boot - 1);
    CONTEXT_CLEAR();
    test_announce_reset();
    reset();
}

#define RESET                                                                           \
    "Q35 MCH datasheet, SMRAM (9Dh): D_LCK is cleared by a full reset; defaults; QEMU " \
    "68c77acfb1, f404220e27, 2f295167e0"
#define MACHINE                                                            \
    "firmware=virgin boot=own vga=std global=mch.extended-tseg-mbytes=24 " \
    "machine>=pc-q35-5.0 timeout=40 "

TEST(smram, reset, "a hard reset through RST_CNT opens every lock and hides nothing",
     SPEC(RESET "; ICH9 datasheet, RST_CNT (CF9h)"), NEEDS(MACHINE))
{
    each_state(by_rst_cnt);
}

TEST(smram, reset_by_host, "a reset by the host does the same", SPEC(RESET),
     NEEDS(MACHINE "host=reset"))
{
    if (!host_init())
        ERROR("there is no host on COM2");
    each_state(by_host);
}

TEST(smram, reset_by_wakeup, "waking from S3 does the same",
     SPEC(S3 "Q35 MCH datasheet, SMRAM (9Dh): defaults; QEMU 68c77acfb1, f404220e27, 2f295167e0"),
     NEEDS(MACHINE "accel=tcg host=wakeup"))
{
    each_state(s3_suspend);
}
