/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/ioapic.h"

#include "hw/io.h"

#define IOREGSEL (IOAPIC_BASE + 0x00)
#define IOWIN    (IOAPIC_BASE + 0x10)

uint32_t ioapic_read(uint8_t reg)
{
    mmio_write32(IOREGSEL, reg);
    return mmio_read32(IOWIN);
}

void ioapic_write(uint8_t reg, uint32_t value)
{
    mmio_write32(IOREGSEL, reg);
    mmio_write32(IOWIN, value);
}

unsigned int ioapic_pins(void)
{
    return (ioapic_read(IOAPIC_REG_VER) >> 16 & 0xff) + 1;
}

uint64_t ioapic_rte(unsigned int pin)
{
    uint32_t low = ioapic_read(IOAPIC_REG_RTE(pin));

    return (uint64_t)ioapic_read(IOAPIC_REG_RTE(pin) + 1) << 32 | low;
}

void ioapic_set_rte(unsigned int pin, uint64_t rte)
{
    ioapic_write(IOAPIC_REG_RTE(pin), (uint32_t)IOAPIC_RTE_MASKED);
    ioapic_write(IOAPIC_REG_RTE(pin) + 1, (uint32_t)(rte >> 32));
    ioapic_write(IOAPIC_REG_RTE(pin), (uint32_t)rte);
}
