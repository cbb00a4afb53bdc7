/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tlb/crossing.h"

#include "firmware/smm.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"

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

void crossing_prepare(void)
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

void crossing_all_accesses(const struct mode *m, enum handler handler)
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
