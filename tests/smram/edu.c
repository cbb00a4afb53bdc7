/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/smram/edu.h"

#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/io.h"
#include "hw/pci.h"
#include "kernel/alarm.h"
#include "kernel/test.h"

#define EDU_ID 0x11e81234U

#define PCI_COMMAND        0x04
#define PCI_COMMAND_MEMORY 0x0002
#define PCI_COMMAND_MASTER 0x0004
#define PCI_BAR0           0x10

/* A place for its registers, 1 MiB outside RAM. */
#define EDU_BASE 0xe0000000U

#define EDU_DMA_SOURCE      0x80 /* 64 bit, low half first */
#define EDU_DMA_DESTINATION 0x88
#define EDU_DMA_COUNT       0x90
#define EDU_DMA_COMMAND     0x98
#define EDU_DMA_START       1U
#define EDU_DMA_TO_RAM      2U
#define EDU_BUFFER          0x40000U
#define EDU_DMA_US          100000U

void edu_init(void)
{
    for (uint32_t device = 1; device < 31; device++) {
        uint16_t bdf = PCI_BDF(0, device, 0);

        if (pci_read32(bdf, PCI_VENDOR_ID) != EDU_ID)
            continue;
        pci_write32(bdf, PCI_BAR0, EDU_BASE);
        pci_write16(bdf, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
        if ((mmio_read32(EDU_BASE) & 0xff) != 0xed)
            ERROR("edu does not answer at %#x", EDU_BASE);
        return;
    }
    SKIP("this QEMU has no edu device");
}

/* While the CPU sleeps, emulated time may jump to the transfer's end: the need icount=N. */
static bool transfer(uint32_t source, uint32_t destination, uint32_t length, uint32_t direction)
{
    unsigned long flags = irq_save();

    mmio_write32(EDU_BASE + EDU_DMA_SOURCE, source);
    mmio_write32(EDU_BASE + EDU_DMA_DESTINATION, destination);
    mmio_write32(EDU_BASE + EDU_DMA_COUNT, length);
    mmio_write32(EDU_BASE + EDU_DMA_COMMAND, EDU_DMA_START | direction);
    alarm_sleep(EDU_DMA_US);
    irq_restore(flags);
    return WAIT_FOR(!(mmio_read32(EDU_BASE + EDU_DMA_COMMAND) & EDU_DMA_START), PATIENCE_MS);
}

bool edu_read(uint32_t memory, uint32_t offset, uint32_t length)
{
    return transfer(memory, EDU_BUFFER + offset, length, 0);
}

bool edu_write(uint32_t memory, uint32_t offset, uint32_t length)
{
    return transfer(EDU_BUFFER + offset, memory, length, EDU_DMA_TO_RAM);
}
