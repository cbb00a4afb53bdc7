/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a closed or untouched SMRAM to a TSEG that holds our SMM code. */
#include <stddef.h>

#include "firmware/internal.h"
#include "firmware/paging.h"
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/mch.h"
#include "kernel/cmdline.h"
#include "kernel/memory.h"
#include "kernel/report.h"
#include "kernel/smp.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "smm/default_smbase.h"
#include "smm/descriptors.h"

#define PAGING_FIXED_PAGES 8 /* root, pointers, directories, the image's table */
#define LARGE_PAGE         0x200000U

extern uint8_t smm_image_start[], smm_image_end[];

struct smm_mailbox smm_mailbox;

static struct {
    bool chosen;
    uint8_t tseg_sz;
    uint32_t room;
} smram;

void firmware_choose_smram(uint8_t tseg_sz, uint32_t room)
{
    smram.chosen = true;
    smram.tseg_sz = tseg_sz;
    smram.room = room;
}

void smm_fault_landing(void)
{
    report_crash("an exception in SMM, see above");
}

static bool cpu_has_nx(void)
{
    struct cpuid_regs r;

    cpuid(0x80000000, 0, &r);
    if (r.eax < 0x80000001)
        return false;
    cpuid(0x80000001, 0, &r);
    return r.edx & CPUID_80000001_EDX_NX;
}

static uint32_t align_up(uint32_t value, uint32_t unit)
{
    return (value + unit - 1) & ~(unit - 1);
}

/* Divides TSEG; false when not even one CPU fits. */
static bool divide(struct smm_layout *l, uint32_t base, uint32_t size)
{
    uint32_t end = base + size;
    uint32_t tiles;

    l->base = base;
    l->size = size;
    l->image = base;
    l->paging = l->image + (uint32_t)(smm_image_end - smm_image_start);
    l->paging_end = l->paging + (PAGING_FIXED_PAGES + size / LARGE_PAGE + 2) * PAGE_SIZE;
    l->scratch = l->paging_end;
    l->tiles = align_up(l->scratch + SMM_SCRATCH_SIZE, SMM_TILE_SIZE);
    if (l->tiles >= end)
        return false;
    tiles = (end - l->tiles) / SMM_TILE_SIZE;
    l->max_cpus = tiles > SMM_TILE_TAIL ? tiles - SMM_TILE_TAIL : 0;
    if (l->max_cpus > SMM_MAX_CPUS)
        l->max_cpus = SMM_MAX_CPUS;
    if (smram.room && l->max_cpus > smram.room) {
        l->max_cpus = smram.room;
        l->tiles = end - (smram.room + SMM_TILE_TAIL) * SMM_TILE_SIZE;
    }
    return l->max_cpus > 0;
}

static firmware_error build_paging(struct smm_state *s, bool nx)
{
    struct smm_layout *l = &s->layout;
    struct smm_paging p;
    uint32_t tiles_size = (l->max_cpus + SMM_TILE_TAIL) * SMM_TILE_SIZE;

    smm_paging_begin(&p, l->paging, l->paging_end, nx);
    if (!smm_paging_map_code(&p, (uint32_t)(uintptr_t)smm_image_start, l->image,
                             (uint32_t)(smm_image_end - smm_image_start)) ||
        !smm_paging_map_code(&p, l->tiles, l->tiles, tiles_size))
        return "SMRAM has too little room for SMM's page tables";
    s->cr3 = p.root;
    return NULL;
}

/* EFER as SMM wants it; 0 on a CPU that has no such register. */
static uint32_t smm_efer(bool nx)
{
    uint32_t efer = nx ? EFER_NXE : 0;

#ifdef __x86_64__
    efer |= EFER_LME;
#endif
    return efer;
}

/* Makes TSEG ordinary memory for as long as we write it; keeps the size. */
static void open_tseg(void)
{
    mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) & (uint8_t)~ESMRAMC_T_EN);
}

static void close_smram(void)
{
    mch_write8(MCH_ESMRAMC, mch_read8(MCH_ESMRAMC) | ESMRAMC_T_EN);
    mch_write8(MCH_SMRAM, (mch_read8(MCH_SMRAM) & (uint8_t)~SMRAM_D_OPEN) | SMRAM_G_SMRAME);
}

/* Without a choice the size that real firmware uses on this machine type, if it offers one. */
static void select_tseg(void)
{
    uint8_t size = mch_ext_tseg_query() ? ESMRAMC_TSEG_SZ_EXT : ESMRAMC_TSEG_SZ_8M;

    if (smram.chosen)
        size = smram.tseg_sz;
    mch_write8(MCH_ESMRAMC, (mch_read8(MCH_ESMRAMC) & (uint8_t)~ESMRAMC_TSEG_SZ) | size);
}

/* All boot CPUs must have room; one that comes later is refused when its turn comes. */
static firmware_error check_room(const struct smm_layout *l)
{
    static char text[160];

    if (smp_cpus() <= l->max_cpus)
        return NULL;
    snprintf(text, sizeof(text),
             "SMRAM of %u KiB has room for %u CPUs, this machine has %u: give it a larger TSEG "
             "(-global mch.extended-tseg-mbytes=N)",
             l->size >> 10, l->max_cpus, smp_cpus());
    return text;
}

firmware_error firmware_install_smm(void)
{
    struct smm_state *s = &smm_state;
    bool nx = cpu_has_nx();
    firmware_error error;

    if (mch_locked())
        return "a firmware has locked SMRAM (D_LCK) before us";
#ifdef __x86_64__
    if (!nx)
        return "the CPU model lacks NX, choose one that has it";
#endif
    select_tseg();
    open_tseg();
    memset(s, 0, sizeof(*s));
    if (!divide(&s->layout, mch_tseg_base(), mch_tseg_selected_size()))
        return "TSEG is too small for the SMM image";
    error = check_room(&s->layout);
    if (error)
        return error;
    s->faults = cmdline.faults;
    s->efer = smm_efer(nx);
    smm_descriptors_init();
    error = build_paging(s, nx);
    if (error)
        return error;
    memcpy((void *)(uintptr_t)s->layout.image, smm_image_start,
           (size_t)(smm_image_end - smm_image_start));
    return NULL;
}

void firmware_close_smram(const struct smm_state *s)
{
    uint32_t offset = (uint32_t)((uintptr_t)&smm_state - (uintptr_t)smm_image_start);

    /* The registry grew while SMRAM was open: SMM continues with this state. */
    memcpy((void *)(uintptr_t)(s->layout.image + offset), s, sizeof(*s));
    close_smram();
}

void firmware_lock_smram(void)
{
    mch_write8(MCH_SMRAM, mch_read8(MCH_SMRAM) | SMRAM_D_LCK);
}
