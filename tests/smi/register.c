/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interrupt command register itself, once an IPI was sent: ready, and as it was written. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/deadline.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/apic/nmi.h"
#include "tests/smi/count.h"

#define TO    2U
#define TIMES 3U

/* Delivery mode, destination mode and shorthand: what every IPI has. */
#define KEPT (0x700U | APIC_ICR_LOGICAL | APIC_ICR_OTHERS)

/* Writes the low half alone; the high half was written when the first IPI was sent. */
static void send_again(uint32_t low, uint32_t high)
{
    apic_write(APIC_ICR, low);
    EXPECT_TRUE("ready", WAIT_FOR(!(apic_read(APIC_ICR) & APIC_ICR_PENDING), PATIENCE_MS),
                "delivery status is idle when the IPI is sent");
    EXPECT_BITS("low", apic_read(APIC_ICR), KEPT, low & KEPT, "the low half reads as written");
    EXPECT_BITS("high", apic_read(APIC_ICR_HIGH), 0xff000000, high, "so does the destination");
}

TEST(smi, ipi_register, "an IPI leaves the ICR as it was written: the next goes to the same CPU",
     SPEC("Intel SDM vol. 3, 10.6.1 ICR: read/write, but for delivery status"), NEEDS("smp=3"))
{
    uint32_t old, high;

    REQUIRE_SMM();
    if (apic_is_x2apic())
        SKIP("the ICR is one register in x2APIC mode");
    old = apic_read(APIC_ICR_HIGH);
    high = smp_apic_id(TO) << 24;
    apic_write(APIC_ICR_HIGH, high);
    smi_count_start();
    for (uint32_t i = 0; i < TIMES; i++) {
        CONTEXT("SMI %u", i + 1);
        send_again(APIC_DM_SMI | APIC_ICR_ASSERT, high);
        smi_count_check(SMI_CPU(TO));
    }
    nmi_count_start();
    for (uint32_t i = 0; i < TIMES; i++) {
        CONTEXT("NMI %u", i + 1);
        send_again(APIC_DM_NMI | APIC_ICR_ASSERT, high);
        EXPECT_TRUE("nmi", nmi_wait(i + 1) && nmi_count(smp_apic_id(TO)) == i + 1,
                    "every NMI is taken where the first one was");
    }
    CONTEXT_CLEAR();
    nmi_count_stop();
    apic_write(APIC_ICR_HIGH, old);
}
