/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMIs sent by any CPU, and the checks that xAPIC and x2APIC mode share. */
#ifndef TESTS_SMI_IPI_H
#define TESTS_SMI_IPI_H

#include <stdint.h>

struct smi_ipi {
    uint32_t dest; /* APIC id, logical destination or APIC_DEST_ALL */
    uint32_t low;  /* ICR, bits 31:0 */
};

/* Has CPU n send it. */
void smi_ipi_from(uint32_t n, uint32_t dest, uint32_t low);

/* From every CPU to every CPU's id. */
void smi_ipi_check_physical(void);
/* From every CPU with "all excluding self". */
void smi_ipi_check_others(void);
/* From every CPU to APIC_DEST_ALL; mode: 0 or APIC_ICR_LOGICAL. */
void smi_ipi_check_all(uint32_t mode);
/* To every id up to last_id that no CPU has. */
void smi_ipi_check_nobody(uint32_t last_id);

#endif
