/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FIRMWARE_PAGING_H
#define FIRMWARE_PAGING_H

#include <stdbool.h>
#include <stdint.h>

/* Page tables under construction in [next, end), physical = linear addresses. */
struct smm_paging {
    uint32_t root;
    uint32_t next, end;
    bool nx; /* the CPU has NX: data pages get it */
};

/*
 * Starts tables that map the low 4 GiB to themselves, none of it executable if
 * the CPU has NX (AMD APM vol. 2, 5.6; Intel SDM vol. 3, 4.6). Needs six pages.
 */
void smm_paging_begin(struct smm_paging *p, uint32_t memory, uint32_t end, bool nx);

/*
 * Maps size bytes at linear to physical memory, in 4 KiB pages, executable.
 * Takes a page per 2 MiB touched; false when [next, end) is used up.
 */
bool smm_paging_map_code(struct smm_paging *p, uint32_t linear, uint32_t physical, uint32_t size);

#endif
