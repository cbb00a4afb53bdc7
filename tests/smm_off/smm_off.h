/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of a machine without SMM share. */
#ifndef TESTS_SMM_OFF_SMM_OFF_H
#define TESTS_SMM_OFF_SMM_OFF_H

#include <stdint.h>

/* QEMU's pc machines describe their property "smm" so. */
#define OFF_SPEC \
    "QEMU machine property smm, \"Enable SMM\"; docs/interop/firmware.json: requires-smm; "

#define OFF_NEEDS_ONE "smm=off firmware=virgin boot=own "
#define OFF_NEEDS     "smp=2 " OFF_NEEDS_ONE

/*
 * Starts all CPUs and puts a handler that counts and returns to the default SMBASE, for a machine
 * that takes SMIs all the same. CPUs share its save area: raise one at a time.
 */
void off_begin(void);

/* Checks "none": since off_begin() no CPU took an SMI, by MSR_SMI_COUNT and by the handler. */
void off_check_none(void);
/* The same for the first CPUs only: the others are gone. */
void off_check_cpus(uint32_t cpus);

#endif
