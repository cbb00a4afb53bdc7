/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/pit.h"

#include "hw/io.h"

#define CONTROL_CHANNEL_0_BOTH_BYTES_MODE_0 0x30
#define CONTROL_CHANNEL_0_LATCH             0x00

void pit_one_shot(uint16_t count)
{
    outb(PIT_CONTROL, CONTROL_CHANNEL_0_BOTH_BYTES_MODE_0);
    outb(PIT_CHANNEL_0, (uint8_t)count);
    outb(PIT_CHANNEL_0, (uint8_t)(count >> 8));
}

void pit_quiet(void)
{
    pit_one_shot(1);
}

uint16_t pit_count(void)
{
    uint8_t low;

    outb(PIT_CONTROL, CONTROL_CHANNEL_0_LATCH);
    low = inb(PIT_CHANNEL_0);
    return (uint16_t)(inb(PIT_CHANNEL_0) << 8 | low);
}
