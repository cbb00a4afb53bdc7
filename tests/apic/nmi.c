/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/apic/nmi.h"

#include "hw/apic.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"

#define VECTOR_NMI 2
#define IDS        2048U /* above those of the largest machine, 1024 CPUs */

static uint32_t counts[IDS];

static void count_nmi(struct trap_frame *frame)
{
    uint32_t id = cpu_initial_apic_id();

    (void)frame;
    if (id < IDS)
        __atomic_add_fetch(&counts[id], 1, __ATOMIC_SEQ_CST);
}

void nmi_count_start(void)
{
    memset(counts, 0, sizeof(counts));
    irq_set_handler(VECTOR_NMI, count_nmi);
}

void nmi_count_stop(void)
{
    irq_set_handler(VECTOR_NMI, NULL);
}

uint32_t nmi_count(uint32_t id)
{
    return __atomic_load_n(&counts[id], __ATOMIC_SEQ_CST);
}

uint32_t nmi_count_all(void)
{
    uint32_t sum = 0;

    for (uint32_t id = 0; id < IDS; id++)
        sum += nmi_count(id);
    return sum;
}

bool nmi_wait(uint32_t total)
{
    return WAIT_FOR(nmi_count_all() >= total, PATIENCE_MS);
}

static uint64_t answer(void *arg)
{
    (void)arg;
    return 0;
}

void nmi_settle(void)
{
    for (uint32_t cpu = 1; cpu < smp_cpus(); cpu++)
        REQUIRE_TRUE("settle", smp_call(cpu, answer, NULL, NULL), "every CPU still answers");
}
