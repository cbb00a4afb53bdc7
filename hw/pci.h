/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI configuration space.
 *
 * Two ways lead there: configuration mechanism #1 (ports CF8h/CFCh, PCI Local Bus Specification
 * 3.0, 3.2.2.3.2) and the memory-mapped window at PCIEXBAR (PCI Express Base Specification,
 * "Enhanced Configuration Access Mechanism"; Q35 MCH data sheet, PCIEXBAR 60h).
 *
 * A CF8h access is two port accesses.  Both of them together put CF8h back to what it was, so an
 * SMI handler may use these functions although it may have interrupted such a pair.  Two CPUs at
 * the same time must agree among themselves.
 */
#ifndef HW_PCI_H
#define HW_PCI_H

#include <stdint.h>

#define PCI_CONFIG_ADDRESS 0xcf8
#define PCI_CONFIG_DATA    0xcfc

/* Bus, device and function as in bits 23:8 of CF8h, shifted down to 15:0. */
#define PCI_BDF(bus, dev, fn) ((uint16_t)((bus) << 8 | (dev) << 3 | (fn)))

/* Q35 with ICH9: QEMU docs/system/i386, include/hw/pci-host/q35.h, include/hw/i386/ich9.h */
#define PCI_BDF_MCH   PCI_BDF(0, 0, 0)
#define PCI_BDF_LPC   PCI_BDF(0, 0x1f, 0)
#define PCI_BDF_SMBUS PCI_BDF(0, 0x1f, 3)

#define PCI_VENDOR_ID 0x00
#define PCI_DEVICE_ID 0x02

/* reg: 0-255, aligned to the width. */
uint8_t pci_cf8_read8(uint16_t bdf, uint8_t reg);
uint16_t pci_cf8_read16(uint16_t bdf, uint8_t reg);
uint32_t pci_cf8_read32(uint16_t bdf, uint8_t reg);
void pci_cf8_write8(uint16_t bdf, uint8_t reg, uint8_t value);
void pci_cf8_write16(uint16_t bdf, uint8_t reg, uint16_t value);
void pci_cf8_write32(uint16_t bdf, uint8_t reg, uint32_t value);

/* Physical address of the memory-mapped window; 0 while PCIEXBAR is disabled or above 4 GiB. */
uint32_t pci_ecam_base(void);

/* Where pci_ecam_open() puts it: outside RAM and below the chipset's fixed addresses. */
#define PCI_ECAM_DEFAULT 0xb0000000U

/* Enables the window, 256 MiB at PCI_ECAM_DEFAULT, unless a firmware has done so somewhere. */
void pci_ecam_open(void);

/* The same through that window, reg 0-4095.  While it is disabled, reads give all ones and writes
 * vanish, as on an empty bus. */
uint8_t pci_ecam_read8(uint16_t bdf, uint16_t reg);
uint16_t pci_ecam_read16(uint16_t bdf, uint16_t reg);
uint32_t pci_ecam_read32(uint16_t bdf, uint16_t reg);
void pci_ecam_write8(uint16_t bdf, uint16_t reg, uint8_t value);
void pci_ecam_write16(uint16_t bdf, uint16_t reg, uint16_t value);
void pci_ecam_write32(uint16_t bdf, uint16_t reg, uint32_t value);

/* Where the way does not matter: CF8h, which works from reset on. */
#define pci_read8   pci_cf8_read8
#define pci_read16  pci_cf8_read16
#define pci_read32  pci_cf8_read32
#define pci_write8  pci_cf8_write8
#define pci_write16 pci_cf8_write16
#define pci_write32 pci_cf8_write32

#endif
