/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Q35 memory controller hub, D0:F0: what decides who sees which memory.
 *
 * Source: Intel 316966-002, "DRAM Controller Registers (D0:F0)", by register name.  QEMU's own
 * additions: EXT_TSEG_MBYTES (commit 2f295167e0), F_SMBASE (commit f404220e27).
 * Attributes: L = read-only once D_LCK is set.
 */
#ifndef HW_MCH_H
#define HW_MCH_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/cpu.h"

#define MCH_EXT_TSEG_MBYTES 0x50 /* 16 bit, QEMU: size for TSEG_SZ = 11b, after a query */
#define EXT_TSEG_QUERY      0xffff

#define MCH_PCIEXBAR         0x60 /* 64 bit */
#define PCIEXBAR_EN          BIT(0)
#define PCIEXBAR_LENGTH      (3U << 1)
#define PCIEXBAR_LENGTH_256M (0U << 1)
#define PCIEXBAR_LENGTH_128M (1U << 1)
#define PCIEXBAR_LENGTH_64M  (2U << 1)

#define MCH_PAM0    0x90   /* F0000-FFFFF in the high nibble */
#define MCH_PAM1    0x91   /* C0000-C3FFF low, C4000-C7FFF high nibble; then 16 KiB a nibble ... */
#define MCH_PAM6    0x96   /* ... to E8000-EBFFF low, EC000-EFFFF high nibble */
#define PAM_RE_LOW  BIT(0) /* reads go to DRAM */
#define PAM_WE_LOW  BIT(1) /* writes go to DRAM */
#define PAM_RE_HIGH BIT(4)
#define PAM_WE_HIGH BIT(5)

#define MCH_F_SMBASE    0x9c /* 8 bit, QEMU: SMRAM at the default SMBASE, 30000-4FFFF */
#define F_SMBASE_QUERY  0xff
#define F_SMBASE_IN_RAM 0x01 /* answer to the query: there is the feature, window still open */
#define F_SMBASE_LOCKED 0x02 /* window closed outside SMM until reset */

#define MCH_SMRAM        0x9d   /* 8 bit, default 02h */
#define SMRAM_C_BASE_SEG 0x02   /* 2:0 RO: compatible SMRAM at A0000-BFFFF */
#define SMRAM_G_SMRAME   BIT(3) /* L: SMRAM is enabled */
#define SMRAM_D_LCK      BIT(4) /* lock, until reset */
#define SMRAM_D_CLS      BIT(5) /* closed to data accesses, even in SMM */
#define SMRAM_D_OPEN     BIT(6) /* L: visible outside SMM */
#define SMRAM_DEFAULT    0x02

#define MCH_ESMRAMC         0x9e      /* 8 bit, default 38h */
#define ESMRAMC_T_EN        BIT(0)    /* L: TSEG enabled */
#define ESMRAMC_TSEG_SZ     (3U << 1) /* L */
#define ESMRAMC_TSEG_SZ_1M  (0U << 1)
#define ESMRAMC_TSEG_SZ_2M  (1U << 1)
#define ESMRAMC_TSEG_SZ_8M  (2U << 1)
#define ESMRAMC_TSEG_SZ_EXT (3U << 1) /* reserved by Intel; QEMU: EXT_TSEG_MBYTES */
#define ESMRAMC_SM_L2       BIT(3)    /* RO 1 */
#define ESMRAMC_SM_L1       BIT(4)    /* RO 1 */
#define ESMRAMC_SM_CACHE    BIT(5)    /* RO 1 */
#define ESMRAMC_E_SMERR     BIT(6)    /* R/WC: somebody else touched extended SMRAM */
#define ESMRAMC_H_SMRAME    BIT(7)    /* L: compatible SMRAM appears at FEDA0000 instead */
#define ESMRAMC_DEFAULT     0x38

/* Physical ranges, in bytes */
#define SMRAM_A_BASE      0x000a0000U
#define SMRAM_A_SIZE      0x00020000U
#define SMRAM_HIGH_BASE   0xfeda0000U
#define SMRAM_WINDOW_BASE 0x00030000U /* F_SMBASE */
#define SMRAM_WINDOW_SIZE 0x00020000U

uint8_t mch_read8(uint8_t reg);
uint16_t mch_read16(uint8_t reg);
uint32_t mch_read32(uint8_t reg);
void mch_write8(uint8_t reg, uint8_t value);
void mch_write16(uint8_t reg, uint16_t value);
void mch_write32(uint8_t reg, uint32_t value);

/* Is D_LCK set? */
bool mch_locked(void);

/* Size in MiB that TSEG_SZ = 11b stands for; 0 when the machine has no such thing.  Writes the
 * query into the register; where it is an ordinary reserved one, the old content is put back. */
uint16_t mch_ext_tseg_query(void);

/* Size in bytes that TSEG_SZ selects, whether TSEG is enabled or not; 0 for 11b on a machine
 * without extended TSEG. */
uint32_t mch_tseg_selected_size(void);

/* Size of TSEG in bytes, 0 while T_EN or G_SMRAME is clear. */
uint32_t mch_tseg_size(void);

/* End of RAM below 4 GiB, in bytes (physical address), TSEG included: QEMU has no TOLUD register,
 * so it comes from the CMOS. */
uint32_t mch_low_ram_top(void);

/* All RAM, in bytes, also that above 4 GiB. */
uint64_t mch_ram_size(void);

/* Physical address of the TSEG that TSEG_SZ selects, enabled or not: it ends where low RAM ends.
 * 0 when it would not fit into low RAM, or its size is 0. */
uint32_t mch_tseg_base(void);

enum smbase_window {
    SMBASE_WINDOW_ABSENT, /* the machine cannot hide 30000-4FFFF */
    SMBASE_WINDOW_OPEN,   /* it can, and has not yet: write F_SMBASE_LOCKED to do so */
    SMBASE_WINDOW_LOCKED,
};

/* Queries F_SMBASE at most once per reset: a second query would set the lock bit. */
enum smbase_window mch_smbase_window_probe(void);

#endif
