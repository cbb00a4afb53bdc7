/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/apic.h"

#include "hw/io.h"

#define ICR_POLLS 1000000U

#define XAPIC_DEST_ALL 0xffU

static uintptr_t xapic_address(unsigned int reg)
{
    return (uintptr_t)(rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDRESS) + reg;
}

bool apic_is_x2apic(void)
{
    uint64_t mode = APIC_BASE_EN | APIC_BASE_EXTD;

    return (rdmsr(MSR_APIC_BASE) & mode) == mode;
}

bool apic_x2apic_supported(void)
{
    struct cpuid_regs regs;

    cpuid(1, 0, &regs);
    return regs.ecx & CPUID_1_ECX_X2APIC;
}

void apic_x2apic_enable(void)
{
    wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_EN | APIC_BASE_EXTD);
}

uint32_t apic_read(unsigned int reg)
{
    if (!apic_is_x2apic())
        return mmio_read32(xapic_address(reg));
    if (reg == APIC_ICR_HIGH)
        return (uint32_t)(rdmsr(MSR_X2APIC(APIC_ICR)) >> 32);
    return (uint32_t)rdmsr(MSR_X2APIC(reg));
}

void apic_write(unsigned int reg, uint32_t value)
{
    if (apic_is_x2apic())
        wrmsr(MSR_X2APIC(reg), value);
    else
        mmio_write32(xapic_address(reg), value);
}

uint32_t apic_id(void)
{
    uint32_t id = apic_read(APIC_ID);

    return apic_is_x2apic() ? id : id >> 24;
}

uint32_t cpu_initial_apic_id(void)
{
    struct cpuid_regs regs;

    cpuid(0, 0, &regs);
    if (regs.eax >= 0x0b) {
        /* "CPUID leaf 0BH ... valid if EBX is non-zero" (SDM vol. 2, CPUID) */
        cpuid(0x0b, 0, &regs);
        if (regs.ebx & 0xffff)
            return regs.edx;
    }
    cpuid(1, 0, &regs);
    return regs.ebx >> 24;
}

void apic_enable(void)
{
    apic_write(APIC_SVR, APIC_SVR_ENABLE | APIC_SPURIOUS_VECTOR);
}

void apic_eoi(void)
{
    apic_write(APIC_EOI, 0);
}

static bool wait_until_sent(void)
{
    for (uint32_t polls = ICR_POLLS; polls; polls--) {
        if (!(apic_read(APIC_ICR) & APIC_ICR_PENDING))
            return true;
        cpu_pause();
    }
    return false;
}

bool apic_icr(uint32_t dest, uint32_t low)
{
    unsigned long flags;
    uint32_t high;
    bool sent;

    if (apic_is_x2apic()) {
        wrmsr(MSR_X2APIC(APIC_ICR), (uint64_t)dest << 32 | low);
        return true;
    }
    if (dest == APIC_DEST_ALL)
        dest = XAPIC_DEST_ALL;
    if (dest > XAPIC_DEST_ALL || !wait_until_sent())
        return false;
    flags = irq_save();
    high = apic_read(APIC_ICR_HIGH);
    apic_write(APIC_ICR_HIGH, dest << 24);
    apic_write(APIC_ICR, low);
    sent = wait_until_sent();
    apic_write(APIC_ICR_HIGH, high);
    irq_restore(flags);
    return sent;
}

bool apic_send_smi(uint32_t dest)
{
    return apic_icr(dest, APIC_DM_SMI | APIC_ICR_ASSERT);
}

bool apic_send_nmi(uint32_t dest)
{
    return apic_icr(dest, APIC_DM_NMI | APIC_ICR_ASSERT);
}

bool apic_send_init(uint32_t dest)
{
    return apic_icr(dest, APIC_DM_INIT | APIC_ICR_ASSERT);
}

bool apic_send_sipi(uint32_t dest, uint8_t vector)
{
    return apic_icr(dest, APIC_DM_SIPI | APIC_ICR_ASSERT | vector);
}

bool apic_start_cpu(uint32_t dest, uint8_t vector)
{
    return apic_send_init(dest) && apic_send_sipi(dest, vector) && apic_send_sipi(dest, vector);
}
