/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scale/roads.h"

#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "tests/apic/nmi.h"

#define IDS 2048U /* above those of the largest machine, 1024 CPUs */

static uint32_t interrupts[IDS], entries_before[IDS];

static void count_interrupt(struct trap_frame *frame)
{
    (void)frame;
    __atomic_add_fetch(&interrupts[cpu_initial_apic_id() % IDS], 1, __ATOMIC_SEQ_CST);
    apic_eoi();
}

static uint32_t smis(uint32_t id)
{
    const struct smm_cpu_report *r = smm_report_of(id);

    return r ? r->entries - entries_before[id % IDS] : 0;
}

static uint32_t interrupts_of(uint32_t id)
{
    return __atomic_load_n(&interrupts[id % IDS], __ATOMIC_SEQ_CST);
}

struct road {
    const char *what;
    uint32_t icr;
    uint32_t (*taken)(uint32_t id);
};

static const struct road roads[] = {
    {"SMI", APIC_DM_SMI | APIC_ICR_ASSERT, smis},
    {"NMI", APIC_DM_NMI | APIC_ICR_ASSERT, nmi_count},
    {"interrupt", APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_TEST, interrupts_of},
};

#define ROADS (sizeof(roads) / sizeof(roads[0]))

static void begin(void)
{
    nmi_count_start();
    memset(interrupts, 0, sizeof(interrupts));
    irq_set_handler(VECTOR_TEST, count_interrupt);
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (smp_present(n))
            entries_before[smp_apic_id(n) % IDS] = smm_report_of(smp_apic_id(n))->entries;
    }
}

static uint64_t nothing(void *arg)
{
    (void)arg;
    return 0;
}

/* A CPU that answers a call has taken what was sent to it before. */
static void settle(void)
{
    sti();
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        CONTEXT("CPU %u", n);
        if (smp_present(n))
            REQUIRE_TRUE("answers", smp_call(n, nothing, NULL, NULL), "every CPU still answers");
    }
    cli();
    CONTEXT_CLEAR();
}

/* Every CPU has taken want of it; self_want on this one. */
static void expect_all(const struct road *r, uint32_t want, uint32_t self_want)
{
    settle();
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (!smp_present(n))
            continue;
        CONTEXT("%s, CPU %u, APIC id %u", r->what, n, smp_apic_id(n));
        EXPECT_EQ("taken", r->taken(smp_apic_id(n)), n == smp_self() ? self_want : want,
                  "each CPU takes what is sent to it, exactly, and nothing else");
    }
    CONTEXT_CLEAR();
}

static void end(void)
{
    nmi_count_stop();
    irq_set_handler(VECTOR_TEST, NULL);
}

/* SDM vol. 3, 10.12.10.2: 31:16 cluster, one bit of 15:0 for the CPU in there. */
uint32_t roads_logical_id(uint32_t id)
{
    return id >> 4 << 16 | 1U << (id & 15);
}

static void by_icr(uint32_t id, uint32_t icr)
{
    apic_icr(icr & APIC_ICR_LOGICAL ? roads_logical_id(id) : id, icr);
}

static void send_to_each(const struct road *r, roads_sender send, uint32_t logical)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        uint32_t id = smp_apic_id(n);

        if (!smp_present(n))
            continue;
        CONTEXT("%s to CPU %u, APIC id %u", r->what, n, id);
        send(id, r->icr | logical);
        sti();
        REQUIRE_TRUE("reaches", WAIT_FOR(r->taken(id) != 0, PATIENCE_FOR(smp_cpus())),
                     "the CPU that it is sent to takes it");
        cli();
    }
    CONTEXT_CLEAR();
}

void roads_check_each_by(roads_sender send, bool logical)
{
    for (size_t i = 0; i < ROADS; i++) {
        begin();
        send_to_each(&roads[i], send, logical ? APIC_ICR_LOGICAL : 0);
        expect_all(&roads[i], 1, 1);
    }
    end();
}

void roads_check_each(bool logical)
{
    roads_check_each_by(by_icr, logical);
}

void roads_check_all(void)
{
    for (size_t i = 0; i < ROADS; i++) {
        begin();
        apic_icr(0, roads[i].icr | APIC_ICR_OTHERS);
        expect_all(&roads[i], 1, 0);
        begin();
        apic_icr(APIC_DEST_ALL, roads[i].icr);
        expect_all(&roads[i], 1, 1);
        if (!apic_is_x2apic())
            continue;
        begin();
        apic_icr(APIC_DEST_ALL, roads[i].icr | APIC_ICR_LOGICAL);
        expect_all(&roads[i], 1, 1);
    }
    end();
}

#define INTERRUPT (APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_TEST)

static uint64_t send(void *arg)
{
    return apic_icr(0, (uint32_t)(uintptr_t)arg);
}

/* From CPU n, by a shorthand; an SMI to self or to all is not defined (SDM vol. 3, table 10-3). */
static void send_from(uint32_t n, uint32_t shorthand)
{
    REQUIRE_TRUE("sends", smp_call(n, send, (void *)(uintptr_t)(INTERRUPT | shorthand), NULL),
                 "the CPU sends it");
}

void roads_check_shorthands(void)
{
    static const struct road by_shorthand = {"interrupt by shorthand", INTERRUPT, interrupts_of};
    uint32_t last = smp_cpus() - 1;

    begin();
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (smp_present(n))
            send_from(n, APIC_ICR_SELF);
    }
    expect_all(&by_shorthand, 1, 1);
    begin();
    send_from(last, APIC_ICR_ALL);
    expect_all(&by_shorthand, 1, 1);
    begin();
    send_from(last, APIC_ICR_OTHERS);
    settle();
    EXPECT_EQ("sender", interrupts_of(smp_apic_id(last)), 0,
              "\"all excluding self\" excludes the sender");
    interrupts[smp_apic_id(last) % IDS]++;
    expect_all(&by_shorthand, 1, 1);
    end();
}

static bool somebody_has(uint32_t id)
{
    return smp_find(id) != UINT32_MAX;
}

/* What a truncated, shifted or wrapped id would make of that of a present CPU. */
static void send_to_neighbours(const struct road *r, uint32_t id)
{
    for (uint32_t bit = 5; bit < (apic_is_x2apic() ? 32U : 8U); bit++) {
        uint32_t other = id ^ 1U << bit;

        /* FFh is every CPU that is in xAPIC mode, FFFFFFFFh every one. */
        if (other != 0xff && other != APIC_DEST_ALL && !somebody_has(other))
            apic_icr(other, r->icr);
    }
}

void roads_check_nobody(void)
{
    for (size_t i = 0; i < ROADS; i++) {
        begin();
        for (uint32_t n = 0; n < smp_cpus(); n++) {
            if (smp_present(n))
                send_to_neighbours(&roads[i], smp_apic_id(n));
        }
        expect_all(&roads[i], 0, 0);
    }
    end();
}

uint32_t roads_restart(uint32_t n)
{
    uint32_t id = smp_apic_id(n);
    uint32_t arrived = smp_cpus();
    uint32_t again;

    CONTEXT("CPU %u, APIC id %u", n, id);
    REQUIRE_TRUE("parked", smp_park(n), "the CPU goes to sleep");
    again = smp_start_one(id);
    REQUIRE_TRUE("restarts", again != UINT32_MAX, "INIT-SIPI-SIPI to its APIC id starts it");
    EXPECT_EQ("alone", smp_cpus(), arrived + 1, "and starts no other");
    settle();
    CONTEXT_CLEAR();
    return again;
}

static uint64_t enable_x2apic(void *arg)
{
    (void)arg;
    apic_x2apic_enable();
    apic_enable();
    return apic_is_x2apic();
}

void roads_x2apic(void)
{
    if (!apic_x2apic_supported())
        SKIP("the CPU has no x2APIC");
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        uint64_t on = 0;

        CONTEXT("CPU %u", n);
        if (smp_present(n))
            REQUIRE_TRUE("x2apic", smp_call(n, enable_x2apic, NULL, &on) && on,
                         "x2APIC mode is on");
    }
    CONTEXT_CLEAR();
}
