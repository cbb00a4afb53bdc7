/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SMBASE where no firmware has it: in ordinary memory, at no multiple of 32 KiB, at no multiple of
 * 16 at all, which CS cannot express, and so high that SMBASE + 8000h exceeds 32 bits. Where the
 * manuals leave open what SMBASE means, no outcome is an SMI that is lost or taken twice, a state
 * save area that RSM does not find, or a write to memory elsewhere.
 */
#include "firmware/smm.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/host.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "smm/savestate.h"
#include "tests/smm/visitor.h"

#define GIB_4 UINT64_C(0x100000000)
#define NOP   0x90U
/* Memory that is watched around every visit, in bytes. */
#define WATCHED 0x20000U

struct visit {
    uint32_t smbase;
    uint32_t rounded; /* the same without the bits that a processor may ignore */
    uint32_t watched; /* begin of the memory that is watched */
    uint32_t base;    /* CS base as it turned out: smbase or rounded */
    bool high;        /* the save area may as well be behind 4 GiB */
};

static uint32_t before[WATCHED / 4]; /* what the visit finds there */

static void read_memory(const struct visit *v, uint32_t *to)
{
    for (uint32_t i = 0; i < WATCHED / 4; i++)
        to[i] = mmio_read32(v->watched + 4 * i);
}

static void write_memory(const struct visit *v, const uint32_t *from)
{
    for (uint32_t i = 0; i < WATCHED / 4; i++)
        mmio_write32(v->watched + 4 * i, from[i]);
}

/* A pattern, zeros where marks come, the handler behind as many NOPs as bytes may be ignored. */
static void prepare(const struct visit *v, uint32_t own)
{
    uint32_t entry = v->rounded + SMM_ENTRY_OFFSET;

    for (uint32_t i = 0; i < WATCHED / 4; i++)
        before[i] = 0x81a5c3e7 ^ i * 0x01000193;
    write_memory(v, before);
    for (uint32_t i = 0; i < VISITOR_MARKS + 16; i++)
        mmio_write8(v->rounded + VISITOR_ENTERED + i, 0);
    for (uint32_t i = 0; i < 16; i++)
        mmio_write8(entry++, NOP);
    visitor_put(entry, own);
    read_memory(v, before);
}

static bool may_change(const struct visit *v, uint32_t at)
{
    uint32_t offset = at - v->base;

    return offset - VISITOR_ENTERED < VISITOR_MARKS ||
           (offset >= SMM_SAVE_OFFSET && offset - SMM_SAVE_OFFSET < SMM_SAVE_SIZE);
}

static void check_memory(const struct visit *v)
{
    static const char sentence[] = "no other memory changes than the state save area";

    for (uint32_t i = 0; i < WATCHED; i++) {
        uint32_t at = v->watched + i;
        uint8_t was = ((const uint8_t *)before)[i];

        if (i % 4 == 0 && mmio_read32(at) == before[i / 4])
            i += 3;
        else if (mmio_read8(at) != was && !may_change(v, at)) {
            FAIL_CHECK("elsewhere", sentence, "byte %#x is %#x, was %#x", at, mmio_read8(at), was);
            return;
        }
    }
    EXPECT_TRUE("elsewhere", true, sentence);
}

static bool is_revision(uint32_t at)
{
    uint32_t revision = mmio_read32(at);

    return (revision & 0xffff) == SMM_REV_AMD64 || (revision && !(revision & 0xffff));
}

static void visit(struct visit *v)
{
    struct smm_cpu_report *r = smm_report_of(smp_apic_id(smp_self()));
    uint32_t entries;

    CONTEXT("SMBASE %#x, CPU in SMM", v->smbase);
    prepare(v, r->smbase);
    smm_run(visitor_move, &v->smbase);
    entries = r->entries;
    apm_write(SMM_CMD_PING, 0);
    v->base = mmio_read16(v->smbase + VISITOR_ENTERED) == 1 ? v->smbase : v->rounded;
    REQUIRE_EQ("entered", mmio_read16(v->base + VISITOR_ENTERED), 1,
               "the next SMI is taken at SMBASE + 8000h, once (SDM vol. 3, 34.4, 34.11)");
    EXPECT_EQ("selector", mmio_read16(v->base + VISITOR_SELECTOR), v->smbase >> 4 & 0xffff,
              "CS is SMBASE >> 4 (SDM vol. 3, Table 34-4)");
    EXPECT_EQ("left", r->entries, entries, "and no longer where it was");
    check_memory(v);
    if (v->high && !is_revision(v->base + 0xfefc))
        return;
    EXPECT_TRUE("save-area", is_revision(v->base + 0xfefc),
                "the save area is at SMBASE + FE00h, with a revision identifier");
    apm_write(SMM_CMD_PING, 0);
    EXPECT_EQ("back", r->entries, entries + 1, "RSM brings the old SMBASE back");
    EXPECT_EQ("once", mmio_read16(v->base + VISITOR_ENTERED), 1,
              "which the CPU does not leave again");
}

TEST(relocation, elsewhere, "SMBASE may be any multiple of 16, in ordinary memory too",
     SPEC("Intel SDM vol. 3, 34.11 SMBASE Relocation: 32 KiB alignment for Pentium and Intel486 "
          "only; AMD APM vol. 2, 10.2.2"),
     NEEDS("boot=own"))
{
    uint32_t half = mch_low_ram_top() / 2;
    const uint32_t places[] = {half,           half + 0x8000,  half + 0x10, half + 0x8ff0,
                               half + 0x12340, half + 0x3fff0, 0x06000000,  0x05fffff0};

    REQUIRE_SMM();
    for (uint32_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct visit v = {.smbase = places[i], .rounded = places[i], .watched = places[i] - 0x8000};

        visit(&v);
    }
    CONTEXT_CLEAR();
}

TEST(relocation, unaligned,
     "SMBASE that is no multiple of 16 is taken, with its low bits or without",
     SPEC("Intel SDM vol. 3, 34.11: alignment for Pentium and Intel486 only; AMD64: bits 3:0 of "
          "SMM_BASE are 0"),
     NEEDS("boot=own"))
{
    static const uint32_t low_bits[] = {1, 2, 3, 4, 7, 8, 0xc, 0xf};
    uint32_t half = mch_low_ram_top() / 2;

    REQUIRE_SMM();
    for (uint32_t i = 0; i < sizeof(low_bits) / sizeof(low_bits[0]); i++) {
        /* The last bytes of the save area lie on the next page, with one of the bases or both. */
        uint32_t rounded = half + i * 0x100000 + (i & 1 ? 0xff0 : 0);
        struct visit v = {
            .smbase = rounded + low_bits[i], .rounded = rounded, .watched = rounded - 0x8000};

        visit(&v);
    }
    CONTEXT_CLEAR();
}

/* Memory behind 4 GiB, of which nothing is used: zeros, unless the state was saved there. */
static void check_behind_4g(const struct visit *v)
{
    static const char sentence[] = "no memory changes behind 4 GiB, but for a state save area";
    static uint8_t bytes[4 * SMM_SAVE_SIZE];
    uint64_t save = GIB_4 + (v->base + SMM_SAVE_OFFSET), from = save - SMM_SAVE_SIZE;

    host_peek(from, bytes, sizeof(bytes));
    for (uint32_t i = 0; i < sizeof(bytes); i++) {
        if (!bytes[i] || from + i - save < SMM_SAVE_SIZE)
            continue;
        FAIL_CHECK("behind-4g", sentence, "SMBASE %#x: byte %#llx is %#x, was 0", v->smbase,
                   (unsigned long long)from + i, bytes[i]);
        return;
    }
    EXPECT_TRUE("behind-4g", true, sentence);
}

/* Linear addresses have 32 bits while paging is off; where the state is saved, nobody says. */
TEST(relocation, wrapped, "behind 4 GiB, SMBASE + 8000h is at the begin of memory again",
     SPEC("Intel SDM vol. 3, 34.5.1: addresses 0 to FFFFFFFFh; AMD APM vol. 2, 10.2.2: SMBASE "
          "below 4 GiB"),
     NEEDS("boot=own mem=3072 host=peek"))
{
    static const uint32_t places[] = {0xffff8000, 0xffff8010, 0xffff9000, 0xffffc008,
                                      0xfffff000, 0xfffffff0, 0xffffffff};
    uint32_t *kept = page_reserve(WATCHED);

    REQUIRE_SMM();
    if (!host_init())
        ERROR("there is no host on COM2");
    for (uint32_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct visit v = {.smbase = places[i], .rounded = places[i] & ~15U, .high = true};

        read_memory(&v, kept);
        visit(&v);
        write_memory(&v, kept);
        check_behind_4g(&v);
    }
    CONTEXT_CLEAR();
}

TEST(relocation, above_2g, "SMBASE may be above 2 GiB: it has 32 bits, in TSEG and elsewhere",
     SPEC("Intel SDM vol. 3, 34.4: SMRAM anywhere in 4 GiB; 34.11: a 32-bit field; AMD APM vol. 2, "
          "10.2.2"),
     NEEDS("boot=own mem=2560"))
{
    const uint32_t places[] = {0x80000000, 0x90008000, 0x8ffffff0};
    uint32_t own;

    REQUIRE_SMM();
    own = smm_report_of(smp_apic_id(smp_self()))->smbase;
    if (own < places[0])
        SKIP("TSEG is at %#x, below 2 GiB", own);
    EXPECT_EQ("tseg", smm_report_of(smp_apic_id(smp_self()))->saved_smbase, own,
              "the CPU is relocated into a TSEG above 2 GiB");
    for (uint32_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        struct visit v = {.smbase = places[i], .rounded = places[i], .watched = places[i] - 0x8000};

        visit(&v);
    }
    CONTEXT_CLEAR();
}
