/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RAM around the borders of every region, with a pattern in it. */
#ifndef TESTS_SMRAM_ZONES_H
#define TESTS_SMRAM_ZONES_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/smram/model.h"

/* RAM on both sides of a border. */
#define ZONE_HALF  16U
#define ZONE_BYTES (2 * ZONE_HALF)

struct zone {
    uint32_t base; /* RAM address */
    uint32_t size;
    uint8_t before[ZONE_BYTES];
    uint8_t want[ZONE_BYTES];
    uint8_t got[ZONE_BYTES];
    bool unsaid[ZONE_BYTES];
};

/* Where regions begin and end, as they are addressed. */
enum edge {
    A_BASE,
    A_END,
    WINDOW_BASE,
    WINDOW_END,
    TSEG_BASE,
    TSEG_END,
    HIGH_BASE,
    HIGH_END,
    EDGES
};

/* The high segment's RAM is that of the A-segment. */
#define ZONES HIGH_BASE

extern struct zone zones[ZONES];
extern uint32_t edges[EDGES];

/* Never 0, FFh or text, so that neither an empty bus nor VGA memory looks like it. */
uint8_t zone_pattern(uint32_t ram);
/* What is written there: as unlike as can be, within the same limits. */
uint8_t zone_opposite(uint32_t ram);

/* The zone of this RAM byte; NULL: it is in none. */
struct zone *zone_of(uint32_t ram);

/* Places of an access, relative to an edge: the first or last bytes of the region, the ones right
 * before or behind it, half and half. */
enum place { INSIDE, BEYOND, ACROSS, PLACES };

/* The address of an access of this width; false if there is none. */
bool zone_place(enum edge edge, enum place place, uint32_t width, uint32_t *address);

/* Says where zones and edges are for s, and saves what lies in the zones.  SMRAM must be open. */
void zones_init(const struct smram_state *s);

/*
 * Reads all zones into got or writes it, writes the pattern, or writes back what zones_init() has
 * saved; through SMM where s says what SMM sees, else (NULL) from outside, SMRAM open.
 */
void zones_read(const struct smram_state *s);
void zones_write(const struct smram_state *s); /* from got */
void zones_lay(const struct smram_state *s);
void zones_restore(void);

#endif
