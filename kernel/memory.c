/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/memory.h"

#include <stddef.h>

#include "hw/mch.h"
#include "kernel/report.h"
#include "lib/string.h"

/* The largest extended TSEG that machine types offer by default is 64 MiB. */
#define TSEG_RESERVE (64U << 20)

static uint32_t whole_pages(uint32_t size)
{
    return (size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

void *page_reserve(uint32_t size)
{
    static uint32_t next = HEAP_BASE;
    uint32_t top = mch_low_ram_top();
    uint32_t tseg = mch_tseg_size();
    uint32_t address = next;

    size = whole_pages(size);
    top -= tseg > TSEG_RESERVE ? tseg : TSEG_RESERVE;
    if (next >= top || size > top - next)
        report_crash("out of memory");
    next += size;
    return (void *)(uintptr_t)address;
}

void *page_alloc(uint32_t size)
{
    return memset(page_reserve(size), 0, whole_pages(size));
}
