/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef KERNEL_CMDLINE_H
#define KERNEL_CMDLINE_H

#include <stdbool.h>
#include <stdint.h>

/* Deliberate faults in our own SMM code, for the self-tests: fault=NAME. */
enum fault {
    FAULT_NO_SMBASE_WRITE = 1 << 0, /* no-smbase-write: relocation leaves SMBASE alone */
    FAULT_SAME_SMBASE = 1 << 1,     /* same-smbase: all CPUs get the first CPU's SMBASE */
    FAULT_NO_BROADCAST = 1 << 2,    /* no-broadcast: negotiation is left out */
    FAULT_NO_RESTORE = 1 << 3,      /* no-restore: memory at 0x30000 stays overwritten */
    FAULT_NO_PEN = 1 << 4,          /* no-pen: the post-SMM pen is missing */
    FAULT_CALL_OUT = 1 << 5,        /* call-out: SMM calls into ordinary RAM */
    FAULT_CRASH = 1 << 6,           /* crash: an exception in the first test */
    FAULT_RESET = 1 << 7,           /* reset: a machine reset that no test asked for */
    FAULT_HANG = 1 << 8,            /* hang: the first test never ends */
};

struct cmdline {
    char tests[1024]; /* comma separated globs; "" means all */
    bool host;        /* host=com2 */
    bool verbose;
    uint32_t faults; /* enum fault */
    uint32_t seed;   /* seed=N, of tests that go in a random order; 1 unless told */
};

extern struct cmdline cmdline;

/*
 * Parses the Multiboot command line (Multiboot 0.6.96, 3.3: EBX -> flags bit 2,
 * cmdline at +16). mbi == NULL or no command line: defaults.
 * Unknown words are reported as diagnostics.
 */
void cmdline_init(uint32_t magic, const void *mbi);

/* True if id matches one of the globs in cmdline.tests (or there is none). */
bool cmdline_selects(const char *id);

/* True if exactly this id was asked for, without a wildcard. */
bool cmdline_names(const char *id);

#endif
