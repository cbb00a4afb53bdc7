/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Constants that NASM needs and the C compiler knows; see tools/offsets. */
#include "smm/cpu.h"
#include "smm/pen.h"
#include "smm/relocate.h"
#include "smm/savestate.h"

#define CPU(name, field) \
    OFFSET(name, SMM_ENTRY_OFFSET + SMM_TILE_CPU_OFFSET + offsetof(struct smm_cpu, field))
#define CONTEXT(name, field) \
    OFFSET(name,             \
           SMM_ENTRY_OFFSET + RELOCATE_CONTEXT_OFFSET + offsetof(struct relocate_context, field))
#define SAVE(name, type, field) OFFSET(name, SMM_SAVE_OFFSET + offsetof(struct type, field))

#define OFFSETS                                                      \
    CPU(STUB_GDTR, gdtr_limit);                                      \
    CPU(STUB_CR3, cr3);                                              \
    CPU(STUB_CR4, cr4);                                              \
    CPU(STUB_EFER, efer);                                            \
    CPU(STUB_OUTER_EFER, outer_efer);                                \
    CPU(STUB_ENTRY, entry);                                          \
    CPU(STUB_TILE, tile);                                            \
    OFFSET(TILE_CPU, SMM_TILE_CPU_OFFSET);                           \
    OFFSET(CPU_STACK_TOP, offsetof(struct smm_cpu, stack_top));      \
    OFFSET(CPU_EFER, offsetof(struct smm_cpu, efer));                \
    OFFSET(CPU_OUTER_EFER, offsetof(struct smm_cpu, outer_efer));    \
    OFFSET(CPU_LEAVE, offsetof(struct smm_cpu, leave));              \
    OFFSET(CONTEXT_OFFSET, RELOCATE_CONTEXT_OFFSET);                 \
    OFFSET(NOOP_BODY, NOOP_BODY_OFFSET);                             \
    CONTEXT(CTX_APIC_ID, apic_id);                                   \
    CONTEXT(CTX_SMBASE, smbase);                                     \
    CONTEXT(CTX_GATE, gate);                                         \
    CONTEXT(CTX_FORCE, force);                                       \
    CONTEXT(CTX_ENTERED, entered);                                   \
    CONTEXT(CTX_PARKED, parked);                                     \
    CONTEXT(CTX_RELOCATED, relocated);                               \
    CONTEXT(CTX_PASSED, passed);                                     \
    OFFSET(PEN_ARRIVED, PEN_OFFSET + offsetof(struct pen, arrived)); \
    OFFSET(PEN_WOKEN, PEN_OFFSET + offsetof(struct pen, woken));     \
    OFFSET(REV_AMD64, SMM_REV_AMD64);                                \
    OFFSET(ENTRY_OFFSET, SMM_ENTRY_OFFSET);                          \
    OFFSET(SAVE_OFFSET, SMM_SAVE_OFFSET);                            \
    OFFSET(SAVE_SIZE, SMM_SAVE_SIZE);                                \
    SAVE(SAVE_REVISION, smm_save64, revision);                       \
    SAVE(SAVE64_SMBASE, smm_save64, smbase);                         \
    SAVE(SAVE64_RIP, smm_save64, rip);                               \
    SAVE(SAVE64_CS_BASE, smm_save64, cs.base);                       \
    SAVE(SAVE32_SMBASE, smm_save32, smbase);                         \
    SAVE(SAVE32_EIP, smm_save32, eip);                               \
    SAVE(SAVE32_CS_BASE, smm_save32, cs_hidden.base)
