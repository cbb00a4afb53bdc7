/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MSR accesses that are a #GP, and CPUs in x2APIC mode. */
#ifndef TESTS_APIC_GP_H
#define TESTS_APIC_GP_H

#include <stdbool.h>
#include <stdint.h>

struct msr_access {
    uint32_t msr;
    bool write;
    uint64_t value;
};

/* Checks "gp": the access raises #GP. what: a word for the failure. */
void expect_gp(struct msr_access access, const char *what);

/* Skips the test where there is no x2APIC; requires xAPIC mode, as after reset. */
void x2apic_require(void);

/* For smp_call(): switches the CPU to x2APIC mode; 1 if it is there then. */
uint64_t x2apic_switch(void *arg);

#endif
