/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMM's descriptor tables. They lie in the SMM image, so in SMRAM. */
#ifndef SMM_DESCRIPTORS_H
#define SMM_DESCRIPTORS_H

#include <stdint.h>

#include "hw/cpu.h"
#include "lib/trap.h"

#define SMM_CS       0x08
#define SMM_DS       0x10
#define SMM_CS_LEAVE 0x18 /* i386 only */
#define SMM_CR4      CR4_PAE

extern uint64_t smm_gdt[];
extern const uint16_t smm_gdt_limit;
extern struct descriptor_pointer smm_idtr;

/*
 * Builds GDT and IDT; outside SMM, before the image is copied. On i386 the code
 * segment ends with the SMM image, so that nothing behind it is executable on a
 * CPU without NX; SMM_CS_LEAVE reaches the stubs, for their last instructions.
 */
void smm_descriptors_init(void);

#endif
