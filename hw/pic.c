/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/pic.h"

#include "hw/io.h"

void pic_mask_all(void)
{
    outb(PIC_MASTER_MASK, 0xff);
    outb(PIC_SLAVE_MASK, 0xff);
}
