/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/smram/zones.h"

#include <stddef.h>

#include "hw/mch.h"
#include "lib/string.h"
#include "tests/smram/access.h"

struct zone zones[ZONES];
uint32_t edges[EDGES];

static struct access_list list;

uint8_t zone_pattern(uint32_t ram)
{
    uint8_t value = (uint8_t)(0x80 | (ram * 29 + (ram >> 12) * 7 + (ram >> 16) * 3));

    return value == 0xff ? 0x81 : value;
}

uint8_t zone_opposite(uint32_t ram)
{
    return zone_pattern(ram) ^ 0x55;
}

struct zone *zone_of(uint32_t ram)
{
    for (uint32_t i = 0; i < ZONES; i++) {
        if (ram - zones[i].base < zones[i].size)
            return &zones[i];
    }
    return NULL;
}

bool zone_place(enum edge edge, enum place place, uint32_t width, uint32_t *address)
{
    bool end = edge & 1;

    if (place != INSIDE && edge == TSEG_END)
        return false;
    if (place == ACROSS) {
        *address = edges[edge] - width / 2;
        return width > 1;
    }
    *address = end == (place == INSIDE) ? edges[edge] - width : edges[edge];
    return true;
}

/* Reads all zones into got or writes them from there. */
static void transfer(const struct smram_state *s, bool write)
{
    uint32_t n = 0;

    list.count = 0;
    for (uint32_t i = 0; i < ZONES; i++) {
        struct zone *z = &zones[i];

        for (uint32_t at = 0; at < z->size; at += 4)
            access_add(&list, s ? smram_reach(s, z->base + at) : z->base + at, 4,
                       write ? &z->got[at] : NULL);
    }
    access_run(s ? VIEW_SMM : VIEW_OUTSIDE, &list);
    for (uint32_t i = 0; i < ZONES && !write; i++) {
        for (uint32_t at = 0; at < zones[i].size; at += 4)
            memcpy(&zones[i].got[at], list.access[n++].value, 4);
    }
}

void zones_init(const struct smram_state *s)
{
    edges[A_BASE] = SMRAM_A_BASE;
    edges[A_END] = SMRAM_A_BASE + SMRAM_A_SIZE;
    edges[WINDOW_BASE] = SMRAM_WINDOW_BASE;
    edges[WINDOW_END] = SMRAM_WINDOW_BASE + SMRAM_WINDOW_SIZE;
    edges[TSEG_BASE] = s->tseg_base;
    edges[TSEG_END] = s->tseg_end;
    edges[HIGH_BASE] = SMRAM_HIGH_BASE;
    edges[HIGH_END] = SMRAM_HIGH_BASE + SMRAM_A_SIZE;
    for (uint32_t i = 0; i < ZONES; i++) {
        zones[i].base = edges[i] - ZONE_HALF;
        /* Behind TSEG is the end of RAM. */
        zones[i].size = i == TSEG_END ? ZONE_HALF : ZONE_BYTES;
    }
    transfer(NULL, false);
    for (uint32_t i = 0; i < ZONES; i++)
        memcpy(zones[i].before, zones[i].got, ZONE_BYTES);
}

void zones_read(const struct smram_state *s)
{
    transfer(s, false);
}

void zones_write(const struct smram_state *s)
{
    transfer(s, true);
}

void zones_lay(const struct smram_state *s)
{
    for (uint32_t i = 0; i < ZONES; i++) {
        for (uint32_t at = 0; at < zones[i].size; at++)
            zones[i].got[at] = zone_pattern(zones[i].base + at);
    }
    transfer(s, true);
}

void zones_restore(void)
{
    for (uint32_t i = 0; i < ZONES; i++)
        memcpy(zones[i].got, zones[i].before, ZONE_BYTES);
    transfer(NULL, true);
}
