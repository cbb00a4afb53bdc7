/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMM is a property of one CPU: what it sees, the others do not, not even at the same time. */
#include "firmware/smm.h"
#include "hw/deadline.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/smp.h"
#include "kernel/test.h"

#define PATTERN 0x8bad1deaU
#define PLACES  4U

/* In each segment one place; 0: the machine does not have it. */
static uint32_t places[PLACES];
/* Outside SMM, VGA answers at the A-segment, whatever it says. */
#define A_SEGMENT 2U

struct look {
    uint32_t value[PLACES];
    volatile uint32_t inside, leave;
};

static uint64_t SMM_CODE look_at(struct smm_cpu *cpu, void *arg)
{
    struct look *l = arg;

    (void)cpu;
    for (uint32_t i = 0; i < PLACES; i++)
        l->value[i] = places[i] ? mmio_read32(places[i]) : 0;
    return 0;
}

/* Stays in SMM until the BSP has looked from outside, then looks itself. */
static uint64_t SMM_CODE look_and_stay(struct smm_cpu *cpu, void *arg)
{
    struct look *l = arg;
    struct deadline patience = deadline_in(PATIENCE_MS);

    l->inside = 1;
    while (!l->leave && !deadline_over(&patience))
        ;
    return look_at(cpu, l);
}

static uint64_t outside(void *arg)
{
    return look_at(NULL, arg);
}

static uint64_t stay_in_smm(void *arg)
{
    return smm_run(look_and_stay, arg);
}

static void expect_visible(const struct look *l, uint32_t n)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        CONTEXT("CPU %u in SMM, 4 bytes at %#x", n, places[i]);
        if (places[i])
            EXPECT_EQ("smm", l->value[i], PATTERN ^ i, "a CPU in SMM sees SMRAM");
    }
    CONTEXT_CLEAR();
}

static void expect_hidden(const struct look *l, uint32_t n, const char *id, const char *sentence)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        CONTEXT("CPU %u outside SMM, 4 bytes at %#x", n, places[i]);
        if (i == A_SEGMENT)
            EXPECT_NE(id, l->value[i], PATTERN ^ i, sentence);
        else if (places[i])
            EXPECT_EQ(id, l->value[i], 0xffffffff, sentence);
    }
    CONTEXT_CLEAR();
}

/* high: the A-segment's RAM from FEDA0000 on. */
static void prepare(bool high)
{
    REQUIRE_SMM();
    places[0] = mch_low_ram_top() - 4;
    places[1] = mch_smbase_window_probe() == SMBASE_WINDOW_OPEN ? SMRAM_WINDOW_BASE : 0;
    places[A_SEGMENT] = SMRAM_A_BASE;
    places[3] = mch_low_ram_top() - 0x100000;
    mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) & (uint8_t)~ESMRAMC_T_EN);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_OPEN);
    for (uint32_t i = 0; i < PLACES; i++) {
        if (places[i])
            mmio_write32(places[i], PATTERN ^ i);
    }
    if (high)
        places[A_SEGMENT] = SMRAM_HIGH_BASE;
    mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) | ESMRAMC_T_EN | (high ? ESMRAMC_H_SMRAME : 0));
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_LCK);
    if (places[1])
        mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
}

#define EACH "Intel SDM vol. 3, 34.13: each CPU is in SMM or not on its own; QEMU bafc90bdc5"

static void look_from_every_cpu(void)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        struct look l = {.inside = 0};

        smp_call(n, outside, &l, NULL);
        expect_hidden(&l, n, "outside", "outside SMM a CPU does not see SMRAM");
        REQUIRE_TRUE("run", smm_run_on(n, look_at, &l, false).done, "the CPU takes an SMI");
        expect_visible(&l, n);
        smp_call(n, outside, &l, NULL);
        expect_hidden(&l, n, "outside-again", "nor when it comes back");
    }
}

TEST(smram, every_cpu, "every CPU sees SMRAM in SMM, and none outside", SPEC(EACH),
     NEEDS("firmware=virgin boot=own smp=4 vga=std"))
{
    prepare(false);
    look_from_every_cpu();
}

TEST(smram, every_cpu_high, "the same with the high segment", SPEC(EACH),
     NEEDS("firmware=virgin boot=own smp=4 vga=std"))
{
    prepare(true);
    look_from_every_cpu();
}

TEST(smram, one_inside, "while one CPU is in SMM, the others see as little of SMRAM as ever",
     SPEC(EACH), NEEDS("firmware=virgin boot=own smp=3 vga=std"))
{
    prepare(false);
    for (uint32_t n = 1; n < smp_cpus(); n++) {
        static struct look in_smm, l;

        in_smm = (struct look){.inside = 0};
        smp_call_start(n, stay_in_smm, &in_smm);
        REQUIRE_TRUE("inside", WAIT_FOR(in_smm.inside, PATIENCE_MS), "a CPU waits in SMM");
        for (uint32_t other = 0; other < smp_cpus(); other++) {
            if (other == n)
                continue;
            smp_call(other, outside, &l, NULL);
            expect_hidden(&l, other, "outside", "another CPU does not see SMRAM");
        }
        in_smm.leave = 1;
        REQUIRE_TRUE("back", smp_call_wait(n, NULL), "and comes back");
        expect_visible(&in_smm, n);
    }
}

/* Every CPU looks, outside SMM: memory or ones (at the A-segment: something else). */
static void expect_everywhere(bool visible, const char *id, const char *sentence)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        static struct look l;

        smp_call(n, outside, &l, NULL);
        for (uint32_t i = 0; i < PLACES; i++) {
            CONTEXT("CPU %u outside SMM, 4 bytes at %#x", n, places[i]);
            if (places[i] && (visible || i == A_SEGMENT))
                EXPECT_TRUE(id, (l.value[i] == (PATTERN ^ i)) == visible, sentence);
            else if (places[i])
                EXPECT_EQ(id, l.value[i], 0xffffffff, sentence);
        }
    }
    CONTEXT_CLEAR();
}

TEST(
    smram, changes_reach_every_cpu, "what one CPU opens or closes is open or closed for all",
    SPEC("Q35 MCH datasheet, SMRAM (9Dh), ESMRAMC (9Eh): the MCH decides, for all processors; QEMU "
         "f404220e27"),
    NEEDS("firmware=virgin boot=own smp=3 vga=std"))
{
    REQUIRE_SMM();
    places[0] = mch_low_ram_top() - 4;
    places[1] = 0;
    places[A_SEGMENT] = SMRAM_A_BASE;
    places[3] = mch_low_ram_top() - 0x100000;
    for (uint32_t round = 0; round < 3; round++) {
        mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) & (uint8_t)~ESMRAMC_T_EN);
        mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_OPEN);
        for (uint32_t i = 0; i < PLACES; i++) {
            if (places[i])
                mmio_write32(places[i], PATTERN ^ i);
        }
        expect_everywhere(true, "open", "opened by one CPU, all of them have the memory");
        mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) | ESMRAMC_T_EN);
        mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME);
        expect_everywhere(false, "closed", "closed by one CPU, none of them has");
    }
    if (mch_smbase_window_probe() != SMBASE_WINDOW_OPEN)
        SKIP("the machine type has no SMRAM at the default SMBASE");
    places[1] = SMRAM_WINDOW_BASE;
    mmio_write32(places[1], PATTERN ^ 1);
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        static struct look l;

        smp_call(n, outside, &l, NULL);
        EXPECT_EQ("window-open", l.value[1], PATTERN ^ 1, "the default SMBASE is memory for all");
    }
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    expect_everywhere(false, "window-locked", "and hidden from all once it is locked");
}
