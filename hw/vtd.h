/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupt remapping by an IOMMU: where an I/O APIC entry or an MSI, with its 8 bits for the
 * destination, names an APIC id of 32 bits.
 * Source: Intel Virtualization Technology for Directed I/O ("VT-d"), 5.1 and 10.4.
 */
#ifndef HW_VTD_H
#define HW_VTD_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/cpu.h"

/* Registers, as offsets from the base that the DMAR table gives (10.4) */
#define VTD_VER  0x00 /* 7:4 major, 3:0 minor */
#define VTD_ECAP 0x10 /* 64 bits */
#define VTD_GCMD 0x18
#define VTD_GSTS 0x1c
#define VTD_IRTA 0xb8 /* 64 bits: table, page aligned; 3:0 its size, 2^(n + 1) entries */

#define VTD_ECAP_QI  BIT(1) /* queued invalidation, which goes with remapping */
#define VTD_ECAP_IR  BIT(3) /* interrupt remapping */
#define VTD_ECAP_EIM BIT(4) /* extended interrupt mode: x2APIC ids of 32 bits */

/* Command and status have the same layout. */
#define VTD_IRE   BIT(25)     /* remapping is on */
#define VTD_SIRTP BIT(24)     /* IRTA is taken over */
#define VTD_KEEP  0x96ffffffU /* status bits that a command repeats; the others act once */

#define VTD_IRTA_EIME BIT(11)

/* Interrupt remapping table entry (9.10), the lower half; all of the upper half may be 0: no check
 * of who sends. Delivery mode as APIC_DM_* of hw/apic.h. */
#define VTD_IRTE_PRESENT   BIT_64(0)
#define VTD_IRTE_LOGICAL   BIT_64(2)
#define VTD_IRTE_MODE(dm)  ((uint64_t)(dm) >> 8 << 5)
#define VTD_IRTE_VECTOR(v) ((uint64_t)(v) << 16)
#define VTD_IRTE_DEST(id)  ((uint64_t)(id) << 32) /* EIME: all 32 bits */

struct vtd_irte {
    uint64_t low;
    uint64_t high;
};

_Static_assert(sizeof(struct vtd_irte) == 16, "VT-d, 9.10");

/* I/O APIC entry in remappable format (5.1.5.1): an index instead of a destination. */
#define VTD_RTE_REMAPPABLE BIT_64(48)
#define VTD_RTE(index) \
    (VTD_RTE_REMAPPABLE | (uint64_t)((index)&0x7fff) << 49 | (uint64_t)((index) >> 15 & 1) << 11)

/*
 * Remaps interrupts from now on, in extended interrupt mode, by the table of 2^log2 entries (log2
 * from 1 to 16), which is page aligned, below 4 GiB and does not change any more: nothing of it is
 * ever invalidated. Once per boot. false: the unit does not report that it does.
 */
bool vtd_remap(uintptr_t unit, const struct vtd_irte *table, unsigned int log2);

#endif
