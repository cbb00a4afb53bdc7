/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SMM's own memory. The installer fills it in the image's copy in ordinary RAM
 * before that is copied into SMRAM; from then on only code in SMM reaches it.
 */
#ifndef SMM_STATE_H
#define SMM_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "smm/cpu.h"

/* Where SMRAM is and how it is divided; addresses are physical. */
struct smm_layout {
    uint32_t base, size; /* SMRAM */
    uint32_t image;      /* copy of the SMM image */
    uint32_t paging;     /* page tables */
    uint32_t paging_end;
    uint32_t scratch;  /* 64 KiB for what is saved away */
    uint32_t tiles;    /* first tile, aligned to its size */
    uint32_t max_cpus; /* tiles that fit */
};

#define SMM_SCRATCH_SIZE 0x10000U

/* How the memory at the default SMBASE is handled when a CPU arrives. */
enum smm_default_smbase {
    SMM_DEFAULT_UNUSED,   /* hotplug is not set up */
    SMM_DEFAULT_WINDOW,   /* locked SMRAM window, the handler is always there */
    SMM_DEFAULT_RESIDENT, /* ordinary RAM reserved by the firmware, handler always there */
    SMM_DEFAULT_BORROWED, /* the OS's RAM: saved, used and restored inside one SMI */
};

/* How a new CPU is brought through its first SMI; docs/protocols.md compares them. */
enum smm_protocol {
    SMM_PROTOCOL_FIFTEEN, /* August 2019: into the pen, then an SMI of its own if it needs one */
    SMM_PROTOCOL_OCTOBER, /* October 2019: INIT for all, handler in place of the no-operation one */
    SMM_PROTOCOL_OVMF,    /* as merged: SMI and INIT-SIPI-SIPI, a gate and a handshake per CPU */
};

struct smm_hotplug_config {
    uint32_t mode;          /* enum smm_default_smbase */
    uint32_t protocol;      /* enum smm_protocol */
    uint32_t pull_in;       /* no broadcast: the monarch sends directed SMIs to the others */
    uint32_t pen;           /* page below 1 MiB with the post-SMM pen */
    uint32_t parked_before; /* relocate_context's count behind the last command */
};

struct smm_state {
    struct smm_layout layout;
    uint32_t cr3, efer;
    uint32_t faults; /* enum fault of kernel/cmdline.h */
    uint32_t cpus;   /* tiles given out; cpu[] of the mailbox is parallel */
    struct smm_hotplug_config hotplug;
    struct {
        uint32_t valid;
        uint32_t apic_id;
    } elected; /* monarch by smm_switch_bsp(); else it is the CPU with IA32_APIC_BASE.BSP */
};

extern struct smm_state smm_state;

/* SMBASE of the CPU that owns tile index. */
static inline uint32_t smm_smbase(const struct smm_layout *l, uint32_t index)
{
    return l->tiles + index * SMM_TILE_SIZE - SMM_ENTRY_OFFSET;
}

/*
 * The registry, with the services of EFI_SMM_CPU_SERVICE_PROTOCOL (edk2
 * MdeModulePkg/Include/Protocol/SmmCpuService.h): add, remove, who am I, processor
 * information, switch BSP. A CPU's number is its tile, which never changes.
 *
 * Gives the CPU with this APIC id the first free tile: entry stub, struct smm_cpu and a
 * line in the mailbox. Returns it; NULL when SMRAM is full. Runs outside SMM
 * while SMRAM is open, and inside.
 */
struct smm_cpu *smm_register(uint32_t apic_id);

/* The registered CPU with this APIC id; NULL if there is none. */
struct smm_cpu *smm_lookup(uint32_t apic_id);

/* Forgets a CPU that is no more; the next one to be registered gets its tile. */
void smm_unregister(struct smm_cpu *cpu);

/* The executing CPU, by its APIC id; NULL if it is not registered. */
struct smm_cpu *smm_who_am_i(void);

/* The CPU with this number, which is its tile; NULL if that is free or none. */
struct smm_cpu *smm_processor(uint32_t number);

/*
 * Makes the CPU with this APIC id the monarch from the next SMI on, until it is
 * unplugged or the choice is taken back. False if it is not registered.
 */
bool smm_switch_bsp(uint32_t apic_id);
/* Takes the choice back: the CPU with IA32_APIC_BASE.BSP is the monarch. */
void smm_switch_bsp_back(void);

/* Number of registered CPUs; they need not be the first ones of the tiles given out. */
uint32_t smm_registered(void);

#endif
