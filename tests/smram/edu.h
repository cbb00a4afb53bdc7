/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's edu device (docs/specs/edu), as a PCI bus master: it copies between guest memory and 4 KiB
 * of its own. A transfer takes 100 ms of emulated time.
 */
#ifndef TESTS_SMRAM_EDU_H
#define TESTS_SMRAM_EDU_H

#include <stdbool.h>
#include <stdint.h>

#define EDU_BUFFER_SIZE 4096U

/* Finds the device, gives it addresses and makes it a bus master; ends the test if there is
 * none. */
void edu_init(void);

/* Guest memory to the device's memory at offset; false if it does not come to an end. */
bool edu_read(uint32_t memory, uint32_t offset, uint32_t length);

/* The device's memory at offset to guest memory. */
bool edu_write(uint32_t memory, uint32_t offset, uint32_t length);

#endif
