/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/debugexit.h"

#include "hw/io.h"

void debug_exit(uint32_t value)
{
    outl(DEBUG_EXIT_PORT, value);
    outw(DEBUG_EXIT_DEFAULT_PORT, (uint16_t)value);
}
