/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/pci.h"

#include "hw/cpu.h"
#include "hw/io.h"
#include "hw/mch.h"

#define PCI_CONFIG_ENABLE BIT(31)

/* Points CFCh at a register and returns the previous content of CF8h. */
static uint32_t cf8_select(uint16_t bdf, uint8_t reg)
{
    uint32_t old = inl(PCI_CONFIG_ADDRESS);

    outl(PCI_CONFIG_ADDRESS, PCI_CONFIG_ENABLE | (uint32_t)bdf << 8 | (reg & ~3U));
    return old;
}

uint8_t pci_cf8_read8(uint16_t bdf, uint8_t reg)
{
    uint32_t old = cf8_select(bdf, reg);
    uint8_t value = inb(PCI_CONFIG_DATA + (reg & 3));

    outl(PCI_CONFIG_ADDRESS, old);
    return value;
}

uint16_t pci_cf8_read16(uint16_t bdf, uint8_t reg)
{
    uint32_t old = cf8_select(bdf, reg);
    uint16_t value = inw(PCI_CONFIG_DATA + (reg & 3));

    outl(PCI_CONFIG_ADDRESS, old);
    return value;
}

uint32_t pci_cf8_read32(uint16_t bdf, uint8_t reg)
{
    uint32_t old = cf8_select(bdf, reg);
    uint32_t value = inl(PCI_CONFIG_DATA);

    outl(PCI_CONFIG_ADDRESS, old);
    return value;
}

void pci_cf8_write8(uint16_t bdf, uint8_t reg, uint8_t value)
{
    uint32_t old = cf8_select(bdf, reg);

    outb(PCI_CONFIG_DATA + (reg & 3), value);
    outl(PCI_CONFIG_ADDRESS, old);
}

void pci_cf8_write16(uint16_t bdf, uint8_t reg, uint16_t value)
{
    uint32_t old = cf8_select(bdf, reg);

    outw(PCI_CONFIG_DATA + (reg & 3), value);
    outl(PCI_CONFIG_ADDRESS, old);
}

void pci_cf8_write32(uint16_t bdf, uint8_t reg, uint32_t value)
{
    uint32_t old = cf8_select(bdf, reg);

    outl(PCI_CONFIG_DATA, value);
    outl(PCI_CONFIG_ADDRESS, old);
}

uint32_t pci_ecam_base(void)
{
    uint32_t low = mch_read32(MCH_PCIEXBAR);
    uint32_t mask;

    if (!(low & PCIEXBAR_EN) || mch_read32(MCH_PCIEXBAR + 4))
        return 0;
    switch (low & PCIEXBAR_LENGTH) {
    case PCIEXBAR_LENGTH_256M:
        mask = 0xf0000000;
        break;
    case PCIEXBAR_LENGTH_128M:
        mask = 0xf8000000;
        break;
    case PCIEXBAR_LENGTH_64M:
        mask = 0xfc000000;
        break;
    default: /* reserved */
        return 0;
    }
    return low & mask;
}

void pci_ecam_open(void)
{
    if (pci_ecam_base())
        return;
    mch_write32(MCH_PCIEXBAR + 4, 0);
    mch_write32(MCH_PCIEXBAR, PCI_ECAM_DEFAULT | PCIEXBAR_LENGTH_256M | PCIEXBAR_EN);
}

/* 0 when there is no window. */
static uintptr_t ecam_address(uint16_t bdf, uint16_t reg)
{
    uint32_t base = pci_ecam_base();

    return base ? (uintptr_t)base + ((uint32_t)bdf << 12) + (reg & 0xfff) : 0;
}

uint8_t pci_ecam_read8(uint16_t bdf, uint16_t reg)
{
    uintptr_t address = ecam_address(bdf, reg);

    return address ? mmio_read8(address) : 0xff;
}

uint16_t pci_ecam_read16(uint16_t bdf, uint16_t reg)
{
    uintptr_t address = ecam_address(bdf, reg);

    return address ? mmio_read16(address) : 0xffff;
}

uint32_t pci_ecam_read32(uint16_t bdf, uint16_t reg)
{
    uintptr_t address = ecam_address(bdf, reg);

    return address ? mmio_read32(address) : 0xffffffff;
}

void pci_ecam_write8(uint16_t bdf, uint16_t reg, uint8_t value)
{
    uintptr_t address = ecam_address(bdf, reg);

    if (address)
        mmio_write8(address, value);
}

void pci_ecam_write16(uint16_t bdf, uint16_t reg, uint16_t value)
{
    uintptr_t address = ecam_address(bdf, reg);

    if (address)
        mmio_write16(address, value);
}

void pci_ecam_write32(uint16_t bdf, uint16_t reg, uint32_t value)
{
    uintptr_t address = ecam_address(bdf, reg);

    if (address)
        mmio_write32(address, value);
}
