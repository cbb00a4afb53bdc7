/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One memory access in virtual-8086 mode, and back; i386 only, as long mode has no such mode. */
#ifndef TESTS_SMRAM_V86_H
#define TESTS_SMRAM_V86_H

#include <stdbool.h>
#include <stdint.h>

#ifndef __x86_64__
/*
 * Reads 4 bytes at this address, below 1 MiB and a multiple of 16, into *got and writes the other
 * value 8 bytes further on: outside SMM, or in SMM. False when an exception ended it.
 */
bool v86_outside(uint32_t at, uint32_t forged, uint32_t *got);
bool v86_inside(uint32_t at, uint32_t forged, uint32_t *got);
#endif

#endif
