/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The local APIC of the executing CPU, in xAPIC and x2APIC mode alike.
 * Source: Intel SDM vol. 3, "Advanced Programmable Interrupt Controller (APIC)".
 */
#ifndef HW_APIC_H
#define HW_APIC_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/cpu.h"

/* Registers, as byte offsets of the xAPIC page ("Local APIC Register Address Map") */
#define APIC_ID      0x020 /* xAPIC: 31:24; x2APIC: 31:0 */
#define APIC_VERSION 0x030
#define APIC_TPR     0x080
#define APIC_PPR     0x0a0
#define APIC_EOI     0x0b0
#define APIC_LDR     0x0d0
#define APIC_DFR     0x0e0 /* xAPIC only */

#define APIC_SVR        0x0f0
#define APIC_SVR_ENABLE BIT(8)

#define APIC_ISR      0x100 /* 8 registers, 0x10 apart */
#define APIC_TMR      0x180
#define APIC_IRR      0x200
#define APIC_ESR      0x280
#define APIC_ICR      0x300
#define APIC_ICR_HIGH 0x310 /* xAPIC only */

#define APIC_LVT_TIMER   0x320
#define APIC_LVT_THERMAL 0x330
#define APIC_LVT_PERF    0x340
#define APIC_LVT_LINT0   0x350
#define APIC_LVT_LINT1   0x360
#define APIC_LVT_ERROR   0x370
#define APIC_LVT_MASKED  BIT(16)
#define APIC_LVT_REPEAT  BIT(17) /* timer: periodic */

#define APIC_TIMER_INITIAL 0x380
#define APIC_TIMER_CURRENT 0x390
#define APIC_TIMER_DIVIDE  0x3e0
#define APIC_SELF_IPI      0x3f0 /* x2APIC only: fixed interrupt, vector */

/* Delivery mode, in the ICR, the LVT, MSI data and IOAPIC entries alike */
#define APIC_DM_FIXED  0x000
#define APIC_DM_LOWEST 0x100
#define APIC_DM_SMI    0x200
#define APIC_DM_NMI    0x400
#define APIC_DM_INIT   0x500
#define APIC_DM_SIPI   0x600 /* ICR only */
#define APIC_DM_EXTINT 0x700 /* LVT and IOAPIC only */

/* ICR, low half */
#define APIC_ICR_LOGICAL BIT(11)
#define APIC_ICR_PENDING BIT(12) /* xAPIC: not sent yet */
#define APIC_ICR_ASSERT  BIT(14)
#define APIC_ICR_LEVEL   BIT(15)
#define APIC_ICR_SELF    (1U << 18)
#define APIC_ICR_ALL     (2U << 18)
#define APIC_ICR_OTHERS  (3U << 18)

/* Destination "all CPUs" in both modes */
#define APIC_DEST_ALL 0xffffffffU
#define XAPIC_IDS     255U /* an xAPIC id is one of 0..254: FFh is all of them */

#define APIC_SPURIOUS_VECTOR 0xff

/* The id that the APIC answers to: software may have changed it in xAPIC mode. */
uint32_t apic_id(void);

/* The id given at reset, from CPUID leaf 0Bh (32 bits) if that is valid, else leaf 1 (8 bits).
 * Works without touching the APIC, in every mode. */
uint32_t cpu_initial_apic_id(void);

/* reg: APIC_* offset, whatever the mode.  The ICR is written by apic_icr() only: its two halves are
 * one register in x2APIC mode. */
uint32_t apic_read(unsigned int reg);
void apic_write(unsigned int reg, uint32_t value);

/* Software-enables the APIC, spurious vector APIC_SPURIOUS_VECTOR. */
void apic_enable(void);
void apic_eoi(void);

bool apic_is_x2apic(void);
bool apic_x2apic_supported(void);

/* Switches this CPU to x2APIC mode, for good: only a reset or disabling the APIC leads back. */
void apic_x2apic_enable(void);

/*
 * Sends an IPI.  dest: APIC id or APIC_DEST_ALL, ignored with a shorthand; low: ICR bits 31:0.
 * false: the id cannot be expressed in xAPIC mode, or the APIC did not send within the bound.
 * Safe inside an SMI handler: ICR_HIGH is put back to what it was.
 */
bool apic_icr(uint32_t dest, uint32_t low);

bool apic_send_smi(uint32_t dest);
bool apic_send_nmi(uint32_t dest);
bool apic_send_init(uint32_t dest);

/* vector: the page number where the CPU starts, in real mode: below 1 MiB. */
bool apic_send_sipi(uint32_t dest, uint8_t vector);

/* INIT-SIPI-SIPI (SDM vol. 3, "Typical BSP Initialization Sequence") without the delays, which give
 * a real CPU time to come out of INIT.  false: one of them could not be sent.  That the CPU runs is
 * for the caller to find out. */
bool apic_start_cpu(uint32_t dest, uint8_t vector);

#endif
