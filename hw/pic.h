/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two 8259 interrupt controllers (ICH9 data sheet, "8259 Interrupt Controller"). */
#ifndef HW_PIC_H
#define HW_PIC_H

#define PIC_MASTER_MASK 0x21
#define PIC_SLAVE_MASK  0xa1

/* Masks all fifteen lines, so that what the firmware left armed stays quiet. */
void pic_mask_all(void);

#endif
