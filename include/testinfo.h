/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The record that describes one test to the outside world.
 *
 * The kernel places one record per test into the ELF section ".testinfo"; the
 * runner reads them from kernel.elf with libelf and so can list and plan tests
 * even when the QEMU under test does not boot.  Both ELF classes use the same
 * layout: fixed-size character arrays (always NUL terminated), little-endian
 * integers, no pointers.
 */
#ifndef TESTINFO_H
#define TESTINFO_H

#include <stdint.h>

#define TESTINFO_SECTION ".testinfo"
#define TESTINFO_MAGIC   0x544d4d53U /* "SMMT" in memory */
#define TESTINFO_VERSION 1U
#define TESTINFO_SIZE    1024U

/* Sizes include the terminating NUL. */
#define TESTINFO_ID_MAX       64
#define TESTINFO_SENTENCE_MAX 240
#define TESTINFO_SPEC_MAX     240
#define TESTINFO_NEEDS_MAX    240
#define TESTINFO_FILE_MAX     96

struct testinfo {
    uint32_t magic;   /* TESTINFO_MAGIC */
    uint32_t version; /* TESTINFO_VERSION */
    uint32_t line;    /* line of TEST() in file, from 1 */
    uint32_t flags;   /* reserved, 0 */
    union {
        void (*run)(void);   /* only meaningful inside the kernel */
        uint64_t run_addr64; /* keeps the layout equal in both ELF classes */
    };
    char id[TESTINFO_ID_MAX];             /* "area.name" */
    char sentence[TESTINFO_SENTENCE_MAX]; /* what holds when the test passes */
    char spec[TESTINFO_SPEC_MAX];         /* manual and section that promise it */
    char needs[TESTINFO_NEEDS_MAX];       /* words, docs/architecture.md "Needs" */
    char file[TESTINFO_FILE_MAX];         /* source file, relative to the tree */
    uint8_t reserved[TESTINFO_SIZE - 24 - TESTINFO_ID_MAX - TESTINFO_SENTENCE_MAX -
                     TESTINFO_SPEC_MAX - TESTINFO_NEEDS_MAX - TESTINFO_FILE_MAX];
};

_Static_assert(sizeof(struct testinfo) == TESTINFO_SIZE, "record layout is fixed");

#endif
