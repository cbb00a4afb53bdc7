/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plugged CPU at its first instruction: as after power-up, whatever the others have done. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/msr/start.h"

#define POWER_UP \
    "Intel SDM vol. 3, Table 9-1 (power-up), 8.4.3, 10.4.7.1; AMD APM vol. 2, Table 14-1"
#define VECTOR 0x60

/* Only SIPI, no INIT: nothing but power-up has been at the registers. TCG: Linux, too, wants INIT
 * before a SIPI (cpuhp_host.new_cpu_waits). */
static void start(uint32_t slot, const uint32_t *msrs, unsigned int count, struct start_report *r)
{
    slots_begin();
    start_prepare(VECTOR, msrs, count);
    slots_plug(slot);
    apic_send_sipi(sparse_id(slot), VECTOR);
    REQUIRE_TRUE("starts", WAIT_FOR(start_arrived(VECTOR) == 1, PATIENCE_MS),
                 "SIPI starts the plugged CPU");
    start_get(VECTOR, r);
}

TEST(cpuhp_host, power_up_registers, "a plugged CPU starts with the registers of power-up",
     SPEC(POWER_UP), NEEDS(SPARSE "smm=any accel=tcg host=plug "))
{
    static const uint32_t msrs[] = {MSR_EFER};
    struct start_report r;
    struct cpuid_regs id;

    start(4, msrs, 1, &r);
    cpuid(1, 0, &id);
    EXPECT_EQ("cs", r.segment[1], VECTOR << 8, "the CS selector is VV00h");
    EXPECT_EQ("ip", r.ip, 0, "IP is 0");
    EXPECT_EQ("eflags", r.flags, EFLAGS_ONE, "EFLAGS is 2");
    EXPECT_EQ("cr0", r.cr[0], CR0_CD | CR0_NW | CR0_ET, "CR0 is 60000010h");
    for (unsigned int i = 1; i < 4; i++)
        EXPECT_EQ("cr", r.cr[i], 0, "CR2, CR3 and CR4 are 0");
    EXPECT_EQ("efer", r.msr[0], 0, "EFER is 0");
    for (unsigned int i = 0; i < 6; i++) {
        if (i != 1)
            EXPECT_EQ("selectors", r.segment[i], 0, "the selectors of the data segments are 0");
    }
    EXPECT_EQ("gdtr", (uint64_t)r.gdtr_base << 16 | r.gdtr_limit, 0xffff, "GDTR: base 0, FFFFh");
    EXPECT_EQ("idtr", (uint64_t)r.idtr_base << 16 | r.idtr_limit, 0xffff, "IDTR: base 0, FFFFh");
    for (unsigned int i = 0; i < 8; i++) {
        CONTEXT("register %u", i);
        if (i == 2)
            EXPECT_EQ("edx", r.gpr[i], id.eax, "EDX holds the processor's signature");
        else
            EXPECT_EQ("general", r.gpr[i], 0, "the other general registers are 0");
    }
    CONTEXT_CLEAR();
    for (unsigned int i = 0; i < 4; i++)
        EXPECT_EQ("dr", r.dr[i], 0, "DR0 to DR3 are 0");
    EXPECT_EQ("dr6", r.dr[4], 0xffff0ff0, "DR6 is FFFF0FF0h");
    EXPECT_EQ("dr7", r.dr[5], 0x400, "DR7 is 400h");
}

TEST(cpuhp_host, power_up_apic, "a plugged CPU's local APIC is in its state after power-up",
     SPEC(POWER_UP), NEEDS(SPARSE "smm=any accel=tcg host=plug "))
{
    static const uint32_t msrs[] = {MSR_APIC_BASE};
    struct start_report r;

    start(3, msrs, 1, &r);
    EXPECT_BITS("base", r.msr[0], APIC_BASE_BSP | APIC_BASE_EN | APIC_BASE_EXTD | 0xfffff000,
                APIC_BASE_EN | 0xfee00000,
                "IA32_APIC_BASE: enabled at FEE00000h, xAPIC mode, not the BSP");
    EXPECT_EQ("id", r.apic[APIC_ID / 16] >> 24, sparse_id(3), "the APIC id is the slot's");
    start_expect_apic_reset(&r);
}
