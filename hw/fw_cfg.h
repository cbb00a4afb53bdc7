/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's firmware configuration device.  Source: QEMU docs/specs/fw_cfg.
 *
 * Selector and data offset are one state for the whole machine and cannot be read back: CPUs must
 * agree among themselves, and so must an SMI handler with the code that it interrupts.
 */
#ifndef HW_FW_CFG_H
#define HW_FW_CFG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hw/cpu.h"

#define FW_CFG_SELECTOR 0x510 /* 16 bit, write only */
#define FW_CFG_DATA     0x511 /* 8 bit */
#define FW_CFG_DMA_HIGH 0x514 /* 32 bit, big endian */
#define FW_CFG_DMA_LOW  0x518 /* 32 bit, big endian; a write starts the transfer */

/* Keys */
#define FW_CFG_SIGNATURE  0x0000 /* "QEMU" */
#define FW_CFG_ID         0x0001 /* 32 bit LE, features */
#define FW_CFG_ID_PORT    BIT(0)
#define FW_CFG_ID_DMA     BIT(1)
#define FW_CFG_NB_CPUS    0x0005 /* 16 bit LE, CPUs that firmware shall start (hw/i386/x86.c) */
#define FW_CFG_MAX_CPUS   0x000f /* 16 bit LE, exclusive limit of APIC ids (hw/i386/fw_cfg.c) */
#define FW_CFG_FILE_DIR   0x0019
#define FW_CFG_FILE_FIRST 0x0020
#define FW_CFG_INVALID    0xffff
#define FW_CFG_WRITE      0x4000 /* set: to write the item, which had an effect up to QEMU 2.3 */
#define FW_CFG_ARCH       0x8000 /* set: item of the architecture, not a generic one */

/* What the DMA address register reads as */
#define FW_CFG_DMA_SIGNATURE UINT64_C(0x51454d5520434647) /* "QEMU CFG" */

/* Control word of a descriptor, in host byte order */
#define FW_CFG_DMA_ERROR    BIT(0)
#define FW_CFG_DMA_READ     BIT(1)
#define FW_CFG_DMA_SKIP     BIT(2)
#define FW_CFG_DMA_SELECT   BIT(3)
#define FW_CFG_DMA_WRITE    BIT(4)
#define FW_CFG_DMA_KEY(key) ((uint32_t)(key) << 16)

/* A descriptor as it lies in memory: all fields big endian. */
struct fw_cfg_dma {
    uint32_t control;
    uint32_t length;
    uint64_t address;
} __attribute__((packed, aligned(8)));

_Static_assert(sizeof(struct fw_cfg_dma) == 16, "FWCfgDmaAccess");

#define FW_CFG_NAME_MAX 56 /* NUL included */

/* A directory entry, in host byte order. */
struct fw_cfg_file {
    uint32_t size; /* bytes */
    uint16_t key;
    uint16_t reserved;
    char name[FW_CFG_NAME_MAX];
};

/* Does the signature read "QEMU"? */
bool fw_cfg_present(void);

/* The feature bitmap FW_CFG_ID_*. */
uint32_t fw_cfg_version(void);

/* Is the DMA interface there, by the feature bitmap and by its register's signature? */
bool fw_cfg_has_dma(void);

/* Selects an item and sets the offset to its start. */
void fw_cfg_select(uint16_t key);

/* Reads on from the current offset, byte by byte.  Bytes behind the item's end are 0. */
void fw_cfg_read(void *buf, size_t len);

/* Number of directory entries. */
uint32_t fw_cfg_file_count(void);

/* Entry index (from 0) of the directory, name NUL terminated.  false: there are not that many. */
bool fw_cfg_file_at(uint32_t index, struct fw_cfg_file *out);

/* Looks a file up by its full name.  false: there is none; *out is then undefined. */
bool fw_cfg_find(const char *name, struct fw_cfg_file *out);

/*
 * Starts the transfer that the descriptor at this physical address asks for and, unless control is
 * NULL, waits for the end: control points to the descriptor's control word.
 * Returns that word in host byte order: 0 for success, FW_CFG_DMA_ERROR, or what else is in there
 * when the wait gave up.  0 if control is NULL.
 */
uint32_t fw_cfg_dma_raw(uint64_t descriptor_address, volatile uint32_t *control);

/* One transfer: control as above, buf below 4 GiB (physical), len in bytes.  Returns as
 * fw_cfg_dma_raw(). */
int fw_cfg_dma(uint32_t control, void *buf, uint32_t len);

/* Select and transfer len bytes from the item's start.  Both return as fw_cfg_dma_raw(). */
int fw_cfg_dma_read(uint16_t key, void *buf, uint32_t len);
int fw_cfg_dma_write(uint16_t key, const void *buf, uint32_t len);

#endif
