/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a CPU sees of SMRAM depends on SMM alone: code at privilege level 3 and in virtual-8086 mode
 * sees it while the CPU is in SMM, and does not outside.
 */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/test.h"
#include "tests/attack/user.h"
#include "tests/smram/v86.h"

#define PATTERN 0x8bad1deaU
#define FORGED  0x5ad5ad5aU
/* What is written lies this far behind what is read. */
#define BEHIND 8U

/* One place in each region, 16 bytes long. */
struct place {
    const char *name;
    uint32_t at;
    bool vga; /* outside SMM, the VGA device answers there */
};

static struct place places[6];
static uint32_t count;

static void add(const char *name, uint32_t at, bool vga)
{
    places[count++] = (struct place){name, at, vga};
}

/* SMRAM with the pattern in it, then closed and locked. high: places above 1 MiB as well. */
static void prepare(bool high)
{
    bool window;

    REQUIRE_SMM();
    window = mch_smbase_window_probe() == SMBASE_WINDOW_OPEN;
    add("A-segment, begin", SMRAM_A_BASE, true);
    add("A-segment, end", SMRAM_A_BASE + SMRAM_A_SIZE - 16, true);
    if (window) {
        add("default SMBASE, begin", SMRAM_WINDOW_BASE, false);
        add("default SMBASE, end", SMRAM_WINDOW_BASE + SMRAM_WINDOW_SIZE - 16, false);
    }
    if (high) {
        add("TSEG, inside", mch_low_ram_top() - 0x10000, false);
        add("TSEG, end", mch_low_ram_top() - 16, false);
    }
    mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) & (uint8_t) ~(ESMRAMC_T_EN | ESMRAMC_H_SMRAME));
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_OPEN);
    for (uint32_t i = 0; i < count; i++) {
        mmio_write32(places[i].at, PATTERN ^ i);
        mmio_write32(places[i].at + BEHIND, PATTERN ^ ~i);
    }
    mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) | ESMRAMC_T_EN);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_LCK);
    if (window)
        mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
}

static uint64_t SMM_CODE read_in_smm(struct smm_cpu *cpu, void *address)
{
    (void)cpu;
    return mmio_read32((uintptr_t)address);
}

static uint32_t written(const struct place *p)
{
    return (uint32_t)smm_run(read_in_smm, (void *)(uintptr_t)(p->at + BEHIND));
}

/* An access in a mode: reads 4 bytes at the address, writes FORGED behind. False: an exception. */
typedef bool (*access_function)(uint32_t at, uint32_t forged, uint32_t *got);

static void expect_outside(uint32_t i, const char *mode, access_function access)
{
    const struct place *p = &places[i];
    uint32_t got = 0;

    CONTEXT("%s, 4 bytes at %#x, %s, CPU outside SMM", p->name, p->at, mode);
    REQUIRE_TRUE("outside", access(p->at, FORGED, &got), "the access is made outside SMM");
    if (p->vga)
        EXPECT_NE("hidden", got, PATTERN ^ i, "the VGA device answers");
    else
        EXPECT_EQ("hidden", got, 0xffffffff, "SMRAM reads as ones");
    EXPECT_EQ("kept", written(p), PATTERN ^ ~i, "SMRAM is not written");
}

static void expect_inside(uint32_t i, const char *mode, access_function access)
{
    const struct place *p = &places[i];
    uint32_t got = 0;

    CONTEXT("%s, 4 bytes at %#x, %s, CPU in SMM", p->name, p->at, mode);
    REQUIRE_TRUE("inside", access(p->at, FORGED, &got), "the access is made in SMM");
    EXPECT_EQ("visible", got, PATTERN ^ i, "in SMM, SMRAM can be read");
    EXPECT_EQ("written", written(p), FORGED, "and written");
}

static void expect_all(const char *mode, access_function outside, access_function inside)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t got = PATTERN ^ i;

        expect_outside(i, mode, outside);
        expect_inside(i, mode, inside);
        /* Behind RSM, the view is the other one again. */
        CONTEXT("%s, 4 bytes at %#x, %s, CPU outside SMM", places[i].name, places[i].at, mode);
        REQUIRE_TRUE("outside", outside(places[i].at, FORGED, &got),
                     "the access is made outside SMM");
        EXPECT_NE("hidden-again", got, PATTERN ^ i, "after SMM, SMRAM is hidden as before");
    }
    CONTEXT_CLEAR();
}

static bool user_outside(uint32_t at, uint32_t forged, uint32_t *got)
{
    struct user_access a = user_mode_outside(at, forged);

    *got = a.got;
    return (a.selector & 3) == 3;
}

static void user_access(void *arg)
{
    user_mode_access(arg);
}

static bool user_inside(uint32_t at, uint32_t forged, uint32_t *got)
{
    struct user_access a = {.at = at, .forged = forged};

    user_mode_call_in_smm(user_access, &a);
    *got = a.got;
    return (a.selector & 3) == 3;
}

#define ALONE                                                                                    \
    "Q35 MCH datasheet, SMRAM (9Dh), ESMRAMC (9Eh): SMM space is for accesses in SMM, whatever " \
    "the privilege level; QEMU bafc90bdc5, f404220e27"

TEST(smram, user_mode, "at privilege level 3, SMRAM is visible in SMM and hidden outside",
     SPEC(ALONE), NEEDS("firmware=virgin boot=own vga=std"))
{
    prepare(true);
    expect_all("privilege level 3", user_outside, user_inside);
}

#ifndef __x86_64__
TEST(smram, v86, "in virtual-8086 mode, SMRAM is visible in SMM and hidden outside",
     SPEC(ALONE "; Intel SDM vol. 3, 20.3"), NEEDS("firmware=virgin boot=own vga=std arch=i386"))
{
    prepare(false);
    expect_all("virtual-8086 mode", v86_outside, v86_inside);
}
#endif
