/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/cpuhp.h"

#include "hw/io.h"

/* QEMU's q35 takes 4096 at most: what lies beyond is no block that follows the specification. */
#define MAX_CPUS 65536U

bool cpuhp_modern_enable(void)
{
    /* The legacy bitmap takes byte accesses only, and QEMU before 8.0 enforces that under TCG:
     * a 32-bit write would not switch, and a 32-bit read give the 0 of the modern block. */
    outb(CPUHP_SELECTOR, 0);
    if (inb(CPUHP_DATA2) != 0)
        return false;
    outl(CPUHP_SELECTOR, 0);
    outb(CPUHP_COMMAND, CPUHP_CMD_NEXT_EVENT);
    return inl(CPUHP_DATA2) == 0;
}

void cpuhp_select(uint32_t selector)
{
    outl(CPUHP_SELECTOR, selector);
}

uint8_t cpuhp_flags(void)
{
    return inb(CPUHP_FLAGS);
}

void cpuhp_write_flags(uint8_t value)
{
    outb(CPUHP_FLAGS, value);
}

uint32_t cpuhp_command_data(uint8_t command)
{
    outb(CPUHP_COMMAND, command);
    return inl(CPUHP_DATA);
}

/* Walks over all possible CPUs; returns their number and in *present that of the present ones. */
static uint32_t enumerate(uint32_t *present)
{
    uint32_t possible;

    *present = 0;
    cpuhp_select(0);
    /* Makes the data register show the selector.  A pending event moves the selector now, but no
     * more when the loop stores it. */
    outb(CPUHP_COMMAND, CPUHP_CMD_NEXT_EVENT);
    for (possible = 0; possible < MAX_CPUS; possible++) {
        cpuhp_select(possible);
        if (possible != 0 && inl(CPUHP_DATA) == 0)
            break;
        if (cpuhp_flags() & CPUHP_ENABLED)
            ++*present;
    }
    cpuhp_select(0);
    return possible < MAX_CPUS ? possible : 0;
}

uint32_t cpuhp_max_cpus(void)
{
    uint32_t present;

    return enumerate(&present);
}

uint32_t cpuhp_present_cpus(void)
{
    uint32_t present;

    enumerate(&present);
    return present;
}

bool cpuhp_next_event(uint32_t *selector)
{
    uint32_t found;

    cpuhp_select(*selector);
    found = cpuhp_command_data(CPUHP_CMD_NEXT_EVENT);
    if (!(cpuhp_flags() & CPUHP_EVENTS))
        return false;
    *selector = found;
    return true;
}

uint64_t cpuhp_arch_id(uint32_t selector)
{
    uint32_t low;

    cpuhp_select(selector);
    low = cpuhp_command_data(CPUHP_CMD_ARCH_ID);
    return (uint64_t)inl(CPUHP_DATA2) << 32 | low;
}

void cpuhp_ost(uint32_t selector, uint32_t event, uint32_t status)
{
    cpuhp_select(selector);
    outb(CPUHP_COMMAND, CPUHP_CMD_OST_EVENT);
    outl(CPUHP_DATA, event);
    outb(CPUHP_COMMAND, CPUHP_CMD_OST_STATUS);
    outl(CPUHP_DATA, status);
}
