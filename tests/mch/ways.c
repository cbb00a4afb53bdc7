/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/mch/ways.h"

#include "hw/pci.h"

const char mch_way_names[MCH_WAYS][12] = {"CF8 byte",  "CF8 word",  "CF8 dword",
                                          "ECAM byte", "ECAM word", "ECAM dword"};

uint32_t mch_way_size(uint32_t way)
{
    return 1U << way % 3;
}

void mch_write_way(uint32_t way, uint16_t reg, uint32_t value)
{
    mch_write_sized(way >= 3, mch_way_size(way), reg, value);
}

void mch_write_sized(bool ecam, uint32_t size, uint16_t reg, uint32_t value)
{
    if (ecam && size == 1)
        pci_ecam_write8(PCI_BDF_MCH, reg, (uint8_t)value);
    else if (ecam && size == 2)
        pci_ecam_write16(PCI_BDF_MCH, reg, (uint16_t)value);
    else if (ecam)
        pci_ecam_write32(PCI_BDF_MCH, reg, value);
    else if (size == 1)
        pci_cf8_write8(PCI_BDF_MCH, (uint8_t)reg, (uint8_t)value);
    else if (size == 2)
        pci_cf8_write16(PCI_BDF_MCH, (uint8_t)reg, (uint16_t)value);
    else
        pci_cf8_write32(PCI_BDF_MCH, (uint8_t)reg, value);
}
