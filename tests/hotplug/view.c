/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of SMRAM a CPU sees that came later than the registers that hide it. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpuhp.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "smm/savestate.h"
#include "tests/hotplug/scenario.h"

#define EACH                                                                          \
    "Q35 MCH datasheet, SMRAM (9Dh), ESMRAMC (9Eh): the MCH decides, for every CPU; " \
    "QEMU f404220e27; Intel SDM vol. 3, 34.13"
#define PLACES    6U
#define A_SEGMENT 4U
#define PATTERN   0x8bad1deaU
#define SLOT      7U

static uint32_t place[PLACES];
static uint32_t truth[PLACES], seen[PLACES];

static uint64_t SMM_CODE look(struct smm_cpu *cpu, void *arg)
{
    uint32_t *value = arg;

    (void)cpu;
    for (uint32_t i = 0; i < PLACES; i++)
        value[i] = mmio_read32(place[i]);
    return 0;
}

/* Of the A-segment only, where nothing lives. */
static uint64_t SMM_CODE mark(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    mmio_write32(place[A_SEGMENT], *(const uint32_t *)arg);
    return 0;
}

static uint64_t look_outside(void *arg)
{
    return look(NULL, arg);
}

static uint64_t write_outside(void *arg)
{
    (void)arg;
    for (uint32_t i = 0; i < PLACES; i++)
        mmio_write32(place[i], ~truth[i]);
    return 0;
}

static void expect_truth(const char *id, const char *sentence)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        CONTEXT("4 bytes at %#x", place[i]);
        EXPECT_EQ(id, seen[i], truth[i], sentence);
    }
    CONTEXT_CLEAR();
}

static void expect_hidden(uint32_t n, const char *id, const char *sentence)
{
    smp_call(n, look_outside, seen, NULL);
    for (uint32_t i = 0; i < PLACES; i++) {
        CONTEXT("4 bytes at %#x", place[i]);
        if (i == A_SEGMENT)
            EXPECT_NE(id, seen[i], truth[i], sentence);
        else
            EXPECT_EQ(id, seen[i], 0xffffffff, sentence);
    }
    CONTEXT_CLEAR();
}

static void check(uint32_t n)
{
    expect_hidden(n, "outside", "outside SMM the new CPU sees nothing of SMRAM");
    smp_call(n, write_outside, NULL, NULL);
    REQUIRE_TRUE("run", smm_run_on(n, look, seen, false).done, "the new CPU takes an SMI");
    expect_truth("inside", "in SMM it sees SMRAM, where nothing that it wrote outside has arrived");
    smm_run(look, seen);
    expect_truth("boot-cpu", "nor does the boot CPU see any of it");
    expect_hidden(n, "outside-again", "back from SMM, it sees nothing again");
}

TEST(hotplug, smram_view, "a plugged CPU sees SMRAM in SMM, and none of it outside", SPEC(EACH),
     NEEDS("host=plug,wait boot=own group=scenario timeout=40 smp=2 maxcpus=12 sockets=4 dies=1 "
           "cores=3 threads=1 firmware=virgin vga=std"))
{
    struct scenario s = {.mode = SMM_DEFAULT_WINDOW, .broadcast = true, .slot = SLOT};
    uint32_t n, other = PATTERN;

    scenario_run(&s);
    n = smp_find((uint32_t)cpuhp_arch_id(SLOT));
    REQUIRE_TRUE("there", n < smp_cpus(), "the new CPU works for the operating system");
    place[0] = mch_tseg_base();
    place[1] = mch_tseg_base() + mch_tseg_size() / 2;
    place[2] = mch_tseg_base() + mch_tseg_size() - 4;
    place[3] = DEFAULT_SMBASE + SMM_ENTRY_OFFSET;
    place[A_SEGMENT] = SMRAM_A_BASE;
    place[5] = DEFAULT_SMBASE + 0x1fffc; /* the locked range is 128 KiB */
    smm_run(mark, &other);
    smm_run(look, truth);
    EXPECT_EQ("marked", truth[A_SEGMENT], PATTERN, "in SMM the A-segment is memory");
    check(n);
    other = ~PATTERN;
    REQUIRE_TRUE("run-mark", smm_run_on(n, mark, &other, false).done, "the new CPU takes an SMI");
    truth[A_SEGMENT] = other;
    smm_run(look, seen);
    expect_truth("shared", "what the new CPU writes in SMM, the boot CPU sees there");
    /* The same RAM from the high segment. */
    mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) | ESMRAMC_H_SMRAME);
    place[A_SEGMENT] = SMRAM_HIGH_BASE;
    check(n);
    place[A_SEGMENT] = SMRAM_HIGH_BASE + SMRAM_A_SIZE - 4;
    smm_run(look, truth);
    truth[A_SEGMENT] = PATTERN;
    REQUIRE_TRUE("run-high", smm_run_on(n, mark, &truth[A_SEGMENT], false).done,
                 "the new CPU takes an SMI");
    check(n);
    mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) & (uint8_t)~ESMRAMC_H_SMRAME);
    place[A_SEGMENT] = SMRAM_A_BASE;
    truth[A_SEGMENT] = other;
    firmware_lock_smram();
    check(n);
}
