/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The save areas of scenes, field by field, in whichever map is in use. */
#ifndef TESTS_SAVE_FIELDS_H
#define TESTS_SAVE_FIELDS_H

#include "tests/entry/scene.h"

/* What a manual promises about a field. */
enum save_promise {
    SAVE_ALL,       /* all its bits */
    SAVE_LOW_32,    /* see save.high_halves about the others */
    SAVE_SELECTOR,  /* 16 bits in 32 */
    SAVE_GENERAL,   /* upper half in 64-bit mode only */
    SAVE_HIGH_REG,  /* R8 to R15: in long mode only */
    SAVE_ATTRIBUTE, /* of a segment */
    SAVE_TR,        /* attributes of the TSS */
    SAVE_NOTHING,   /* QEMU keeps the register there, no document says so */
};

struct save_field {
    const char *id;
    uint16_t offset, length;        /* in the save area, bytes */
    uint16_t source, source_length; /* in struct scene_state */
    enum save_promise promise;
};

/* Fields that hold registers, but for RIP; the list ends with id NULL. */
const struct save_field *save_fields(void);

/* What the field has to hold for this state; *mask: the bits that count, 0: none. */
uint64_t save_expected(const struct save_field *f, enum scene_mode mode,
                       const struct scene_state *s, uint64_t *mask);

/* The bits of a field that two SMIs save alike when nothing has changed between them. */
uint64_t save_lasting(const struct save_field *f, enum scene_mode mode);

uint64_t save_value(const union smm_save *save, const struct save_field *f);

#endif
