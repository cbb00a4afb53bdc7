/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/pic.h"

#include "hw/io.h"

#define ICW1_EDGE_CASCADE_ICW4 0x11
#define ICW2_MASTER_VECTOR     0x08
#define ICW2_SLAVE_VECTOR      0x70
#define ICW3_MASTER_SLAVE_AT_2 0x04
#define ICW3_SLAVE_ID          0x02
#define ICW4_8086              0x01
#define OCW3_READ_IRR          0x0a
#define OCW3_POLL              0x0c

void pic_mask_all(void)
{
    outb(PIC_MASTER_MASK, 0xff);
    outb(PIC_SLAVE_MASK, 0xff);
}

void pic_init(void)
{
    outb(PIC_MASTER_COMMAND, ICW1_EDGE_CASCADE_ICW4);
    outb(PIC_MASTER_MASK, ICW2_MASTER_VECTOR);
    outb(PIC_MASTER_MASK, ICW3_MASTER_SLAVE_AT_2);
    outb(PIC_MASTER_MASK, ICW4_8086);
    outb(PIC_SLAVE_COMMAND, ICW1_EDGE_CASCADE_ICW4);
    outb(PIC_SLAVE_MASK, ICW2_SLAVE_VECTOR);
    outb(PIC_SLAVE_MASK, ICW3_SLAVE_ID);
    outb(PIC_SLAVE_MASK, ICW4_8086);
    pic_mask_all();
}

uint8_t pic_slave_requests(void)
{
    outb(PIC_SLAVE_COMMAND, OCW3_READ_IRR);
    return inb(PIC_SLAVE_COMMAND);
}

uint8_t pic_slave_poll(uint8_t mask)
{
    outb(PIC_SLAVE_MASK, mask);
    outb(PIC_SLAVE_COMMAND, OCW3_POLL);
    return inb(PIC_SLAVE_COMMAND);
}
