/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firmware/paging.h"

#include <stddef.h>

#include "lib/string.h"

#define PAGE        4096U
#define LARGE_PAGE  0x200000U
#define P_PRESENT   UINT64_C(1)
#define P_WRITE     (UINT64_C(1) << 1)
#define P_LARGE     (UINT64_C(1) << 7)
#define P_NX        (UINT64_C(1) << 63)
#define P_ADDRESS   UINT64_C(0x000ffffffffff000)
#define DIRECTORIES 4 /* of 1 GiB each */

static uint64_t *entries(uint64_t address)
{
    return (uint64_t *)(uintptr_t)(address & P_ADDRESS);
}

static uint32_t take_page(struct smm_paging *p)
{
    uint32_t page = p->next;

    if (page + PAGE > p->end)
        return 0;
    p->next += PAGE;
    memset((void *)(uintptr_t)page, 0, PAGE);
    return page;
}

static uint64_t data_bits(const struct smm_paging *p)
{
    return P_PRESENT | P_WRITE | (p->nx ? P_NX : 0);
}

void smm_paging_begin(struct smm_paging *p, uint32_t memory, uint32_t end, bool nx)
{
    uint64_t *pointers;
    uint64_t pointer_bits = P_PRESENT;

    *p = (struct smm_paging){.root = memory, .next = memory, .end = end, .nx = nx};
    pointers = entries(take_page(p));
#ifdef __x86_64__
    /* A PML4 above; its children carry R/W, which a PAE PDPTE must not. */
    pointer_bits |= P_WRITE;
    pointers[0] = take_page(p) | pointer_bits;
    pointers = entries(pointers[0]);
#endif
    for (uint32_t i = 0; i < DIRECTORIES; i++) {
        uint32_t page = take_page(p);

        pointers[i] = page | pointer_bits;
        for (uint32_t j = 0; j < 512; j++)
            entries(page)[j] = ((uint64_t)i << 30 | (uint64_t)j << 21) | data_bits(p) | P_LARGE;
    }
}

/* The directory entry for linear. */
static uint64_t *directory_entry(const struct smm_paging *p, uint32_t linear)
{
    uint64_t *pointers = entries(p->root);

#ifdef __x86_64__
    pointers = entries(pointers[0]);
#endif
    return &entries(pointers[linear >> 30])[linear >> 21 & 511];
}

/* Turns a 2 MiB page into a table of 4 KiB pages with the same rights. */
static bool split(struct smm_paging *p, uint64_t *large)
{
    uint32_t table = take_page(p);
    uint64_t base = *large & P_ADDRESS & ~(uint64_t)(LARGE_PAGE - 1);

    if (!table)
        return false;
    for (uint32_t i = 0; i < 512; i++)
        entries(table)[i] = (base + i * PAGE) | data_bits(p);
    *large = table | P_PRESENT | P_WRITE;
    return true;
}

bool smm_paging_map_code(struct smm_paging *p, uint32_t linear, uint32_t physical, uint32_t size)
{
    for (uint32_t done = 0; done < size; done += PAGE) {
        uint64_t *entry = directory_entry(p, linear + done);

        if ((*entry & P_LARGE) && !split(p, entry))
            return false;
        entries(*entry)[(linear + done) >> 12 & 511] = (physical + done) | P_PRESENT | P_WRITE;
    }
    return true;
}
