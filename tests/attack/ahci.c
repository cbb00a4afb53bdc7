/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/attack/ahci.h"

#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/io.h"
#include "hw/pci.h"
#include "kernel/test.h"
#include "lib/string.h"

#define BDF_AHCI PCI_BDF(0, 0x1f, 2)

#define PCI_COMMAND        0x04
#define PCI_COMMAND_MEMORY 0x0002
#define PCI_COMMAND_MASTER 0x0004
#define PCI_BAR5           0x24
#define PCI_CAPABILITIES   0x34

/* Message signalled interrupts: PCI Local Bus Specification 3.0, 6.8.1. */
#define MSI_ID           0x05
#define MSI_CONTROL      0x02
#define MSI_ENABLE       0x0001
#define MSI_64BIT        0x0080
#define MSI_ADDRESS      0x04
#define MSI_ADDRESS_HIGH 0x08
#define MSI_DATA_32      0x08
#define MSI_DATA_64      0x0c

/* A place for its registers, outside RAM. */
#define AHCI_BASE 0xe0000000U

#define GHC       (AHCI_BASE + 0x04)
#define GHC_HR    BIT(0)
#define GHC_IE    BIT(1)
#define GHC_AE    BIT(31)
#define PXCLB     (AHCI_BASE + 0x100)
#define PXCLBU    (AHCI_BASE + 0x104)
#define PXFB      (AHCI_BASE + 0x108)
#define PXFBU     (AHCI_BASE + 0x10c)
#define PXIS      (AHCI_BASE + 0x110)
#define PXIS_BAD  0x7d800000U /* TFES, HBFS, HBDS, IFS, INFS, OFS, IPMS */
#define PXIE      (AHCI_BASE + 0x114)
#define PXCMD     (AHCI_BASE + 0x118)
#define PXCMD_ST  BIT(0)
#define PXCMD_FRE BIT(4)
#define PXCI      (AHCI_BASE + 0x138)

#define FIS_HOST_TO_DEVICE     0x27
#define FIS_IS_COMMAND         0x80
#define IDENTIFY_PACKET_DEVICE 0xa1

/* A command that is not carried out says so late or never: polls, about a millisecond's worth. */
#define POLLS 2000U

static void put32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof(value));
}

void ahci_make_header(uint8_t bytes[AHCI_HEADER_BYTES], const struct ahci_memory *m)
{
    memset(bytes, 0, AHCI_HEADER_BYTES);
    put32(bytes, 1U << 16 | 5); /* one data block, a FIS of five words */
    put32(bytes + 8, m->table);
}

void ahci_make_table(uint8_t bytes[AHCI_TABLE_BYTES], const struct ahci_memory *m)
{
    memset(bytes, 0, AHCI_TABLE_BYTES);
    bytes[0] = FIS_HOST_TO_DEVICE;
    bytes[1] = FIS_IS_COMMAND;
    bytes[2] = IDENTIFY_PACKET_DEVICE;
    put32(bytes + 0x80, m->data);
    put32(bytes + 0x8c, AHCI_DATA_BYTES - 1);
}

void ahci_init(void)
{
    uint32_t class = pci_read32(BDF_AHCI, 0x08) >> 8;

    if (class != 0x010601)
        ERROR("00:1f.2 is no AHCI controller, its class is %#x", class);
    pci_write32(BDF_AHCI, PCI_BAR5, AHCI_BASE);
    pci_write16(BDF_AHCI, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    mmio_write32(GHC, GHC_AE);
    if (!(mmio_read32(GHC) & GHC_AE))
        ERROR("the AHCI controller does not answer at %#x", AHCI_BASE);
}

void ahci_allow_dma(bool allow)
{
    pci_write16(BDF_AHCI, PCI_COMMAND, PCI_COMMAND_MEMORY | (allow ? PCI_COMMAND_MASTER : 0));
}

bool ahci_is_at(uint32_t address)
{
    uint32_t version = mmio_read32(address + 0x10); /* VS: 1.0 to 1.3.1 */

    return version >= 0x00010000 && version <= 0x00010301;
}

void ahci_move(uint32_t address)
{
    pci_write32(BDF_AHCI, PCI_BAR5, address ? address : AHCI_BASE);
}

/* The capability's offset; ends the test without one. */
static uint8_t find_msi(void)
{
    uint8_t at = pci_read8(BDF_AHCI, PCI_CAPABILITIES);

    for (uint32_t i = 0; at && i < 48; i++) {
        if (pci_read8(BDF_AHCI, at) == MSI_ID)
            return at;
        at = pci_read8(BDF_AHCI, (uint8_t)(at + 1));
    }
    ERROR("the AHCI controller has no MSI capability");
}

static void set_message(uint32_t address)
{
    uint8_t msi = find_msi();
    uint16_t control = pci_read16(BDF_AHCI, (uint8_t)(msi + MSI_CONTROL));

    pci_write32(BDF_AHCI, (uint8_t)(msi + MSI_ADDRESS), address);
    if (control & MSI_64BIT)
        pci_write32(BDF_AHCI, (uint8_t)(msi + MSI_ADDRESS_HIGH), 0);
    pci_write16(BDF_AHCI, (uint8_t)(msi + (control & MSI_64BIT ? MSI_DATA_64 : MSI_DATA_32)),
                AHCI_MESSAGE);
    pci_write16(BDF_AHCI, (uint8_t)(msi + MSI_CONTROL),
                (uint16_t)(address ? control | MSI_ENABLE : control & ~MSI_ENABLE));
}

bool ahci_issue(const struct ahci_memory *m)
{
    mmio_write32(GHC, GHC_AE | GHC_HR);
    if (!WAIT_FOR(!(mmio_read32(GHC) & GHC_HR), PATIENCE_MS))
        ERROR("the AHCI controller does not come out of its reset");
    mmio_write32(GHC, GHC_AE | (m->message ? GHC_IE : 0));
    set_message(m->message);
    mmio_write32(PXCLB, m->list);
    mmio_write32(PXCLBU, 0);
    mmio_write32(PXFB, m->received);
    mmio_write32(PXFBU, 0);
    mmio_write32(PXIE, m->message ? 0xffffffff : 0);
    mmio_write32(PXCMD, mmio_read32(PXCMD) | PXCMD_FRE);
    mmio_write32(PXCMD, mmio_read32(PXCMD) | PXCMD_ST);
    mmio_write32(PXIS, mmio_read32(PXIS));
    mmio_write32(PXCI, 1);
    for (uint32_t i = 0; i < POLLS && (mmio_read32(PXCI) & 1); i++)
        cpu_pause();
    return !(mmio_read32(PXCI) & 1) && !(mmio_read32(PXIS) & PXIS_BAD);
}
