/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables and descriptors for scenes and witnesses. */
#ifndef TESTS_ENTRY_SCENE_TABLES_H
#define TESTS_ENTRY_SCENE_TABLES_H

#include <stdint.h>

/* Segment attributes as bytes 5-6 of a descriptor (Intel SDM vol. 3, 3.4.5), 19:16 of the
 * limit 0. */
#define ATTR_DATA     0x0093 /* read/write, accessed */
#define ATTR_DATA_RO  0x0091
#define ATTR_CODE     0x009b /* execute/read, accessed */
#define ATTR_LDT      0x0082
#define ATTR_TSS      0x0089
#define ATTR_TSS_BUSY 0x0002
#define ATTR_DOWN     0x0004 /* expand-down */
#define ATTR_DPL(n)   ((n) << 5)
#define ATTR_AVL      0x1000
#define ATTR_L        0x2000
#define ATTR_D        0x4000
#define ATTR_G        0x8000

/* limit: the last byte's offset; with ATTR_G it ends in fff. */
uint64_t descriptor(uint32_t base, uint32_t limit, uint32_t attributes);

/*
 * Roots of page tables that map the low 4 GiB to themselves, for CPL 3 as well:
 * four-level (and once more from SCENE_HIGH on), PAE, and 32-bit with 4 MiB pages.
 * 0: not on this architecture.
 */
#define SCENE_HIGH UINT64_C(0xffff800000000000)
uint32_t scene_root_long(void);
uint32_t scene_root_pae(void);
uint32_t scene_root_32(void);

#endif
