/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who sees SMRAM: every view against the model, at the ends of every region. */
#ifndef TESTS_SMRAM_VIEWS_H
#define TESTS_SMRAM_VIEWS_H

#include "tests/smram/model.h"

/* Makes the RAM behind all segments ordinary memory; D_LCK must be clear. */
void views_open(void);

/* Writes SMRAM and ESMRAMC, without D_LCK. */
void views_set(const struct smram_state *s);

/* SMRAM and ESMRAMC for this state, without D_LCK. */
uint8_t views_smram(const struct smram_state *s);
uint8_t views_esmramc(const struct smram_state *s);

/* Says where the TSEG of this size must be: it ends where RAM below 4 GiB ends. */
void views_place_tseg(struct smram_state *s, uint8_t tseg_sz, uint32_t size);

/* Patterns into the RAM at both ends of every region of s, on both sides of the border;
 * views_open() must be in force. */
void views_lay(const struct smram_state *s);

/* Brings back what lay there before, in the same way. */
void views_restore(void);

/*
 * Reads and writes at the ends of every region, at every width and across the border, as every CPU
 * and fw_cfg see it. locked: what has become of the RAM is seen from SMM, else by opening SMRAM.
 */
void views_check(const struct smram_state *s, bool locked);

/* The same for one view, also those that are not part of every machine. */
void views_check_view(const struct smram_state *s, enum view view, bool locked);

/* Its part about instruction fetches, in and outside SMM: instructions of every width at the same
 * places. */
void views_check_fetches(const struct smram_state *s, bool locked);

#endif
