/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two 8259 interrupt controllers (ICH9 data sheet, "8259 Interrupt Controller"). */
#ifndef HW_PIC_H
#define HW_PIC_H

#include <stdint.h>

#define PIC_MASTER_COMMAND 0x20
#define PIC_MASTER_MASK    0x21
#define PIC_SLAVE_COMMAND  0xa0
#define PIC_SLAVE_MASK     0xa1
#define PIC_EOI            0x20  /* command: OCW2, non-specific */
#define PIC_SLAVE_ELCR     0x4d1 /* interrupts 8-15: 1 = level */

/* Masks all fifteen lines, so that what the firmware left armed stays quiet. */
void pic_mask_all(void);

/* Starts both anew: edge-triggered, nothing requested or in service, all lines masked. Vectors are
 * those of a BIOS (08h-0Fh, 70h-77h), of which this kernel accepts none. */
void pic_init(void);

/* IRR of the slave, bit n for interrupt 8 + n: of level-triggered ones, the line as it is now. */
uint8_t pic_slave_requests(void);

/* Acknowledges an interrupt of the slave by a poll command; mask: those that are not meant. Returns
 * 80h + its number less 8, and PIC_EOI is due, or less than 80h: there was none. */
uint8_t pic_slave_poll(uint8_t mask);

#endif
