/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's physical memory map, as this kernel uses it, and an allocator that
 * only gives. Everything below 4 GiB is identity mapped.
 */
#ifndef KERNEL_MEMORY_H
#define KERNEL_MEMORY_H

#include <stdint.h>

#define PAGE_SIZE 4096U

/* Below 1 MiB. 0x30000-0x4ffff stays free: it is the memory behind the default SMBASE. */
#define AP_TRAMPOLINE_BASE 0x08000U /* SIPI vector 8 */
#define POST_SMM_PEN_BASE  0x09000U /* SIPI vector 9 */
#define DEFAULT_SMBASE     0x30000U
#define LEGACY_SMBASE      0xa0000U /* where SeaBIOS puts the BSP's */

/* The image starts at 1 MiB; nothing of ours but these lies outside of it. */
#define PERSIST_BASE 0x00f00000U
#define HEAP_BASE    0x01000000U

/*
 * size bytes of zeroed memory, aligned to a page, never freed. Panics when RAM
 * below TSEG is used up.
 */
void *page_alloc(uint32_t size);

/* The same with whatever the memory held before. */
void *page_reserve(uint32_t size);

#endif
