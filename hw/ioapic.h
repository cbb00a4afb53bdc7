/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The I/O APIC.  Source: Intel 82093AA data sheet, section 3. */
#ifndef HW_IOAPIC_H
#define HW_IOAPIC_H

#include <stdint.h>

#include "hw/cpu.h"

#define IOAPIC_BASE 0xfec00000U

#define IOAPIC_REG_ID       0x00
#define IOAPIC_REG_VER      0x01 /* 23:16 highest pin */
#define IOAPIC_REG_RTE(pin) (0x10 + 2 * (pin))

/* Redirection entry; delivery mode as APIC_DM_* of hw/apic.h */
#define IOAPIC_RTE_LOGICAL  BIT_64(11)
#define IOAPIC_RTE_LOW      BIT_64(13) /* active low */
#define IOAPIC_RTE_LEVEL    BIT_64(15)
#define IOAPIC_RTE_MASKED   BIT_64(16)
#define IOAPIC_RTE_DEST(id) ((uint64_t)(id) << 56)

/* Index and data are two accesses: one user at a time. */
uint32_t ioapic_read(uint8_t reg);
void ioapic_write(uint8_t reg, uint32_t value);

/* Number of pins. */
unsigned int ioapic_pins(void);

uint64_t ioapic_rte(unsigned int pin);

/* Masks the pin while the halves of its entry do not belong together. */
void ioapic_set_rte(unsigned int pin, uint64_t rte);

#endif
