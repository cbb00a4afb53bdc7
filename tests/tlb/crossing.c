/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translations that a CPU remembers must not cross the border between SMM and the rest, in either
 * direction: what was looked up outside, where SMRAM is hidden, is looked up again inside, and the
 * other way round.
 */
#include "firmware/smm.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/tlb/modes.h"

#define MIB       0x100000U
#define VECTOR_UD 6

#define RUNNER 1U /* the CPU that changes modes; the BSP looks after SMRAM */

#define SECRET     0x5ec2e7aaU /* what SMRAM holds at first */
#define FROM_SMM   0x5a5a11abU /* written inside */
#define FROM_OUTER 0xbad0bad0U /* written outside: must not arrive */

/* In each page: data, and the same code for both sides, which differ in how it returns. */
#define DATA_OFFSET     0x100U
#define CODE_OFFSET     0x200U
#define SMM_CODE_OFFSET 0x280U

/* What the SMI handler does around its access. */
enum handler { HANDLER_PLAIN, HANDLER_PE, HANDLER_CR4, HANDLER_PAGING };

static const char handler_names[][28] = {"plain", "toggles CR0.PE", "toggles CR4.PSE",
                                         "with paging"};

/* Pages of SMRAM, a fresh one for every case. */
struct pages {
    const char *name;
    uint32_t base, end, next;
};

static uint32_t next_page(struct pages *p)
{
    uint32_t page = p->next;

    p->next = page + PAGE_SIZE < p->end ? page + PAGE_SIZE : p->base;
    return page;
}

struct fill {
    uint32_t page;
    uint8_t code[16], smm_code[16];
};

static uint64_t SMM_CODE fill_page(struct smm_cpu *cpu, void *arg)
{
    const struct fill *f = arg;

    (void)cpu;
    mmio_write32(f->page + DATA_OFFSET, SECRET);
    memcpy((void *)(uintptr_t)(f->page + CODE_OFFSET), f->code, sizeof(f->code));
    memcpy((void *)(uintptr_t)(f->page + SMM_CODE_OFFSET), f->smm_code, sizeof(f->smm_code));
    return 0;
}

static uint64_t SMM_CODE read_data(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    return mmio_read32(*(const uint32_t *)arg + DATA_OFFSET);
}

struct case_ {
    const struct mode *mode;
    struct pages *pages;
    uint32_t page_tables;
    uint32_t smm_tables; /* for HANDLER_PAGING */
    enum handler handler;
    uint32_t page;
    struct steps steps;
};

/* A fresh page with the secret and code, and no steps yet. */
static void begin(struct case_ *c)
{
    struct fill f;

    memset(&c->steps, 0, sizeof(c->steps));
    f.page = c->page = next_page(c->pages);
    mode_code(c->mode, false, f.code);
    mode_code(c->mode, true, f.smm_code);
    smm_run(fill_page, &f);
}

static void handler_begins(struct case_ *c)
{
    if (c->handler == HANDLER_PE)
        steps_inner(&c->steps, STEP_PE, 0, 0);
    if (c->handler == HANDLER_CR4)
        steps_inner(&c->steps, STEP_CR4, 0, 0);
    if (c->handler == HANDLER_PAGING)
        steps_inner(&c->steps, STEP_PAGING, 0, c->smm_tables);
}

static void handler_ends(struct case_ *c)
{
    if (c->handler == HANDLER_PE)
        steps_inner(&c->steps, STEP_PE, 0, 0);
    if (c->handler == HANDLER_CR4)
        steps_inner(&c->steps, STEP_CR4, 0, 0);
    if (c->handler == HANDLER_PAGING)
        steps_inner(&c->steps, STEP_NO_PAGING, 0, 0);
}

static void run(struct case_ *c)
{
    CONTEXT("%s, handler %s, %s at %#x", c->mode->name, handler_names[c->handler], c->pages->name,
            c->page);
    REQUIRE_TRUE("returns", mode_run(RUNNER, c->mode, c->page_tables, &c->steps),
                 "the CPU comes back from the mode");
    for (uint32_t i = 0; i < c->steps.outer_count; i++) {
        if (c->steps.outer[i].op != STEP_EXECUTE)
            EXPECT_EQ("faultless", c->steps.outer[i].exception, 0,
                      "no data access outside SMM raises an exception");
    }
    for (uint32_t i = 0; i < c->steps.inner_count; i++) {
        if (c->steps.inner[i].op != STEP_EXECUTE)
            EXPECT_EQ("faultless-smm", c->steps.inner[i].exception, 0,
                      "no data access in SMM raises an exception");
    }
}

static void expect_hidden_code(const char *id, const struct step *s, const char *sentence)
{
    EXPECT_EQ(id, s->exception ? s->exception - 1 : 0, VECTOR_UD, sentence);
}

static void reads(struct case_ *c)
{
    uint32_t outer, inner;

    begin(c);
    outer = steps_outer(&c->steps, STEP_READ, c->page + DATA_OFFSET, 0);
    steps_outer(&c->steps, STEP_SMI, 0, SMM_CMD_PING);
    handler_begins(c);
    inner = steps_inner(&c->steps, STEP_READ, c->page + DATA_OFFSET, 0);
    handler_ends(c);
    run(c);
    EXPECT_EQ("hidden", c->steps.outer[outer].value, 0xffffffff, "outside, SMRAM reads FFh");
    EXPECT_EQ("entry-read", c->steps.inner[inner].value, SECRET,
              "read outside and then in SMM: SMM reads SMRAM");

    begin(c);
    steps_outer(&c->steps, STEP_SMI, 0, SMM_CMD_PING);
    handler_begins(c);
    inner = steps_inner(&c->steps, STEP_READ, c->page + DATA_OFFSET, 0);
    handler_ends(c);
    outer = steps_outer(&c->steps, STEP_READ, c->page + DATA_OFFSET, 0);
    run(c);
    EXPECT_EQ("smm", c->steps.inner[inner].value, SECRET, "SMM reads SMRAM");
    EXPECT_EQ("exit-read", c->steps.outer[outer].value, 0xffffffff,
              "read in SMM and then outside: FFh, not SMRAM");
}

static void writes(struct case_ *c)
{
    begin(c);
    steps_outer(&c->steps, STEP_WRITE, c->page + DATA_OFFSET, FROM_OUTER);
    steps_outer(&c->steps, STEP_SMI, 0, SMM_CMD_PING);
    handler_begins(c);
    steps_inner(&c->steps, STEP_WRITE, c->page + DATA_OFFSET, FROM_SMM);
    handler_ends(c);
    run(c);
    EXPECT_EQ("entry-write", smm_run(read_data, &c->page), FROM_SMM,
              "written outside and then in SMM: SMM's value is in SMRAM");

    begin(c);
    steps_outer(&c->steps, STEP_SMI, 0, SMM_CMD_PING);
    handler_begins(c);
    steps_inner(&c->steps, STEP_WRITE, c->page + DATA_OFFSET, FROM_SMM);
    handler_ends(c);
    steps_outer(&c->steps, STEP_WRITE, c->page + DATA_OFFSET, FROM_OUTER);
    run(c);
    EXPECT_EQ("exit-write", smm_run(read_data, &c->page), FROM_SMM,
              "written in SMM and then outside: the latter does not arrive");
}

static void fetches(struct case_ *c)
{
    uint32_t outer, inner;

    begin(c);
    outer = steps_outer(&c->steps, STEP_EXECUTE, c->page + CODE_OFFSET, 0);
    steps_outer(&c->steps, STEP_SMI, 0, SMM_CMD_PING);
    handler_begins(c);
    inner = steps_inner(&c->steps, STEP_EXECUTE, c->page + SMM_CODE_OFFSET, 0);
    handler_ends(c);
    run(c);
    expect_hidden_code("hidden-code", &c->steps.outer[outer], "outside, SMRAM's FFh are #UD");
    EXPECT_EQ("entry-fetch", c->steps.inner[inner].value, MODES_COOKIE,
              "executed outside and then in SMM: SMM runs the code in SMRAM");

    begin(c);
    steps_outer(&c->steps, STEP_SMI, 0, SMM_CMD_PING);
    handler_begins(c);
    inner = steps_inner(&c->steps, STEP_EXECUTE, c->page + SMM_CODE_OFFSET, 0);
    handler_ends(c);
    outer = steps_outer(&c->steps, STEP_EXECUTE, c->page + CODE_OFFSET, 0);
    run(c);
    EXPECT_EQ("smm-code", c->steps.inner[inner].value, MODES_COOKIE, "SMM runs the code in SMRAM");
    expect_hidden_code("exit-fetch", &c->steps.outer[outer],
                       "executed in SMM and then outside: #UD from FFh, not SMRAM's code");
}

static struct pages window = {"default SMBASE", SMRAM_WINDOW_BASE,
                              SMRAM_WINDOW_BASE + SMRAM_WINDOW_SIZE, SMRAM_WINDOW_BASE};
static struct pages tseg = {.name = "TSEG"};

/* SMRAM closed, the runner with its own SMBASE and handler. */
static void prepare(void)
{
    REQUIRE_SMM();
    if (mch_smbase_window_probe() != SMBASE_WINDOW_OPEN)
        SKIP("the machine type has no SMRAM at the default SMBASE");
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    /* TSEG's last megabyte holds none of our SMM code. */
    tseg.base = tseg.next = mch_low_ram_top() - MIB;
    tseg.end = mch_low_ram_top();
    modes_init();
    mode_take_smbase(RUNNER);
}

static void all_accesses(const struct mode *m, enum handler handler)
{
    static const struct mode smm_paging = {.name = "", .paging = PAGING_32_4M};
    struct case_ c = {.mode = m, .handler = handler};
    uint32_t addresses[] = {MODES_CODE, SMRAM_WINDOW_BASE, tseg.base};

    if (!mode_supported(m)) {
        SKIP_CHECK("mode", "%s: not on this CPU", m->name);
        return;
    }
    mode_forget_page_tables();
    c.page_tables = mode_page_tables(m, addresses);
    c.smm_tables = mode_page_tables(&smm_paging, addresses);
    for (uint32_t i = 0; i < 2; i++) {
        c.pages = i ? &tseg : &window;
        if (i && m->kind == KIND_REAL)
            continue;
        reads(&c);
        writes(&c);
        /* Real mode reaches no code above 1 MiB. */
        if (!i || m->kind >= KIND_PROTECTED16)
            fetches(&c);
    }
    CONTEXT_CLEAR();
}

#define FLUSH                                                                                     \
    "Intel SDM vol. 3, 34.14.1-2: SMI delivery and RSM invalidate linear mappings; AMD APM vol. " \
    "2, 15.16.1: SMI and RSM flush the TLB"
#define MACHINE "smp=2 boot=own machine>=pc-q35-5.0"

TEST(tlb, real_mode, "no translation crosses the border of SMM in real mode", SPEC(FLUSH),
     NEEDS(MACHINE))
{
    static const struct mode m = {"real mode", KIND_REAL, PAGING_NONE, false, 0};

    prepare();
    all_accesses(&m, HANDLER_PLAIN);
}

TEST(tlb, big_real_mode,
     "no translation crosses the border of SMM in real mode with 4 GiB segments", SPEC(FLUSH),
     NEEDS(MACHINE))
{
    static const struct mode m = {"big real mode", KIND_BIG_REAL, PAGING_NONE, false, 0};

    prepare();
    all_accesses(&m, HANDLER_PLAIN);
}

TEST(tlb, real_mode_handlers, "the same where the handler changes CR0 or CR4, or CR4 was not 0",
     SPEC(FLUSH), NEEDS(MACHINE))
{
    static const struct mode modes[] = {
        {"real mode", KIND_REAL, PAGING_NONE, false, 0},
        {"big real mode", KIND_BIG_REAL, PAGING_NONE, false, 0},
    };
    static const struct mode with_cr4 = {"big real mode, CR4.PSE", KIND_BIG_REAL, PAGING_NONE,
                                         false, 1 << 4};

    prepare();
    for (uint32_t i = 0; i < 2; i++) {
        all_accesses(&modes[i], HANDLER_PE);
        all_accesses(&modes[i], HANDLER_CR4);
        all_accesses(&modes[i], HANDLER_PAGING);
    }
    all_accesses(&with_cr4, HANDLER_PLAIN);
}

/* All modes, and with the first one every handler. */
static void all_modes(const struct mode *modes, uint32_t count)
{
    prepare();
    for (uint32_t h = HANDLER_PLAIN; h <= HANDLER_PAGING; h++)
        all_accesses(&modes[0], (enum handler)h);
    for (uint32_t i = 1; i < count; i++)
        all_accesses(&modes[i], HANDLER_PLAIN);
}

TEST(tlb, protected_mode, "no translation crosses the border of SMM in protected mode", SPEC(FLUSH),
     NEEDS(MACHINE))
{
    static const struct mode modes[] = {
        {"16-bit protected mode", KIND_PROTECTED16, PAGING_NONE, false, 0},
        {"32-bit protected mode", KIND_32, PAGING_NONE, false, 0},
    };

    all_modes(modes, 2);
}

TEST(tlb, paging, "no translation crosses the border of SMM with paging", SPEC(FLUSH),
     NEEDS(MACHINE))
{
    static const struct mode modes[] = {
        {"32-bit paging, 4 KiB", KIND_32, PAGING_32_4K, false, 0},
        {"32-bit paging, 4 KiB global", KIND_32, PAGING_32_4K, true, 0},
        {"32-bit paging, 4 MiB", KIND_32, PAGING_32_4M, false, 0},
        {"32-bit paging, 4 MiB global", KIND_32, PAGING_32_4M, true, 0},
        {"PAE paging, 4 KiB", KIND_32, PAGING_PAE_4K, false, 0},
        {"PAE paging, 4 KiB global", KIND_32, PAGING_PAE_4K, true, 0},
        {"PAE paging, 2 MiB", KIND_32, PAGING_PAE_2M, false, 0},
        {"PAE paging, 2 MiB global", KIND_32, PAGING_PAE_2M, true, 0},
    };

    all_modes(modes, sizeof(modes) / sizeof(modes[0]));
}

TEST(tlb, long_mode, "no translation crosses the border of SMM in long mode", SPEC(FLUSH),
     NEEDS(MACHINE " arch=x86_64 cpu=max"))
{
    static const struct mode modes[] = {
        {"compatibility mode, 4 KiB", KIND_COMPATIBLE, PAGING_LONG_4K, false, 0},
        {"compatibility mode, 2 MiB global", KIND_COMPATIBLE, PAGING_LONG_2M, true, 0},
        {"64-bit mode, 4 KiB", KIND_64, PAGING_LONG_4K, false, 0},
        {"64-bit mode, 4 KiB global", KIND_64, PAGING_LONG_4K, true, 0},
        {"64-bit mode, 2 MiB", KIND_64, PAGING_LONG_2M, false, 0},
        {"64-bit mode, 2 MiB global", KIND_64, PAGING_LONG_2M, true, 0},
        {"64-bit mode, 1 GiB", KIND_64, PAGING_LONG_1G, false, 0},
    };

    all_modes(modes, sizeof(modes) / sizeof(modes[0]));
}
