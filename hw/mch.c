/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/mch.h"

#include "hw/cmos.h"
#include "hw/pci.h"

#define MIB 0x100000U

uint8_t mch_read8(uint8_t reg)
{
    return pci_read8(PCI_BDF_MCH, reg);
}

uint16_t mch_read16(uint8_t reg)
{
    return pci_read16(PCI_BDF_MCH, reg);
}

uint32_t mch_read32(uint8_t reg)
{
    return pci_read32(PCI_BDF_MCH, reg);
}

void mch_write8(uint8_t reg, uint8_t value)
{
    pci_write8(PCI_BDF_MCH, reg, value);
}

void mch_write16(uint8_t reg, uint16_t value)
{
    pci_write16(PCI_BDF_MCH, reg, value);
}

void mch_write32(uint8_t reg, uint32_t value)
{
    pci_write32(PCI_BDF_MCH, reg, value);
}

bool mch_locked(void)
{
    return mch_read8(MCH_SMRAM) & SMRAM_D_LCK;
}

uint16_t mch_ext_tseg_query(void)
{
    uint16_t old = mch_read16(MCH_EXT_TSEG_MBYTES);
    uint16_t answer;

    mch_write16(MCH_EXT_TSEG_MBYTES, EXT_TSEG_QUERY);
    answer = mch_read16(MCH_EXT_TSEG_MBYTES);
    if (answer == EXT_TSEG_QUERY) {
        mch_write16(MCH_EXT_TSEG_MBYTES, old);
        return 0;
    }
    return answer;
}

uint32_t mch_tseg_selected_size(void)
{
    switch (mch_read8(MCH_ESMRAMC) & ESMRAMC_TSEG_SZ) {
    case ESMRAMC_TSEG_SZ_1M:
        return 1 * MIB;
    case ESMRAMC_TSEG_SZ_2M:
        return 2 * MIB;
    case ESMRAMC_TSEG_SZ_8M:
        return 8 * MIB;
    default:
        return mch_ext_tseg_query() * MIB;
    }
}

uint32_t mch_tseg_size(void)
{
    if (!(mch_read8(MCH_ESMRAMC) & ESMRAMC_T_EN) || !(mch_read8(MCH_SMRAM) & SMRAM_G_SMRAME))
        return 0;
    return mch_tseg_selected_size();
}

uint32_t mch_low_ram_top(void)
{
    uint32_t above_16m = cmos_read16(CMOS_MEM_16M_LOW);

    if (above_16m)
        return 16 * MIB + above_16m * 0x10000U;
    return MIB + cmos_read16(CMOS_EXT_MEM_LOW) * 1024U;
}

uint64_t mch_ram_size(void)
{
    uint32_t above_4g = cmos_read16(CMOS_MEM_4G) | (uint32_t)cmos_read(CMOS_MEM_4G + 2) << 16;

    return mch_low_ram_top() + above_4g * UINT64_C(0x10000);
}

uint32_t mch_tseg_base(void)
{
    uint32_t top = mch_low_ram_top();
    uint32_t size = mch_tseg_selected_size();

    return size && size < top ? top - size : 0;
}

enum smbase_window mch_smbase_window_probe(void)
{
    uint8_t value = mch_read8(MCH_F_SMBASE);

    if (value != F_SMBASE_IN_RAM && value != F_SMBASE_LOCKED) {
        uint8_t old = value;

        mch_write8(MCH_F_SMBASE, F_SMBASE_QUERY);
        value = mch_read8(MCH_F_SMBASE);
        if (value != F_SMBASE_IN_RAM) {
            mch_write8(MCH_F_SMBASE, old);
            return SMBASE_WINDOW_ABSENT;
        }
    }
    return value == F_SMBASE_LOCKED ? SMBASE_WINDOW_LOCKED : SMBASE_WINDOW_OPEN;
}
