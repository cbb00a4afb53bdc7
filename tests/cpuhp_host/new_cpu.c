/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a CPU is like that has just been plugged. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "smm/pen.h"
#include "tests/cpuhp_host/slots.h"

#define MP "Intel SDM vol. 3, 8.4.2, 8.4.3, 9.1 (MP initialization), 10.4.6 (APIC id)"

static volatile uint32_t interrupts[SPARSE_SLOTS];

static void on_interrupt(struct trap_frame *frame)
{
    (void)frame;
    interrupts[smp_self()]++;
    apic_eoi();
}

static uint64_t interrupts_here(void *arg)
{
    (void)arg;
    return interrupts[smp_self()];
}

static uint64_t apic_base(void *arg)
{
    (void)arg;
    return rdmsr(MSR_APIC_BASE);
}

static uint64_t apic_id_register(void *arg)
{
    (void)arg;
    return apic_id();
}

static uint64_t smi_count(void *arg)
{
    (void)arg;
    return rdmsr(MSR_SMI_COUNT);
}

static void put_pen(void)
{
    uint8_t *page = (uint8_t *)(uintptr_t)POST_SMM_PEN_BASE;

    memset(page, 0, PAGE_SIZE);
    memcpy(page, pen_start, (size_t)(pen_end - pen_start));
}

TEST(cpuhp_host, new_cpu_waits,
     "a plugged CPU waits for SIPI: the first one starts it, no INIT needed", SPEC(MP),
     NEEDS(SPARSE "smm=any host=plug "))
{
    volatile struct pen *pen = pen_at(POST_SMM_PEN_BASE);
    const uint32_t id = sparse_id(4);

    slots_begin();
    put_pen();
    slots_plug(4);
    apic_icr(id, APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_TEST);
    EXPECT_EQ("not-yet", pen->arrived, 0, "nobody is in the pen yet");
    apic_send_sipi(id, POST_SMM_PEN_BASE >> 12);
    EXPECT_TRUE("starts", WAIT_FOR(pen->arrived, PATIENCE_MS),
                "SIPI starts it at the vector's page, as it waits for that since power-up");
    apic_send_sipi(id, POST_SMM_PEN_BASE >> 12);
    REQUIRE_TRUE("os", smp_start_one(id) != UINT32_MAX, "INIT-SIPI-SIPI leads it elsewhere");
    EXPECT_EQ("once", pen->arrived, 1, "a SIPI to a CPU that runs does not start it again");
}

TEST(cpuhp_host, sipi_in_halt, "a SIPI does not wake a CPU from HLT",
     SPEC("Intel SDM vol. 2, HLT: enabled interrupt, NMI, SMI, debug exception, INIT, RESET; "
          "vol. 3, 26.6.2: HLT state discards SIPI"),
     NEEDS(SPARSE "smm=any host=plug "))
{
    volatile struct pen *pen = pen_at(POST_SMM_PEN_BASE);
    const uint32_t id = sparse_id(4);

    slots_begin();
    put_pen();
    slots_plug(4);
    apic_send_sipi(id, POST_SMM_PEN_BASE >> 12);
    REQUIRE_TRUE("starts", WAIT_FOR(pen->arrived, PATIENCE_MS), "it comes into the pen's HLT");
    apic_send_sipi(id, POST_SMM_PEN_BASE >> 12);
    /* A CPU that wakes does so at once; INIT could come before it has been seen. */
    (void)WAIT_FOR(pen->woken, SETTLE_MS);
    REQUIRE_TRUE("os", smp_start_one(id) != UINT32_MAX, "INIT-SIPI-SIPI leads it elsewhere");
    EXPECT_EQ("asleep", pen->woken, 0, "it slept there until INIT");
}

TEST(cpuhp_host, new_cpu_state,
     "a plugged CPU is an AP with the slot's APIC id, reached by all IPIs", SPEC(MP),
     NEEDS(SPARSE "smm=any host=plug "))
{
    const uint32_t id = sparse_id(3);
    uint64_t value = 0;
    uint32_t n;

    slots_begin();
    REQUIRE_TRUE("boot-aps", smp_start_all(), "the boot APs start");
    slots_plug(3);
    n = smp_start_one(id);
    REQUIRE_EQ("starts", n, 2, "INIT-SIPI-SIPI starts it");
    smp_call(n, apic_base, NULL, &value);
    EXPECT_BITS("apic-base", value, APIC_BASE_BSP | APIC_BASE_EN | APIC_BASE_EXTD | 0xfffff000,
                APIC_BASE_EN | 0xfee00000,
                "IA32_APIC_BASE: enabled at FEE00000h, xAPIC mode, not the BSP");
    smp_call(n, apic_id_register, NULL, &value);
    EXPECT_EQ("apic-id", value, id, "its APIC id register has the slot's id");
    irq_set_handler(VECTOR_TEST, on_interrupt);
    apic_icr(0, APIC_DM_FIXED | APIC_ICR_ASSERT | APIC_ICR_OTHERS | VECTOR_TEST);
    apic_icr(id, APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_TEST);
    for (uint32_t cpu = 1; cpu <= n; cpu++) {
        /* Two of the same interrupt may become one. */
        uint32_t most = cpu == n ? 2 : 1;

        CONTEXT("CPU %u", cpu);
        (void)WAIT_FOR(interrupts[cpu] != 0, PATIENCE_MS);
        smp_call(cpu, interrupts_here, NULL, &value);
        EXPECT_RANGE("ipi", value, 1, most, "IPIs to all and to its APIC id reach it");
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("ipi-self", interrupts[0], 0, "\"all excluding self\" spares the sender");
}

TEST(cpuhp_host, new_cpu_smi_count, "a plugged CPU has seen no SMI, whatever the others have",
     SPEC("Intel SDM vol. 4, MSR_SMI_COUNT (34h): since last reset; QEMU 1d3db6bdbb"),
     NEEDS(SPARSE "host=plug "))
{
    uint64_t value = ~UINT64_C(0);
    uint32_t n;

    slots_begin();
    slots_plug(5);
    n = smp_start_one(sparse_id(5));
    REQUIRE_TRUE("starts", n != UINT32_MAX, "INIT-SIPI-SIPI starts it");
    smp_call(n, smi_count, NULL, &value);
    EXPECT_EQ("count", (uint32_t)value, 0, "MSR_SMI_COUNT is 0");
}
