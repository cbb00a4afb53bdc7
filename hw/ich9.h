/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICH9 LPC bridge, D31:F0: power management, the SMI sources and their locks.
 *
 * Source: Intel 316972-004, chapter "LPC Interface Bridge Registers (D31:F0)", by register name.
 */
#ifndef HW_ICH9_H
#define HW_ICH9_H

#include <stdint.h>

#include "hw/cpu.h"

/* Configuration space */
#define ICH9_PMBASE    0x40 /* 32 bit: 15:7 base of the PM block, bit 0 = 1 (I/O) */
#define PMBASE_ADDRESS 0xff80

#define ICH9_ACPI_CNTL    0x44   /* 8 bit */
#define ACPI_CNTL_ACPI_EN BIT(7) /* PM block is decoded */
#define ACPI_CNTL_SCI_SEL 0x07   /* 0 = IRQ 9, 1 = 10, 2 = 11, 4 = 20, 5 = 21 */

#define ICH9_GEN_PMCON_1        0xa0   /* 16 bit */
#define GEN_PMCON_1_PER_SMI_SEL 0x03   /* 64, 32, 16, 8 seconds */
#define GEN_PMCON_1_SMI_LOCK    BIT(4) /* GBL_SMI_EN frozen, until reset */

#define ICH9_GEN_PMCON_3       0xa4 /* 8 bit */
#define GEN_PMCON_3_SWSMI_RATE 0xc0 /* 1.5, 16, 32, 64 ms */

#define ICH9_RCBA    0xf0 /* 32 bit: 31:14 base of the root complex registers */
#define RCBA_EN      BIT(0)
#define RCBA_ADDRESS 0xffffc000U

/* PM block, offsets from PMBASE */
#define ICH9_PM_SIZE 128

#define PM1_STS        0x00 /* 16 bit, R/WC */
#define PM1_STS_TMROF  BIT(0)
#define PM1_STS_PWRBTN BIT(8)
#define PM1_STS_WAK    BIT(15)

#define PM1_EN 0x02 /* 16 bit */

#define PM1_CNT              0x04 /* 32 bit, but PM1_CNT_LEN 2 in QEMU's FADT: 16-bit accesses */
#define PM1_CNT_SCI_EN       BIT(0)
#define PM1_CNT_SLP_TYP(typ) ((uint32_t)(typ) << 10)
#define PM1_CNT_SLP_EN       BIT(13) /* write only */

#define PM1_TMR 0x08 /* 24-bit counter, 3.579545 MHz */

#define GPE0_STS         0x20   /* 64 bit, R/WC */
#define GPE0_EN          0x28   /* 64 bit */
#define GPE0_CPU_HOTPLUG BIT(2) /* QEMU docs/specs/acpi_cpu_hotplug */

#define SMI_EN              0x30   /* 32 bit */
#define SMI_EN_GBL_SMI_EN   BIT(0) /* master enable, frozen by SMI_LOCK */
#define SMI_EN_EOS          BIT(1)
#define SMI_EN_BIOS_EN      BIT(2)
#define SMI_EN_LEGACY_USB   BIT(3)
#define SMI_EN_SLP_SMI_EN   BIT(4)
#define SMI_EN_APMC_EN      BIT(5) /* writes to APM_CNT raise an SMI */
#define SMI_EN_SWSMI_TMR_EN BIT(6)
#define SMI_EN_BIOS_RLS     BIT(7)
#define SMI_EN_MCSMI_EN     BIT(11)
#define SMI_EN_TCO_EN       BIT(13)
#define SMI_EN_PERIODIC_EN  BIT(14)

#define SMI_STS           0x34 /* 32 bit, R/WC and RO */
#define SMI_STS_APM       BIT(5)
#define SMI_STS_SWSMI_TMR BIT(6)
#define SMI_STS_TCO       BIT(13)
#define SMI_STS_PERIODIC  BIT(14)

#define TCO_BASE    0x60
#define TCO_RLD     (TCO_BASE + 0x00) /* 16 bit: a write reloads the timer */
#define TCO_DAT_IN  (TCO_BASE + 0x02) /* 8 bit: a write sets SW_TCO_SMI */
#define TCO_DAT_OUT (TCO_BASE + 0x03) /* 8 bit */

#define TCO1_STS            (TCO_BASE + 0x04) /* 16 bit, R/WC */
#define TCO1_STS_SW_TCO_SMI BIT(1)
#define TCO1_STS_TCO_INT    BIT(2)
#define TCO1_STS_TIMEOUT    BIT(3)

#define TCO2_STS           (TCO_BASE + 0x06) /* 16 bit, R/WC */
#define TCO2_STS_SECOND_TO BIT(1)
#define TCO2_STS_BOOT      BIT(2)

#define TCO1_CNT         (TCO_BASE + 0x08) /* 16 bit */
#define TCO1_CNT_TMR_HLT BIT(11)
#define TCO1_CNT_LOCK    BIT(12) /* TCO_EN frozen, until reset */

#define TCO2_CNT     (TCO_BASE + 0x0a) /* 16 bit */
#define TCO_MESSAGE1 (TCO_BASE + 0x0c) /* 8 bit */
#define TCO_MESSAGE2 (TCO_BASE + 0x0d) /* 8 bit */
#define TCO_TMR      (TCO_BASE + 0x12) /* 16 bit: reload value, ticks of 0.6 s */

/* Fixed ports */
#define APM_CNT              0xb2 /* 8 bit: command; a write raises an SMI if APMC_EN */
#define APM_STS              0xb3 /* 8 bit: data, no side effect */
#define APM_CNT_ACPI_ENABLE  2    /* QEMU, FADT ACPI_ENABLE: sets SCI_EN */
#define APM_CNT_ACPI_DISABLE 3    /* QEMU, FADT ACPI_DISABLE: clears SCI_EN */
#define APM_CNT_CPU_HOTPLUG  4    /* QEMU's DSDT to the firmware (hw/acpi/cpu.c) */

#define RST_CNT          0xcf9  /* 8 bit */
#define RST_CNT_SYS_RST  BIT(1) /* hard */
#define RST_CNT_RST_CPU  BIT(2) /* 0 -> 1 resets */
#define RST_CNT_FULL_RST BIT(3)

/* What the firmware programs, and what ich9_pm_enable() uses where it has not */
#define ICH9_DEFAULT_PMBASE 0x600

uint8_t ich9_read8(uint8_t reg);
uint16_t ich9_read16(uint8_t reg);
uint32_t ich9_read32(uint8_t reg);
void ich9_write8(uint8_t reg, uint8_t value);
void ich9_write16(uint8_t reg, uint16_t value);
void ich9_write32(uint8_t reg, uint32_t value);

/* I/O port of the PM block; 0 while it is not decoded. */
uint16_t ich9_pmbase(void);

/* Makes the chipset decode the PM block, at 600h if the firmware chose no place.  Returns its I/O
 * port. */
uint16_t ich9_pm_enable(void);

/* Registers of the PM block.  While it is not decoded, reads give all ones and writes vanish, as on
 * ports where nothing answers. */
uint8_t ich9_pm_read8(uint8_t offset);
uint16_t ich9_pm_read16(uint8_t offset);
uint32_t ich9_pm_read32(uint8_t offset);
void ich9_pm_write8(uint8_t offset, uint8_t value);
void ich9_pm_write16(uint8_t offset, uint16_t value);
void ich9_pm_write32(uint8_t offset, uint32_t value);

uint32_t ich9_smi_en(void);
void ich9_smi_en_write(uint32_t value);

/*
 * Data to APM_STS, then the command to APM_CNT, in this order because the SMI may be taken right
 * behind the second write.  Where the SMI is raised, it has been taken when this returns: TCG up to
 * QEMU 10.0 takes it at the end of its translation block, so a jump ends that here.
 */
void apm_write(uint8_t command, uint8_t data);

/* Hard reset of the whole platform through RST_CNT. */
void ich9_reset(void) __attribute__((noreturn));

#endif
