/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways in which a register of the MCH may be written: CF8h or MMCONFIG, in each width. */
#ifndef TESTS_MCH_WAYS_H
#define TESTS_MCH_WAYS_H

#include <stdbool.h>
#include <stdint.h>

#define MCH_WAYS 6U

extern const char mch_way_names[MCH_WAYS][12];

/* Bytes that a write on this way has: 1, 2 or 4. */
uint32_t mch_way_size(uint32_t way);

/* One write of the low bytes of value. The last three need MMCONFIG: pci_ecam_open(). */
void mch_write_way(uint32_t way, uint16_t reg, uint32_t value);

/* The same by size, 1, 2 or 4 bytes; at an address that the size divides. */
void mch_write_sized(bool ecam, uint32_t size, uint16_t reg, uint32_t value);

#endif
