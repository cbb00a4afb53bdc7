/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local APIC's timer: its divider, and its LVT while it runs. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "kernel/test.h"
#include "kernel/trap.h"

#define PM_TICKS 2000U /* 0.56 ms of the PM timer: 4000 counts and more at the largest divisor */

/* Cycles of the bus clock in 16 ticks of the PM timer; 0: that one stands. */
static uint32_t bus_rate(uint32_t divide, uint32_t divisor)
{
    uint32_t start, passed = 0, counted;

    apic_write(APIC_TIMER_DIVIDE, divide);
    apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
    start = ich9_pm_read32(PM1_TMR);
    if (!WAIT_FOR(((passed = (ich9_pm_read32(PM1_TMR) - start) & 0xffffff)) >= PM_TICKS,
                  PATIENCE_MS))
        return 0;
    counted = UINT32_MAX - apic_read(APIC_TIMER_CURRENT);
    apic_write(APIC_TIMER_INITIAL, 0);
    return counted * divisor / (passed / 16);
}

TEST(apic, timer_divide, "each setting of the timer's divider divides by what it names",
     SPEC("Intel SDM vol. 3, 10.5.4 \"APIC Timer\", Figure 10-10: 111 divides by 1"),
     NEEDS("boot=own smm=any icount=6"))
{
    static const struct {
        uint32_t reg, divisor;
    } settings[] = {{0x0, 2},  {0x1, 4},  {0x2, 8},   {0x3, 16},
                    {0x8, 32}, {0x9, 64}, {0xa, 128}, {0xb, 1}};
    uint32_t reference;

    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
    reference = bus_rate(settings[0].reg, settings[0].divisor);
    REQUIRE_TRUE("counts", reference != 0, "the timer counts");
    for (size_t i = 1; i < sizeof(settings) / sizeof(settings[0]); i++) {
        CONTEXT("divide by %u", settings[i].divisor);
        EXPECT_RANGE("rate", bus_rate(settings[i].reg, settings[i].divisor),
                     reference - reference / 16, reference + reference / 16,
                     "counts times divisor are those of divide by 2");
    }
    CONTEXT_CLEAR();
}

#define VECTOR (VECTOR_TEST + 5)
#define SHORT  200000U /* counts of 1 ns in QEMU */

static volatile uint32_t rang;

static void ring(struct trap_frame *frame)
{
    (void)frame;
    rang++;
    apic_eoi();
}

static bool rang_once(void)
{
    irq_window();
    return rang == 1;
}

TEST(apic, timer_unmasked, "an expiry of the timer is heard if the LVT is open by then",
     SPEC("Intel SDM vol. 3, 10.5.1 \"Local Vector Table\": mask; 10.5.4 \"APIC Timer\""),
     NEEDS("boot=own smm=any icount=6"))
{
    cli();
    rang = 0;
    irq_set_handler(VECTOR, ring);
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR);
    apic_write(APIC_TIMER_DIVIDE, 0xb);
    apic_write(APIC_TIMER_INITIAL, SHORT);
    apic_write(APIC_LVT_TIMER, VECTOR);
    EXPECT_TRUE("unmasked", WAIT_FOR(rang_once(), PATIENCE_MS), "it is masked at the start only");
    apic_write(APIC_TIMER_INITIAL, SHORT);
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR);
    REQUIRE_TRUE("expired", WAIT_FOR(apic_read(APIC_TIMER_CURRENT) == 0, PATIENCE_MS),
                 "the timer counts on while it is masked");
    EXPECT_TRUE("masked", rang_once(), "it is open at the start only: nothing comes");
    irq_set_handler(VECTOR, NULL);
}
