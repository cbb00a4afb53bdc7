/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KERNEL_NEEDS_H
#define KERNEL_NEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include "include/testinfo.h"

/*
 * True if this machine has what the record's needs ask for, as far as a guest
 * can see it; otherwise reason says what is missing. The words are those of
 * docs/architecture.md.
 */
bool needs_met(const struct testinfo *t, char *reason, uint32_t size);

#endif
