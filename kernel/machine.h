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
    uint32_t apic_id_limit; /* no CPU, present or not, has this APIC id or a higher one */
    char accel[8];          /* "tcg", "kvm" or "?" */
    char type[32];          /* machine type, such as "pc-q35-7.2", or "" if SMBIOS does not tell */
    uint32_t type_version;  /* MACHINE_VERSION(7, 2); 0: type is not one of QEMU's own */
};

/* Versions of machine types compare as numbers, so that pc-q35-4.0 < pc-q35-4.0.1 < pc-q35-4.1. */
#define MACHINE_VERSION3(major, minor, micro) \
    ((uint32_t)(major) << 20 | (uint32_t)(minor) << 10 | (uint32_t)(micro))
#define MACHINE_VERSION(major, minor) MACHINE_VERSION3(major, minor, 0)

extern struct machine machine;

/*
 * Looks, once, before anything else has changed registers; makes the chipset
 * decode the PM block if no firmware has.
 */
void machine_init(void);

/* MACHINE_VERSION of a type's name; 0 for names that QEMU itself does not give to a q35. */
uint32_t machine_version_of(const char *type);

/* One diagnostic line that says what the tests run on. */
void machine_banner(void);

#endif
