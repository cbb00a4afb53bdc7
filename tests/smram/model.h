/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the manuals say about who sees what where SMRAM lies, byte by byte.
 *
 * Compatible, high and top segment: Q35 MCH datasheet, SMRAM (9Dh) and ESMRAMC (9Eh), and the
 * combination table G_SMRAME/H_SMRAME/T_EN of the 925 datasheet ("SMM Space Combinations"); high
 * segment: QEMU commit 64130fa4a1; TSEG and devices: bafc90bdc5; default SMBASE: f404220e27.
 */
#ifndef TESTS_SMRAM_MODEL_H
#define TESTS_SMRAM_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum view {
    VIEW_OUTSIDE, /* a CPU that is not in SMM */
    VIEW_SMM,
    VIEW_DMA,  /* a device: fw_cfg */
    VIEW_EDU,  /* a PCI bus master, of any width: needs device=edu */
    VIEW_HOST, /* the host's pmemsave, reads only: needs host=peek */
    VIEWS,
};

/* What the MCH was told. */
struct smram_state {
    bool g;      /* G_SMRAME */
    bool h;      /* H_SMRAME */
    bool t;      /* T_EN */
    bool open;   /* D_OPEN; must be false with D_LCK */
    bool window; /* F_SMBASE locked */
    uint8_t tseg_sz;
    uint32_t tseg_base, tseg_end; /* where that TSEG must be, enabled or not */
};

enum sight {
    SIGHT_RAM,    /* the RAM byte that *ram names */
    SIGHT_ONES,   /* reads give FFh, writes vanish */
    SIGHT_OTHER,  /* some device or nothing; in no case the RAM byte *ram */
    SIGHT_UNSAID, /* nothing is promised, or a test of its own is about it */
};

/* What view has at address, and which RAM byte is or must not be behind it. */
enum sight smram_sight(const struct smram_state *s, enum view view, uint32_t address,
                       uint32_t *ram);

/* Where SMM reaches this RAM byte while G_SMRAME is set. */
uint32_t smram_reach(const struct smram_state *s, uint32_t ram);

const char *view_name(enum view view);

/* "G1 H0 T1 open window TSEG 0xfe00000" into text. */
void smram_state_text(const struct smram_state *s, char *text, uint32_t size);

#endif
