/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/ich9.h"

#include "hw/io.h"
#include "hw/pci.h"

uint8_t ich9_read8(uint8_t reg)
{
    return pci_read8(PCI_BDF_LPC, reg);
}

uint16_t ich9_read16(uint8_t reg)
{
    return pci_read16(PCI_BDF_LPC, reg);
}

uint32_t ich9_read32(uint8_t reg)
{
    return pci_read32(PCI_BDF_LPC, reg);
}

void ich9_write8(uint8_t reg, uint8_t value)
{
    pci_write8(PCI_BDF_LPC, reg, value);
}

void ich9_write16(uint8_t reg, uint16_t value)
{
    pci_write16(PCI_BDF_LPC, reg, value);
}

void ich9_write32(uint8_t reg, uint32_t value)
{
    pci_write32(PCI_BDF_LPC, reg, value);
}

uint16_t ich9_pmbase(void)
{
    if (!(ich9_read8(ICH9_ACPI_CNTL) & ACPI_CNTL_ACPI_EN))
        return 0;
    return (uint16_t)(ich9_read32(ICH9_PMBASE) & PMBASE_ADDRESS);
}

uint16_t ich9_pm_enable(void)
{
    if (!(ich9_read32(ICH9_PMBASE) & PMBASE_ADDRESS))
        ich9_write32(ICH9_PMBASE, ICH9_DEFAULT_PMBASE | 1);
    if (!(ich9_read8(ICH9_ACPI_CNTL) & ACPI_CNTL_ACPI_EN))
        ich9_write8(ICH9_ACPI_CNTL, ich9_read8(ICH9_ACPI_CNTL) | ACPI_CNTL_ACPI_EN);
    return ich9_pmbase();
}

uint8_t ich9_pm_read8(uint8_t offset)
{
    uint16_t base = ich9_pmbase();

    return base ? inb(base + offset) : 0xff;
}

uint16_t ich9_pm_read16(uint8_t offset)
{
    uint16_t base = ich9_pmbase();

    return base ? inw(base + offset) : 0xffff;
}

uint32_t ich9_pm_read32(uint8_t offset)
{
    uint16_t base = ich9_pmbase();

    return base ? inl(base + offset) : 0xffffffff;
}

void ich9_pm_write8(uint8_t offset, uint8_t value)
{
    uint16_t base = ich9_pmbase();

    if (base)
        outb(base + offset, value);
}

void ich9_pm_write16(uint8_t offset, uint16_t value)
{
    uint16_t base = ich9_pmbase();

    if (base)
        outw(base + offset, value);
}

void ich9_pm_write32(uint8_t offset, uint32_t value)
{
    uint16_t base = ich9_pmbase();

    if (base)
        outl(base + offset, value);
}

uint32_t ich9_smi_en(void)
{
    return ich9_pm_read32(SMI_EN);
}

void ich9_smi_en_write(uint32_t value)
{
    ich9_pm_write32(SMI_EN, value);
}

void apm_write(uint8_t command, uint8_t data)
{
    outb(APM_STS, data);
    __asm__ volatile("outb %0, %1; jmp 1f; 1:" : : "a"(command), "i"(APM_CNT) : "memory");
}

void ich9_reset(void)
{
    outb(RST_CNT, RST_CNT_SYS_RST);
    outb(RST_CNT, RST_CNT_SYS_RST | RST_CNT_RST_CPU);
    /* The reset comes soon, not at once. */
    for (;;) {
        cli();
        hlt();
    }
}
