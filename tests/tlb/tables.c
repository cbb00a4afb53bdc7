/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables of every kind. Bits: Intel SDM vol. 3, 4.3-4.5. */
#include "kernel/memory.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/tlb/modes.h"

#define P_PRESENT UINT64_C(1)
#define P_WRITE   (UINT64_C(1) << 1)
#define P_LARGE   (UINT64_C(1) << 7)
#define P_GLOBAL  (UINT64_C(1) << 8)

#define ADDRESSES 3U /* that mode_page_tables() takes */

struct builder {
    bool wide;   /* entries of 8 bytes */
    bool global; /* pages get G */
};

/* Address bit 20 of a table must be 0, or the CPU would not find it while A20 is masked. */
#define MIB 0x100000U
static uint32_t pool, pool_used;

static uint32_t new_page(void)
{
    uint32_t page;

    if (!pool) {
        uint32_t block = (uint32_t)(uintptr_t)page_alloc(3 * MIB);

        pool = (block + 2 * MIB - 1) & ~(2 * MIB - 1);
    }
    if (pool_used == MIB)
        ERROR("no memory left for page tables");
    page = pool + pool_used;
    pool_used += PAGE_SIZE;
    memset((void *)(uintptr_t)page, 0, PAGE_SIZE);
    return page;
}

void mode_forget_page_tables(void)
{
    pool_used = 0;
}

static void set_entry(const struct builder *b, uint32_t table, uint32_t index, uint64_t value)
{
    if (b->wide)
        ((uint64_t *)(uintptr_t)table)[index] = value;
    else
        ((uint32_t *)(uintptr_t)table)[index] = (uint32_t)value;
}

static uint64_t page_bits(const struct builder *b)
{
    return P_PRESENT | P_WRITE | (b->global ? P_GLOBAL : 0);
}

/* A table of 4 KiB pages from base on. */
static uint32_t table_of_small(const struct builder *b, uint32_t base)
{
    uint32_t table = new_page();

    for (uint32_t i = 0; i < (b->wide ? 512U : 1024U); i++)
        set_entry(b, table, i, (base + i * PAGE_SIZE) | page_bits(b));
    return table;
}

/* Large pages in the whole directory that begins at base. */
static void fill_large(const struct builder *b, uint32_t directory, uint32_t base)
{
    uint32_t shift = b->wide ? 21 : 22;

    for (uint32_t i = 0; i < (b->wide ? 512U : 1024U); i++)
        set_entry(b, directory, i, (base + (i << shift)) | page_bits(b) | P_LARGE);
}

static uint32_t tables_32(const struct builder *b, bool large, const uint32_t *addresses)
{
    uint32_t directory = new_page();

    if (large)
        fill_large(b, directory, 0);
    for (uint32_t i = 0; i < ADDRESSES && !large; i++) {
        uint32_t index = addresses[i] >> 22;

        set_entry(b, directory, index, table_of_small(b, index << 22) | P_PRESENT | P_WRITE);
    }
    return directory;
}

/* Directories of 1 GiB each, behind pointers; pointer_bits: a PAE pointer has no R/W. */
static uint32_t tables_wide(const struct builder *b, bool large, uint64_t pointer_bits,
                            const uint32_t *addresses)
{
    uint32_t pointers = new_page();
    uint32_t directory[4];

    for (uint32_t i = 0; i < 4; i++) {
        directory[i] = new_page();
        set_entry(b, pointers, i, directory[i] | pointer_bits);
        if (large)
            fill_large(b, directory[i], i << 30);
    }
    for (uint32_t i = 0; i < ADDRESSES && !large; i++) {
        uint32_t first = addresses[i] >> 22 << 1; /* two tables cover 4 MiB */

        for (uint32_t index = first; index < first + 2; index++)
            set_entry(b, directory[index >> 9], index & 511,
                      table_of_small(b, index << 21) | P_PRESENT | P_WRITE);
    }
    return pointers;
}

static uint32_t pointers_1g(const struct builder *b)
{
    uint32_t pointers = new_page();

    for (uint32_t i = 0; i < 4; i++)
        set_entry(b, pointers, i, ((uint64_t)i << 30) | page_bits(b) | P_LARGE);
    return pointers;
}

uint32_t mode_page_tables(const struct mode *m, const uint32_t *addresses)
{
    struct builder b = {.wide = m->paging >= PAGING_PAE_4K, .global = m->global};
    uint32_t pointers, root;

    switch (m->paging) {
    case PAGING_NONE:
        return 0;
    case PAGING_32_4K:
    case PAGING_32_4M:
        return tables_32(&b, m->paging == PAGING_32_4M, addresses);
    case PAGING_PAE_4K:
    case PAGING_PAE_2M:
        return tables_wide(&b, m->paging == PAGING_PAE_2M, P_PRESENT, addresses);
    case PAGING_LONG_1G:
        pointers = pointers_1g(&b);
        break;
    default:
        pointers = tables_wide(&b, m->paging == PAGING_LONG_2M, P_PRESENT | P_WRITE, addresses);
        break;
    }
    root = new_page();
    set_entry(&b, root, 0, pointers | P_PRESENT | P_WRITE);
    return root;
}
