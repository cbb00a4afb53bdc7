/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The post-SMM pen: a page of ordinary RAM, reserved by the firmware, where a
 * hot-added CPU waits in CLI;HLT for the operating system's INIT-SIPI-SIPI.
 */
#ifndef SMM_PEN_H
#define SMM_PEN_H

#include <stdint.h>

#define PEN_OFFSET 0x100 /* of struct pen in the page */

struct pen {
    volatile uint32_t arrived; /* CPUs that came in since it was cleared */
    volatile uint32_t woken;   /* times one went on behind its HLT */
};

/* Code for the start of the page; the page's number is a SIPI vector. */
extern const uint8_t pen_start[], pen_end[];

static inline volatile struct pen *pen_at(uint32_t page)
{
    return (volatile struct pen *)(uintptr_t)(page + PEN_OFFSET);
}

#endif
