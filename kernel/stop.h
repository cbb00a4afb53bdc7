/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KERNEL_STOP_H
#define KERNEL_STOP_H

#include "hw/cpu.h"

/* Nothing is left to do on this CPU. SMIs and NMIs may still come and go. */
static inline __attribute__((noreturn)) void cpu_stop(void)
{
    for (;;) {
        cli();
        hlt();
    }
}

#endif
