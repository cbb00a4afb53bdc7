/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two SMRAM state save maps that QEMU implements, each the 512 bytes at
 * SMBASE + FE00h.
 *
 * AMD64 map: AMD APM vol. 2, Table 10-1; used by qemu-system-x86_64 for every CPU
 * model (a deliberate difference from Intel's 64-bit map; edk2 relies on it).
 * Legacy map: Intel SDM vol. 3, Table 34-1, and AMD's legacy table for the named
 * fields; CR4 and the hidden descriptor parts, which no manual lays out, as in
 * QEMU's smm_helper.c; used by qemu-system-i386.
 * The low word of the revision identifier, at FEFCh in all maps, tells them apart.
 */
#ifndef SMM_SAVESTATE_H
#define SMM_SAVESTATE_H

#include <stddef.h>
#include <stdint.h>

#define SMM_SAVE_OFFSET    0xfe00U /* from SMBASE */
#define SMM_SAVE_SIZE      0x200U
#define SMM_ENTRY_OFFSET   0x8000U    /* from SMBASE: where the handler is entered */
#define SMM_REV_AMD64      0x0064U    /* low word of the revision identifier */
#define SMM_REV_SMBASE     (1U << 17) /* SMBASE relocation is supported */
#define SMM_REV_IO_RESTART (1U << 16)

struct smm_segment64 {
    uint16_t selector;
    uint16_t attributes;
    uint32_t limit;
    uint64_t base;
};

struct smm_save64 {
    struct smm_segment64 es, cs, ss, ds, fs, gs; /* FE00 */
    uint8_t reserved_fe60[4];
    uint16_t gdtr_limit; /* FE64 */
    uint8_t reserved_fe66[2];
    uint64_t gdtr_base;        /* FE68 */
    struct smm_segment64 ldtr; /* FE70 */
    uint8_t reserved_fe80[4];
    uint16_t idtr_limit; /* FE84 */
    uint8_t reserved_fe86[2];
    uint64_t idtr_base;      /* FE88 */
    struct smm_segment64 tr; /* FE90 */
    uint64_t io_restart_rip; /* FEA0 */
    uint64_t io_restart_rcx; /* FEA8 */
    uint64_t io_restart_rsi; /* FEB0 */
    uint64_t io_restart_rdi; /* FEB8 */
    uint32_t io_restart;     /* FEC0 */
    uint8_t reserved_fec4[4];
    uint8_t io_restart_flag; /* FEC8 */
    uint8_t auto_halt;       /* FEC9 */
    uint8_t reserved_feca[6];
    uint64_t efer; /* FED0 */
    uint8_t reserved_fed8[0x24];
    uint32_t revision; /* FEFC */
    uint32_t smbase;   /* FF00 */
    uint8_t reserved_ff04[0x44];
    uint64_t cr4, cr3, cr0;                          /* FF48 */
    uint64_t dr7, dr6;                               /* FF60 */
    uint64_t rflags;                                 /* FF70 */
    uint64_t rip;                                    /* FF78 */
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8;   /* FF80 */
    uint64_t rdi, rsi, rbp, rsp, rbx, rdx, rcx, rax; /* FFC0 */
} __attribute__((packed));

struct smm_hidden32 {
    uint32_t attributes, limit, base;
};

struct smm_save32 {
    uint8_t reserved_fe00[0xf8];
    uint32_t smbase;          /* FEF8 */
    uint32_t revision;        /* FEFC */
    uint16_t io_restart_flag; /* FF00 */
    uint16_t auto_halt;       /* FF02 */
    uint8_t reserved_ff04[0x10];
    uint32_t cr4; /* FF14 */
    uint8_t reserved_ff18[0x14];
    struct smm_hidden32 ds_hidden, fs_hidden, gs_hidden; /* FF2C */
    uint8_t reserved_ff50[4];
    uint32_t idtr_limit, idtr_base; /* FF54 */
    struct smm_hidden32 tr_hidden;  /* FF5C */
    uint8_t reserved_ff68[8];
    uint32_t gdtr_limit, gdtr_base;                      /* FF70 */
    struct smm_hidden32 ldtr_hidden;                     /* FF78 */
    struct smm_hidden32 es_hidden, cs_hidden, ss_hidden; /* FF84 */
    uint32_t es, cs, ss, ds, fs, gs;                     /* FFA8 */
    uint32_t ldtr, tr;                                   /* FFC0 */
    uint32_t dr7, dr6;                                   /* FFC8 */
    uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;     /* FFD0 */
    uint32_t eip, eflags, cr3, cr0;                      /* FFF0 */
} __attribute__((packed));

#define SMM_SAVE_AT(type, field, offset) \
    _Static_assert(offsetof(struct type, field) == (offset)-SMM_SAVE_OFFSET, #type "." #field)

_Static_assert(sizeof(struct smm_save64) == SMM_SAVE_SIZE, "AMD64 map");
SMM_SAVE_AT(smm_save64, gs, 0xfe50);
SMM_SAVE_AT(smm_save64, gdtr_base, 0xfe68);
SMM_SAVE_AT(smm_save64, ldtr, 0xfe70);
SMM_SAVE_AT(smm_save64, idtr_base, 0xfe88);
SMM_SAVE_AT(smm_save64, tr, 0xfe90);
SMM_SAVE_AT(smm_save64, io_restart, 0xfec0);
SMM_SAVE_AT(smm_save64, auto_halt, 0xfec9);
SMM_SAVE_AT(smm_save64, efer, 0xfed0);
SMM_SAVE_AT(smm_save64, revision, 0xfefc);
SMM_SAVE_AT(smm_save64, smbase, 0xff00);
SMM_SAVE_AT(smm_save64, cr0, 0xff58);
SMM_SAVE_AT(smm_save64, rip, 0xff78);
SMM_SAVE_AT(smm_save64, r15, 0xff80);
SMM_SAVE_AT(smm_save64, rax, 0xfff8);
_Static_assert(sizeof(struct smm_save32) == SMM_SAVE_SIZE, "legacy map");
SMM_SAVE_AT(smm_save32, smbase, 0xfef8);
SMM_SAVE_AT(smm_save32, revision, 0xfefc);
SMM_SAVE_AT(smm_save32, cr4, 0xff14);
SMM_SAVE_AT(smm_save32, ds_hidden, 0xff2c);
SMM_SAVE_AT(smm_save32, idtr_limit, 0xff54);
SMM_SAVE_AT(smm_save32, tr_hidden, 0xff5c);
SMM_SAVE_AT(smm_save32, gdtr_limit, 0xff70);
SMM_SAVE_AT(smm_save32, es_hidden, 0xff84);
SMM_SAVE_AT(smm_save32, es, 0xffa8);
SMM_SAVE_AT(smm_save32, dr7, 0xffc8);
SMM_SAVE_AT(smm_save32, eax, 0xffd0);
SMM_SAVE_AT(smm_save32, cr0, 0xfffc);

union smm_save {
    struct smm_save64 amd64;
    struct smm_save32 legacy;
    uint8_t bytes[SMM_SAVE_SIZE];
};

/* Registers that both maps have. */
enum smm_reg {
    SMM_REG_AX,
    SMM_REG_BX,
    SMM_REG_CX,
    SMM_REG_DX,
    SMM_REG_SI,
    SMM_REG_DI,
    SMM_REG_BP,
    SMM_REG_SP,
    SMM_REG_IP,
    SMM_REG_FLAGS,
    SMM_REG_CR0,
    SMM_REG_CR3,
    SMM_REG_CR4,
    SMM_REG_CS_BASE,
    SMM_REG_CS_SELECTOR,
    SMM_REG_SMBASE,
    SMM_REG_REVISION,
};

static inline int smm_save_is_amd64(const union smm_save *s)
{
    return (s->amd64.revision & 0xffff) == SMM_REV_AMD64;
}

/* Value of a register in whichever map *s is. */
uint64_t smm_save_get(const union smm_save *s, enum smm_reg reg);

/* Changes it; only AX..FLAGS and SMBASE are writable by the manuals. */
void smm_save_set(union smm_save *s, enum smm_reg reg, uint64_t value);

#endif
