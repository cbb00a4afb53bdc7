/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TSEG page by page: where it begins and ends, for every size and several amounts of RAM. */
#include "firmware/smm.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/memory.h"
#include "kernel/test.h"
#include "tests/smram/access.h"
#include "tests/smram/views.h"

#define MIB 0x100000U

/* In each page, away from its ends, which views_check() uses. */
#define OFFSET  0x7f4U
#define PATTERN 0x8badc0deU
/* Pages below TSEG that must stay RAM. */
#define BELOW 64U

static uint32_t page_pattern(uint32_t address)
{
    return PATTERN ^ address;
}

/* Behind our SMM code and its data, which patterns would destroy. */
static uint32_t free_from(void)
{
    return smm_state.layout.tiles + (smm_state.cpus + SMM_TILE_TAIL) * SMM_TILE_SIZE;
}

static bool in_use(uint32_t address)
{
    return address >= smm_state.layout.base && address < free_from();
}

struct range {
    uint32_t base, end;
    uint32_t skip_base, skip_end; /* pages without a pattern */
};

/* The first page in the range that does not hold its pattern; 0: they all do.  In SMM. */
static uint64_t SMM_CODE first_wrong(struct smm_cpu *cpu, void *arg)
{
    const struct range *r = arg;

    (void)cpu;
    for (uint32_t page = r->base; page < r->end; page += PAGE_SIZE) {
        if (page >= r->skip_base && page < r->skip_end)
            continue;
        if (mmio_read32(page + OFFSET) != (PATTERN ^ (page + OFFSET)))
            return page;
    }
    return 0;
}

static void lay_pages(uint32_t base, uint32_t end)
{
    for (uint32_t page = base; page < end; page += PAGE_SIZE) {
        if (!in_use(page))
            mmio_write32(page + OFFSET, page_pattern(page + OFFSET));
    }
}

static void check_from_outside(const struct smram_state *s)
{
    for (uint32_t page = s->tseg_base - BELOW * PAGE_SIZE; page < s->tseg_end; page += PAGE_SIZE) {
        bool hidden = page >= s->tseg_base;
        uint32_t want = hidden ? 0xffffffff : page_pattern(page + OFFSET);
        uint32_t got;

        if (!hidden && in_use(page))
            continue;
        got = mmio_read32(page + OFFSET);
        if (got != want) {
            FAIL_CHECK("pages-outside", "TSEG is hidden, all of it and nothing else",
                       "CPU outside SMM reads %#x at %#x, wanted %#x, TSEG %#x-%#x", got,
                       page + OFFSET, want, s->tseg_base, s->tseg_end - 1);
            return;
        }
        /* Whether it has changed anything will be seen from SMM. */
        if (hidden && !in_use(page))
            mmio_write32(page + OFFSET, 0);
    }
    EXPECT_TRUE("pages-outside", true, "TSEG is hidden, all of it and nothing else");
}

/* A device takes longer: some of the pages only. */
static void check_from_device(const struct smram_state *s)
{
    static struct access_list l;

    for (uint32_t page = s->tseg_base; page < s->tseg_end;
         page += (s->tseg_end - s->tseg_base) / 32) {
        uint64_t got;

        l.count = 0;
        access_add(&l, page + 8, 8, NULL);
        access_run(VIEW_DMA, &l);
        got = *(const uint64_t *)l.access[0].value;
        CONTEXT("fw_cfg DMA, 8 bytes at %#x", page + 8);
        EXPECT_EQ("pages-dma", got, UINT64_MAX, "a device reads FFh all over TSEG");
    }
    CONTEXT_CLEAR();
}

static void check_from_smm(const struct smram_state *s)
{
    struct range r = {s->tseg_base - BELOW * PAGE_SIZE, s->tseg_end, smm_state.layout.base,
                      free_from()};

    CONTEXT("TSEG %#x-%#x", s->tseg_base, s->tseg_end - 1);
    EXPECT_EQ("pages-smm", smm_run(first_wrong, &r), 0,
              "SMM has all of TSEG's RAM, as it was, in its place");
    CONTEXT_CLEAR();
}

/* A machine with RAM above 4 GiB has more RAM to show there, were TSEG longer than it says. */
static void check_behind(const struct smram_state *s)
{
    static const uint8_t value[4] = {0xfe, 0xca, 0xad, 0x0b};
    static struct access_list l;

    l.count = 0;
    for (uint32_t n = 0; n < 8; n++)
        access_add(&l, s->tseg_end + n * MIB, sizeof(value), value);
    for (uint32_t n = 0; n < 8; n++)
        access_add(&l, s->tseg_end + n * MIB, sizeof(value), NULL);
    access_run(VIEW_SMM, &l);
    for (uint32_t n = 8; n < l.count; n++) {
        CONTEXT("CPU in SMM, 4 bytes at %#x", l.access[n].address);
        EXPECT_NE("behind", *(const uint32_t *)l.access[n].value, *(const uint32_t *)value,
                  "behind TSEG is no RAM, in SMM neither");
    }
    CONTEXT_CLEAR();
}

/* from: TSEG_SZ that is in force when this size is set; 0: that, too, or none. */
static void check_size(uint8_t tseg_sz, uint32_t mib, uint32_t top, uint8_t from)
{
    struct smram_state s = {
        .g = true, .t = true, .tseg_sz = tseg_sz, .tseg_base = top - mib * MIB, .tseg_end = top};

    views_open();
    lay_pages(s.tseg_base - BELOW * PAGE_SIZE, s.tseg_end);
    views_lay(&s);
    if (from) {
        mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME);
        mch_write8(MCH_ESMRAMC, ESMRAMC_T_EN | from);
        EXPECT_EQ("from", mmio_read32(s.tseg_base - MIB / 2), 0xffffffff, "a larger TSEG hides it");
    }
    views_set(&s);
    check_from_outside(&s);
    check_from_device(&s);
    check_from_smm(&s);
    check_behind(&s);
    views_check(&s, false);
    if (tseg_sz == ESMRAMC_TSEG_SZ_EXT) {
        /* Intel's sizes: tests/smram/combinations.c. */
        s.open = true;
        views_set(&s);
        views_check(&s, false);
        s.open = false;
    }
    views_open();
    views_restore();
    views_set(&s);
}

/* mib: of the extended TSEG, 0: whatever the machine type has; top: of low RAM, in MiB. */
static void all_sizes(uint32_t mib, uint32_t top)
{
    uint32_t extended = mch_ext_tseg_query();

    if (mib && extended != mib)
        SKIP("the extended TSEG has %u MiB, this is about %u", extended, mib);
    /* The smallest one first, so that what follows must grow. */
    mch_write8(MCH_ESMRAMC, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_1M);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME);
    mch_write8(MCH_ESMRAMC, 0);
    REQUIRE_SMM();
    check_size(ESMRAMC_TSEG_SZ_1M, 1, top * MIB, 0);
    check_size(ESMRAMC_TSEG_SZ_2M, 2, top * MIB, 0);
    check_size(ESMRAMC_TSEG_SZ_8M, 8, top * MIB, 0);
    if (extended)
        check_size(ESMRAMC_TSEG_SZ_EXT, extended, top * MIB, 0);
    check_size(ESMRAMC_TSEG_SZ_1M, 1, top * MIB, ESMRAMC_TSEG_SZ_8M);
}

#define WHERE                                                                                  \
    "Q35 MCH datasheet, ESMRAMC (9Eh): TSEG_SZ, TSEG at the top of low RAM; QEMU 2f295167e0, " \
    "bafc90bdc5"
#define TSEG(name, words, mib, top)                                             \
    TEST(smram, name,                                                           \
         "TSEG of every size ends where low RAM ends, hides all its pages and " \
         "nothing else",                                                        \
         SPEC(WHERE), NEEDS("firmware=virgin boot=own " words))                 \
    {                                                                           \
        all_sizes(mib, top);                                                    \
    }

TSEG(tseg_128m, "mem=128 global=mch.extended-tseg-mbytes=16", 16, 128)
TSEG(tseg_256m, "mem=256", 0, 256)
/* 2.75 GiB or more are split: 2 GiB stay below 4 GiB (hw/i386/pc_q35.c). */
TSEG(tseg_3g, "mem=3072", 0, 2048)
TSEG(tseg_extended_1m, "global=mch.extended-tseg-mbytes=1", 1, 256)
TSEG(tseg_extended_48m, "global=mch.extended-tseg-mbytes=48", 48, 256)
TSEG(tseg_extended_64m, "global=mch.extended-tseg-mbytes=64", 64, 256)

/* TSEG_SZ in the register's order, and the MiB that belong to it. */
static const uint32_t size_mib[] = {1, 2, 8, 16};

static void resize(uint8_t esmramc, uint8_t smram)
{
    mch_write8(MCH_ESMRAMC, esmramc);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | smram);
}

/* Outside SMM, at both sides of every border that any size has. */
static void expect_border(uint32_t size, uint32_t from)
{
    uint32_t top = mch_low_ram_top();

    for (uint32_t i = 0; i < sizeof(size_mib) / sizeof(size_mib[0]); i++) {
        uint32_t border = top - size_mib[i] * MIB;

        CONTEXT("TSEG_SZ %u behind %u, SMRAM %#x, ESMRAMC %#x, border at %#x", size, from,
                mch_read8(MCH_SMRAM), mch_read8(MCH_ESMRAMC), border);
        EXPECT_EQ("resized-below", mmio_read32(border - 4),
                  i < size ? 0xffffffff : page_pattern(border - 4),
                  "memory is hidden from the new TSEG's base on");
        EXPECT_EQ("resized", mmio_read32(border), i <= size ? 0xffffffff : page_pattern(border),
                  "and not before");
    }
    CONTEXT_CLEAR();
}

TEST(smram, tseg_resized, "TSEG has its new size at once, in any state of the other segments",
     SPEC(WHERE "; SMRAM (9Dh): D_CLS opens nothing"),
     NEEDS("firmware=virgin boot=own global=mch.extended-tseg-mbytes=16"))
{
    static const uint8_t others[][2] = {{0, 0},
                                        {0, SMRAM_D_CLS},
                                        {ESMRAMC_H_SMRAME, 0},
                                        {ESMRAMC_H_SMRAME, SMRAM_D_CLS},
                                        {0, SMRAM_D_OPEN},
                                        {ESMRAMC_H_SMRAME, SMRAM_D_OPEN}};

    for (uint32_t i = 0; i < sizeof(size_mib) / sizeof(size_mib[0]); i++) {
        uint32_t border = mch_low_ram_top() - size_mib[i] * MIB;

        mmio_write32(border - 4, page_pattern(border - 4));
        mmio_write32(border, page_pattern(border));
    }
    for (uint32_t n = 0; n < sizeof(others) / sizeof(others[0]); n++) {
        for (uint32_t pair = 0; pair < 16; pair++) {
            uint8_t from = pair / 4, to = pair % 4;

            resize((uint8_t)(ESMRAMC_T_EN | from << 1 | others[n][0]), others[n][1]);
            resize((uint8_t)(ESMRAMC_T_EN | to << 1 | others[n][0]), others[n][1]);
            expect_border(to, from);
        }
    }
}
