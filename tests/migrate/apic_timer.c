/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timers of local APICs over a migration: they go on to interrupt; and an id that was changed. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/migrate/migrate.h"

#define CPUS     2
#define PERIOD   1000000U /* times 16: 16 ms of QEMU's APIC */
#define DIVIDE   0x3      /* by 16 */
#define MORE     3U       /* interrupts: one may have waited since before */
#define OTHER_ID 0x51U    /* no CPU has it by itself */

static volatile uint32_t taken[CPUS];

static void on_timer(struct trap_frame *frame)
{
    (void)frame;
    taken[smp_self()]++;
    apic_eoi();
}

static uint64_t start(void *arg)
{
    (void)arg;
    apic_write(APIC_TIMER_DIVIDE, DIVIDE);
    apic_write(APIC_LVT_TIMER, APIC_LVT_REPEAT | VECTOR_TEST);
    apic_write(APIC_TIMER_INITIAL, PERIOD);
    return 0;
}

static uint64_t stop(void *arg)
{
    (void)arg;
    apic_write(APIC_TIMER_INITIAL, 0);
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
    return 0;
}

/* On the CPU itself: MORE interrupts from now on. */
static uint64_t tick(void *arg)
{
    uint32_t n = smp_self(), from = taken[n];
    unsigned long flags = irq_save();
    bool came;

    (void)arg;
    sti();
    came = WAIT_FOR(taken[n] - from >= MORE, PATIENCE_MS);
    irq_restore(flags);
    return came;
}

TEST(migrate, apic_timer, "a local APIC's timer that runs goes on to interrupt on the other side",
     SPEC(MIGRATION "Intel SDM vol. 3, 10.5.4 APIC Timer: periodic mode"),
     NEEDS("host=migrate boot=own smp=2 accel=tcg"))
{
    if (!smp_start_all())
        ERROR("an AP is missing");
    irq_set_handler(VECTOR_TEST, on_timer);
    for (unsigned int side = 0; side < 2; side++) {
        for (uint32_t n = 0; n < CPUS; n++) {
            uint64_t came = 0;

            CONTEXT("CPU %u, %s", n, side ? "other side" : "here");
            if (!side)
                smp_call(n, start, NULL, NULL);
            EXPECT_TRUE("ticks", smp_call(n, tick, NULL, &came) && came,
                        "every period is an interrupt");
        }
        CONTEXT_CLEAR();
        if (!side)
            migrate();
    }
    for (uint32_t n = 0; n < CPUS; n++)
        smp_call(n, stop, NULL, NULL);
    irq_set_handler(VECTOR_TEST, NULL);
}

TEST(migrate, apic_id, "an APIC id that software has changed is that on the other side",
     SPEC(MIGRATION "Intel SDM vol. 3, 10.4.6 Local APIC ID: some models let it be changed"),
     NEEDS("host=migrate boot=own accel=tcg"))
{
    uint32_t old = apic_read(APIC_ID);

    if (apic_is_x2apic())
        SKIP("the id cannot be changed in x2APIC mode");
    apic_write(APIC_ID, OTHER_ID << 24);
    if (apic_read(APIC_ID) >> 24 != OTHER_ID)
        SKIP("the id cannot be changed");
    migrate();
    EXPECT_EQ("id", apic_read(APIC_ID) >> 24, OTHER_ID, "it reads as before");
    apic_write(APIC_ID, old);
}
