/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SMRAM that is attacked: 64 KiB at the end of TSEG which SMM fills with known bytes and looks
 * over afterwards. */
#ifndef TESTS_ATTACK_TARGET_H
#define TESTS_ATTACK_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#define TARGET_SIZE 0x10000U

/* Takes SMM over, fills the target, closes SMRAM and sets D_LCK.  Before the target lies a page of
 * SMRAM without our code; the whole TSEG has 8 MiB at least. */
void target_prepare(void);

/* Physical = linear address. */
uint32_t target_base(void);

/* What the byte at this address holds; never FFh. */
uint8_t target_byte(uint32_t address);

/* The first address whose byte has changed; 0: none has.  Looks from SMM, and mends it. */
uint32_t target_first_changed(void);

/* EXPECTs that nothing has changed; the context says by what it would have. */
#define EXPECT_TARGET_UNTOUCHED(id, sentence) EXPECT_EQ(id, target_first_changed(), 0, sentence)

/* Writes bytes into the target from SMM; target_first_changed() will report them. */
void target_put(uint32_t address, const void *bytes, uint32_t size);

/* Does SMM find these bytes there? */
bool target_holds(uint32_t address, const void *bytes, uint32_t size);

#endif
