/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/smp.h"

#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/machine.h"
#include "kernel/memory.h"
#include "kernel/trap.h"
#include "lib/string.h"

struct cpu {
    uint32_t apic_id;
    volatile uint32_t arrived;
    volatile uint32_t busy; /* work is given and not finished */
    smp_function fn;
    void *arg;
    uint64_t result;
};

extern const uint8_t ap_trampoline[], ap_trampoline_end[];
extern const uint32_t ap_trampoline_gdt_offset, ap_trampoline_gdt_base_offset;
extern uint32_t ap_next_index;
extern const uint32_t ap_stack_size;
uint32_t ap_stack_base;
void ap_main(uint32_t index);

static struct cpu cpus[SMP_MAX_CPUS]; /* in the order of arrival */
static struct cpu *numbered[SMP_MAX_CPUS];
static uint32_t stacks; /* number of APs that ap_stack_base has room for */

/* Stacks are one array, as the trampoline finds its own by index. Not cleared: that would be most
 * of a short test's time, and on some hypervisors all that it has. */
static void provide_stacks(void)
{
    stacks = SMP_MAX_CPUS - 1;
    ap_stack_base = (uint32_t)(uintptr_t)page_reserve(stacks * ap_stack_size);
}

/*
 * In xAPIC mode FFh is every CPU, and higher ids have no name: a machine with any of
 * them is run in x2APIC mode, every CPU from its first moment here (Intel SDM vol. 3,
 * 10.12.8.1; ACPI 6.3, 5.2.12.12).
 */
static void enter_apic_mode(void)
{
    if (machine.apic_id_limit > XAPIC_IDS && apic_x2apic_supported())
        apic_x2apic_enable();
    apic_enable();
}

void smp_init(void)
{
    uint8_t *page = (uint8_t *)(uintptr_t)AP_TRAMPOLINE_BASE;
    uint32_t gdt = AP_TRAMPOLINE_BASE + ap_trampoline_gdt_offset;

    /* 0xcc: a CPU that runs past the trampoline traps instead of sliding on. */
    memset(page, 0xcc, PAGE_SIZE);
    memcpy(page, ap_trampoline, (size_t)(ap_trampoline_end - ap_trampoline));
    memcpy(page + ap_trampoline_gdt_base_offset, &gdt, sizeof(gdt));
    for (uint32_t n = 0; n < SMP_MAX_CPUS; n++)
        numbered[n] = &cpus[n];
    cpus[0].apic_id = cpu_initial_apic_id();
    cpus[0].arrived = 1;
    enter_apic_mode();
}

uint32_t smp_cpus(void)
{
    uint32_t n = 1;

    while (n < SMP_MAX_CPUS && cpus[n].arrived)
        n++;
    return n;
}

/* Boot CPUs get their numbers by APIC id, so that reports compare from run to run. */
static void sort_boot_cpus(void)
{
    uint32_t count = smp_cpus();

    for (uint32_t i = 2; i < count; i++) {
        for (uint32_t j = i; j > 1 && numbered[j - 1]->apic_id > numbered[j]->apic_id; j--) {
            struct cpu *cpu = numbered[j];

            numbered[j] = numbered[j - 1];
            numbered[j - 1] = cpu;
        }
    }
}

uint32_t smp_apic_id(uint32_t n)
{
    return numbered[n]->apic_id;
}

uint32_t smp_find(uint32_t apic_id)
{
    for (uint32_t n = smp_cpus(); n-- > 0;) {
        if (numbered[n]->arrived == 1 && numbered[n]->apic_id == apic_id)
            return n;
    }
    return UINT32_MAX;
}

uint32_t smp_self(void)
{
    return smp_find(cpu_initial_apic_id());
}

bool smp_present(uint32_t n)
{
    return n < SMP_MAX_CPUS && numbered[n]->arrived == 1;
}

uint32_t smp_present_cpus(void)
{
    uint32_t present = 0;

    for (uint32_t n = 0; n < smp_cpus(); n++)
        present += smp_present(n);
    return present;
}

static __attribute__((noreturn)) uint64_t park(void *arg)
{
    __atomic_store_n((volatile uint32_t *)arg, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        cli();
        hlt();
    }
}

bool smp_park(uint32_t n)
{
    static volatile uint32_t parked;

    parked = 0;
    smp_call_start(n, park, (void *)&parked);
    if (!WAIT_FOR(parked, PATIENCE_MS))
        return false;
    smp_forget(n);
    return true;
}

void smp_forget(uint32_t n)
{
    numbered[n]->arrived = 2;
}

static void wake(struct trap_frame *frame)
{
    (void)frame;
    apic_eoi();
}

/* Called by boot/ap.asm on the AP's own stack. */
void ap_main(uint32_t index)
{
    struct cpu *self = &cpus[index];

    trap_load();
    enter_apic_mode();
    self->apic_id = cpu_initial_apic_id();
    __atomic_store_n(&self->arrived, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        cli();
        while (self->busy) {
            self->result = self->fn(self->arg);
            __atomic_store_n(&self->busy, 0, __ATOMIC_SEQ_CST);
        }
        trap_sleep();
    }
}

bool smp_start_all(void)
{
    uint32_t wanted = machine.boot_cpus;

    if (smp_cpus() >= wanted)
        return true;
    if (!ap_stack_base)
        provide_stacks();
    irq_set_handler(VECTOR_WAKE, wake);
    apic_icr(0, APIC_DM_INIT | APIC_ICR_ASSERT | APIC_ICR_OTHERS);
    apic_icr(0, APIC_DM_SIPI | APIC_ICR_ASSERT | APIC_ICR_OTHERS | AP_TRAMPOLINE_BASE >> 12);
    apic_icr(0, APIC_DM_SIPI | APIC_ICR_ASSERT | APIC_ICR_OTHERS | AP_TRAMPOLINE_BASE >> 12);
    if (!WAIT_FOR(smp_cpus() >= wanted, PATIENCE_FOR(wanted)))
        return false;
    sort_boot_cpus();
    return true;
}

uint32_t smp_start_one(uint32_t apic_id)
{
    uint32_t n = smp_cpus();

    if (!ap_stack_base)
        provide_stacks();
    irq_set_handler(VECTOR_WAKE, wake);
    apic_start_cpu(apic_id, AP_TRAMPOLINE_BASE >> 12);
    if (!WAIT_FOR(numbered[n]->arrived, PATIENCE_FOR(n)) || numbered[n]->apic_id != apic_id)
        return UINT32_MAX;
    return n;
}

void smp_call_start(uint32_t n, smp_function fn, void *arg)
{
    numbered[n]->fn = fn;
    numbered[n]->arg = arg;
    __atomic_store_n(&numbered[n]->busy, 1, __ATOMIC_SEQ_CST);
    apic_icr(numbered[n]->apic_id, APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_WAKE);
}

bool smp_call_wait(uint32_t n, uint64_t *result)
{
    bool done = WAIT_FOR(!numbered[n]->busy, PATIENCE_FOR(smp_cpus()));

    if (done && result)
        *result = numbered[n]->result;
    return done;
}

bool smp_call(uint32_t n, smp_function fn, void *arg, uint64_t *result)
{
    if (n == smp_self()) {
        uint64_t value = fn(arg);

        if (result)
            *result = value;
        return true;
    }
    smp_call_start(n, fn, arg);
    return smp_call_wait(n, result);
}
