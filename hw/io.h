/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Port and memory-mapped I/O.  Everywhere the register comes first and the value second. */
#ifndef HW_IO_H
#define HW_IO_H

#include <stdint.h>

static inline void outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void outw(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void outl(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static inline uint16_t inw(uint16_t port)
{
    uint16_t value;

    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

static inline uint32_t inl(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
    return value;
}

/* Addresses are physical; the low 4 GiB are identity mapped wherever this code runs.  The statement
 * hides the number from GCC 12, which takes an address below 4 KiB for an array of no elements. */
static inline volatile void *mmio_pointer(uintptr_t address)
{
    __asm__("" : "+r"(address));
    return (volatile void *)address;
}

static inline uint8_t mmio_read8(uintptr_t address)
{
    return *(volatile uint8_t *)mmio_pointer(address);
}

static inline uint16_t mmio_read16(uintptr_t address)
{
    return *(volatile uint16_t *)mmio_pointer(address);
}

static inline uint32_t mmio_read32(uintptr_t address)
{
    return *(volatile uint32_t *)mmio_pointer(address);
}

/* Two 32-bit accesses on i386. */
static inline uint64_t mmio_read64(uintptr_t address)
{
    return *(volatile uint64_t *)mmio_pointer(address);
}

static inline void mmio_write8(uintptr_t address, uint8_t value)
{
    *(volatile uint8_t *)mmio_pointer(address) = value;
}

static inline void mmio_write16(uintptr_t address, uint16_t value)
{
    *(volatile uint16_t *)mmio_pointer(address) = value;
}

static inline void mmio_write32(uintptr_t address, uint32_t value)
{
    *(volatile uint32_t *)mmio_pointer(address) = value;
}

/* Two 32-bit accesses on i386. */
static inline void mmio_write64(uintptr_t address, uint64_t value)
{
    *(volatile uint64_t *)mmio_pointer(address) = value;
}

#endif
