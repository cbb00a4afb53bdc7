/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A scene: the CPU in one mode, every register loaded with a value of its own, an
 * action (two SMIs in a row, or one instruction), and all registers written down
 * afterwards. The SMIs are received by the two witnesses.
 */
#ifndef TESTS_ENTRY_SCENE_H
#define TESTS_ENTRY_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/entry/witness.h"

enum scene_mode {
    SCENE_REAL,
    SCENE_V86,
    SCENE_PROTECTED,      /* 32-bit, no paging, CPL 0 */
    SCENE_PROTECTED_USER, /* CPL 3 */
    SCENE_PROTECTED_16,   /* 16-bit code and stack */
    SCENE_PAGED,          /* 32-bit paging, CPL 0 */
    SCENE_PAGED_USER,
    SCENE_PAE,
    SCENE_PAE_USER,
    SCENE_COMPAT, /* x86_64 from here on: 32-bit code in long mode */
    SCENE_COMPAT_USER,
    SCENE_LONG, /* 64-bit code */
    SCENE_LONG_USER,
    SCENE_MODES
};

enum scene_action {
    SCENE_SMI, /* two, by APM_CNT */
    SCENE_RSM,
    SCENE_LOCK_RSM,
    SCENE_GUARDED_SMI, /* as SCENE_SMI, with DR7.GD set */
};

/* Numbers of general registers and segments, as in instruction encodings. */
enum { REG_AX, REG_CX, REG_DX, REG_BX, REG_SP, REG_BP, REG_SI, REG_DI, REG_R8, REG_COUNT = 16 };
enum { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_COUNT };

struct scene_segment {
    uint16_t selector;
    uint16_t attributes; /* ATTR_*, scene_tables.h */
    uint32_t limit;
    uint64_t base;
};

/* The registers of the CPU in the scene. */
struct scene_state {
    uint64_t reg[REG_COUNT]; /* R8 on: only in long mode */
    uint64_t ip;             /* of the instruction behind the one that raises the SMI */
    uint64_t flags;
    struct scene_segment seg[SEG_COUNT], ldtr, tr;
    uint64_t gdtr_base, idtr_base;
    uint16_t gdtr_limit, idtr_limit;
    uint64_t cr0, cr2, cr3, cr4, efer;
    uint64_t dr[4], dr6, dr7;
};

struct scene_result {
    uint32_t variant, leave;
    struct scene_state loaded; /* what the CPU was given */
    /* Exception that ended the scene, SCENE_DONE if none did, and its IP. */
    uint32_t vector;
    uint64_t where;
    uint64_t action; /* IP of the action */
    bool guarded;    /* after SCENE_GUARDED_SMI: MOV from DR7 was #DB */
    /* What the scene itself found after the SMIs. */
    uint64_t reg[REG_COUNT], flags, cr2, dr[4], dr6, dr7;
    uint16_t selector[SEG_COUNT];
    struct witness_report smi[2];
};

#define SCENE_DONE     0x60
#define SCENE_VARIANTS 2

/* Words for reports. */
const char *scene_mode_name(enum scene_mode mode);
bool scene_mode_exists(enum scene_mode mode);
bool scene_mode_is_long(enum scene_mode mode);
unsigned int scene_mode_bits(enum scene_mode mode); /* default operand size */
unsigned int scene_mode_cpl(enum scene_mode mode);

/* Bits that CR4 has besides, in modes without paging. */
extern uint32_t scene_more_cr4;

/*
 * Plays a scene on the BSP. variant: 0 or 1, two complementary sets of values;
 * edits: for the save area of the first SMI, see witness.h. Needs REQUIRE_SMM().
 * Afterwards the BSP is back at its SMBASE.
 */
void scene_play(enum scene_mode mode, enum scene_action action, unsigned int variant,
                enum witness_leave leave, const struct witness_edit *edits, struct scene_result *r);

#endif
