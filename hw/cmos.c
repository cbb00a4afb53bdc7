/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/cmos.h"

#include "hw/io.h"

uint8_t cmos_read(uint8_t index)
{
    outb(CMOS_INDEX, index & 0x7f);
    return inb(CMOS_DATA);
}

void cmos_write(uint8_t index, uint8_t value)
{
    outb(CMOS_INDEX, index & 0x7f);
    outb(CMOS_DATA, value);
}

uint16_t cmos_read16(uint8_t index)
{
    return (uint16_t)(cmos_read(index) | cmos_read(index + 1) << 8);
}
