/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables that lie in SMRAM, and page tables that lead there: the walk and the access behind it
 * see memory as the CPU does, inside SMM and outside. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/memory.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"

#define MIB       0x100000U
#define VECTOR_PF 14

#define P_PRESENT UINT64_C(1)
#define P_WRITE   (UINT64_C(1) << 1)
#define P_LARGE   (UINT64_C(1) << 7)
#define P_FRAME   UINT64_C(0x000ffffffffff000)

/* Where nothing is, so that the kernel does not miss it: 2 MiB, and the directory around it. */
#define LINEAR 0x9fe00000U

#define SECRET 0x5ec2e7aaU

extern uint8_t kernel_page_root[];

/* The table behind entry; the low 4 GiB are mapped to themselves. */
static uint64_t *table_behind(uint64_t entry)
{
    return (uint64_t *)(uintptr_t)(entry & P_FRAME);
}

static uint64_t *pointers(void)
{
    uint64_t *root = (uint64_t *)kernel_page_root;

#ifdef __x86_64__
    return table_behind(root[0]);
#else
    return root;
#endif
}

static uint64_t *pointer_entry(void)
{
    return &pointers()[LINEAR >> 30];
}

static uint64_t *directory_entry(void)
{
    return &table_behind(*pointer_entry())[LINEAR >> 21 & 511];
}

static void flush(void)
{
    write_cr3(read_cr3());
}

/* TSEG's last 64 KiB hold none of our SMM code. */
static uint32_t table_place(void)
{
    return mch_low_ram_top() - 16 * PAGE_SIZE;
}

/* Fills a page of SMRAM with 512 entries, or reads one back. */
struct in_smram {
    uint32_t page;
    const uint64_t *entries;
};

static uint64_t SMM_CODE put_page(struct smm_cpu *cpu, void *arg)
{
    const struct in_smram *p = arg;

    (void)cpu;
    memcpy((void *)(uintptr_t)p->page, p->entries, PAGE_SIZE);
    return 0;
}

static uint64_t SMM_CODE compare_page(struct smm_cpu *cpu, void *arg)
{
    const struct in_smram *p = arg;

    (void)cpu;
    return memcmp((void *)(uintptr_t)p->page, p->entries, PAGE_SIZE) == 0;
}

struct access {
    uint32_t address;
    uint32_t value;
    bool write;
};

static void outside(void *arg)
{
    struct access *a = arg;

    if (a->write)
        mmio_write32(a->address, a->value);
    else
        a->value = mmio_read32(a->address);
}

/* With the kernel's page tables, in SMM. */
static uint64_t SMM_CODE inside(struct smm_cpu *cpu, void *arg)
{
    unsigned long own = read_cr3();
    struct access *a = arg;

    (void)cpu;
    write_cr3((uintptr_t)kernel_page_root);
    if (a->write)
        mmio_write32(a->address, a->value);
    else
        a->value = mmio_read32(a->address);
    write_cr3(own);
    return 0;
}

static void expect_no_translation(const char *id, uint32_t address, const char *sentence)
{
    struct access a = {.address = address};

    for (uint32_t write = 0; write < 2; write++) {
        struct trap_caught t;

        a.write = write;
        t = trap_catch(outside, &a);
        CONTEXT("%s at %#x outside SMM", write ? "write" : "read", address);
        EXPECT_TRUE(id, t.caught && t.vector == VECTOR_PF && t.cr2 == address, sentence);
    }
    CONTEXT_CLEAR();
}

static void expect_in_smm(const char *id, uint32_t address, uint32_t want, const char *sentence)
{
    struct access a = {.address = address};
    struct smm_run_result r = smm_run_on(0, inside, &a, true);

    CONTEXT("read at %#x in SMM", address);
    EXPECT_EQ(id, r.caught ? 0 : a.value, want, sentence);
    CONTEXT_CLEAR();
}

#define WALK                                                                               \
    "Q35 MCH datasheet, ESMRAMC (9Eh); QEMU bafc90bdc5: TSEG is hidden from CPUs outside " \
    "SMM; Intel SDM vol. 3, 4.7: reserved bits and clear P are #PF"

/* A table of the last level in TSEG: hidden it has no valid entry. */
TEST(tlb, page_table_in_smram, "a page table in SMRAM serves SMM only, and keeps its accessed bits",
     SPEC(WALK), NEEDS("boot=own"))
{
    static uint64_t entries[512] __attribute__((aligned(4096)));
    static uint32_t target[PAGE_SIZE / 4] __attribute__((aligned(4096)));
    struct in_smram table = {table_place(), entries};
    uint64_t old;

    REQUIRE_SMM();
    for (uint32_t i = 0; i < 512; i++)
        entries[i] = (uintptr_t)target | P_PRESENT | P_WRITE;
    target[0] = SECRET;
    smm_run(put_page, &table);
    old = *directory_entry();
    *directory_entry() = table.page | P_PRESENT | P_WRITE;
    flush();
    expect_no_translation("outside", LINEAR, "outside SMM, the table's entries are not there");
    EXPECT_TRUE("untouched", smm_run(compare_page, &table),
                "the walk from outside has set no accessed or dirty bit in SMRAM");
    expect_in_smm("smm", LINEAR, SECRET, "in SMM they are, and translate");
    expect_no_translation("outside-again", LINEAR, "SMM's translation is not used outside");
    expect_in_smm("smm-again", LINEAR, SECRET, "and the missing one not in SMM");
    EXPECT_EQ("target", target[0], SECRET, "nothing was written through the table");
    *directory_entry() = old;
    flush();
}

/* The level above: a directory, with large pages. */
TEST(tlb, directory_in_smram, "a page directory in SMRAM serves SMM only", SPEC(WALK),
     NEEDS("boot=own"))
{
    static uint64_t entries[512] __attribute__((aligned(4096)));
    struct in_smram directory = {table_place() + PAGE_SIZE, entries};
    uint32_t *target = page_alloc(4 * MIB);
    uint32_t large = ((uint32_t)(uintptr_t)target + 2 * MIB - 1) & ~(2 * MIB - 1);
    uint64_t old;

    REQUIRE_SMM();
    for (uint32_t i = 0; i < 512; i++)
        entries[i] = large | P_PRESENT | P_WRITE | P_LARGE;
    mmio_write32(large, SECRET);
    smm_run(put_page, &directory);
    old = *pointer_entry();
#ifdef __x86_64__
    *pointer_entry() = directory.page | P_PRESENT | P_WRITE;
#else
    *pointer_entry() = directory.page | P_PRESENT;
#endif
    flush();
    expect_no_translation("outside", LINEAR, "outside SMM, the directory's entries are not there");
    EXPECT_TRUE("untouched", smm_run(compare_page, &directory),
                "the walk from outside has set no accessed or dirty bit in SMRAM");
    expect_in_smm("smm", LINEAR, SECRET, "in SMM they are, and translate");
    expect_no_translation("outside-again", LINEAR, "SMM's translation is not used outside");
    EXPECT_EQ("target", mmio_read32(large), SECRET, "nothing was written through the directory");
    *pointer_entry() = old;
    flush();
}

/* The other way round: tables in ordinary memory that lead to SMRAM, as any OS can make them. */
TEST(tlb, tables_that_lead_to_smram, "SMRAM is hidden behind every linear address",
     SPEC("QEMU bafc90bdc5: TSEG is hidden from CPUs outside SMM; Intel SDM vol. 3, 4.1"),
     NEEDS("boot=own"))
{
    static uint64_t table[512] __attribute__((aligned(4096)));
    static uint64_t entries[512];
    uint32_t place = table_place() & ~(2 * MIB - 1);
    struct in_smram secret = {table_place(), entries};
    uint64_t old = *directory_entry();
    struct access a = {.address = 0};

    REQUIRE_SMM();
    entries[0] = SECRET;
    smm_run(put_page, &secret);
    for (uint32_t large = 0; large < 2; large++) {
        uint32_t linear = large ? LINEAR + (table_place() - place) : LINEAR + 7 * PAGE_SIZE;

        table[7] = table_place() | P_PRESENT | P_WRITE;
        *directory_entry() = large ? place | P_PRESENT | P_WRITE | P_LARGE
                                   : (uintptr_t)table | P_PRESENT | P_WRITE;
        flush();
        CONTEXT("%s page, linear %#x, physical %#x", large ? "2 MiB" : "4 KiB", linear,
                table_place());
        a = (struct access){.address = linear};
        outside(&a);
        EXPECT_EQ("outside", a.value, 0xffffffff, "outside SMM it reads FFh");
        expect_in_smm("smm", linear, SECRET, "in SMM the same mapping shows SMRAM");
        a = (struct access){.address = linear, .write = true, .value = 0xbad0bad0};
        outside(&a);
        a.write = false;
        outside(&a);
        EXPECT_EQ("outside-again", a.value, 0xffffffff, "and outside again it does not");
        EXPECT_TRUE("untouched", smm_run(compare_page, &secret), "no write arrived");
    }
    CONTEXT_CLEAR();
    *directory_entry() = old;
    flush();
}
