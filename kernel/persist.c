/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/persist.h"

#include "kernel/memory.h"
#include "lib/string.h"

#define PERSIST_MAGIC 0x70657273U

struct persist persist;

static struct persist *saved(void)
{
    return (struct persist *)PERSIST_BASE;
}

static uint32_t checksum(const struct persist *p)
{
    const uint8_t *bytes = (const uint8_t *)p;
    uint32_t sum = 1;

    for (uint32_t i = 8; i < sizeof(*p); i++)
        sum = sum * 31 + bytes[i];
    return sum;
}

bool persist_load(void)
{
    memcpy(&persist, saved(), sizeof(persist));
    if (persist.magic == PERSIST_MAGIC && persist.sum == checksum(&persist) &&
        persist.phase == PERSIST_IN_TEST)
        return true;
    memset(&persist, 0, sizeof(persist));
    persist.magic = PERSIST_MAGIC;
    return false;
}

void persist_save(void)
{
    persist.sum = checksum(&persist);
    memcpy(saved(), &persist, sizeof(persist));
}

void persist_clear(void)
{
    memset(saved(), 0, sizeof(persist));
}
