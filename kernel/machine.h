/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this machine is, as far as a guest can see. */
#ifndef KERNEL_MACHINE_H
#define KERNEL_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

struct machine {
    bool q35;          /* an ICH9 LPC bridge at 00:1f.0 and a Q35-class MCH */
    bool seabios;      /* the F-segment says so */
    bool firmware_smm; /* a firmware has set SMI_LOCK before us */
    bool smm;          /* machine property smm=on */
    bool vga;          /* a VGA-compatible device on bus 0 */
    bool qemu_x86_64;  /* CPUID has long mode */
    uint32_t boot_cpus;
    char accel[8]; /* "tcg", "kvm" or "?" */
};

extern struct machine machine;

/*
 * Looks, once, before anything else has changed registers; makes the chipset
 * decode the PM block if no firmware has.
 */
void machine_init(void);

/* One diagnostic line that says what the tests run on. */
void machine_banner(void);

#endif
