/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/entry/scene_tables.h"

#include "kernel/memory.h"

/* Intel SDM vol. 3, 4.3 to 4.5 */
#define PAGE_P  0x001
#define PAGE_RW 0x002
#define PAGE_US 0x004
#define PAGE_PS 0x080
#define ENTRIES 512

uint64_t descriptor(uint32_t base, uint32_t limit, uint32_t attributes)
{
    uint32_t low, high;

    if (attributes & ATTR_G)
        limit >>= 12;
    low = (limit & 0xffff) | base << 16;
    high = (base >> 16 & 0xff) | (attributes & 0xf0ff) << 8 | (limit & 0xf0000) |
           (base & 0xff000000);
    return (uint64_t)high << 32 | low;
}

/* Four page directories of 2 MiB pages: the low 4 GiB. */
static uint64_t *directories(void)
{
    static uint64_t *tables;

    if (!tables) {
        tables = page_alloc(4 * PAGE_SIZE);
        for (uint64_t i = 0; i < 4 * ENTRIES; i++)
            tables[i] = i << 21 | PAGE_PS | PAGE_US | PAGE_RW | PAGE_P;
    }
    return tables;
}

uint32_t scene_root_long(void)
{
#ifdef __x86_64__
    static uint64_t *root;

    if (!root) {
        uint64_t *pointers = page_alloc(PAGE_SIZE);

        root = page_alloc(PAGE_SIZE);
        for (uint32_t i = 0; i < 4; i++)
            pointers[i] = (uintptr_t)(directories() + i * ENTRIES) | PAGE_US | PAGE_RW | PAGE_P;
        root[0] = root[ENTRIES / 2] = (uintptr_t)pointers | PAGE_US | PAGE_RW | PAGE_P;
    }
    return (uint32_t)(uintptr_t)root;
#else
    return 0;
#endif
}

uint32_t scene_root_pae(void)
{
    static uint64_t *root;

    if (!root) {
        root = page_alloc(PAGE_SIZE);
        /* R/W and U/S are reserved in these entries. */
        for (uint32_t i = 0; i < 4; i++)
            root[i] = (uintptr_t)(directories() + i * ENTRIES) | PAGE_P;
    }
    return (uint32_t)(uintptr_t)root;
}

uint32_t scene_root_32(void)
{
    static uint32_t *root;

    if (!root) {
        root = page_alloc(PAGE_SIZE);
        for (uint32_t i = 0; i < 2 * ENTRIES; i++)
            root[i] = i << 22 | PAGE_PS | PAGE_US | PAGE_RW | PAGE_P;
    }
    return (uint32_t)(uintptr_t)root;
}
