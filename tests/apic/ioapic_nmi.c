/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NMIs as messages of the I/O APIC. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/ioapic.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/apic/nmi.h"
#include "tests/smi/line.h"

#define CPUS 3

/* One edge on the pin, with this entry: exactly the CPUs in the mask take an NMI. */
static void check_pin(uint64_t rte, uint32_t takers)
{
    uint32_t total = 0;

    for (uint32_t left = takers; left; left &= left - 1)
        total++;
    line_prepare();
    nmi_count_start();
    ioapic_set_rte(LINE_IRQ, rte);
    line_raise();
    line_lower(); /* an edge, too, but not the one */
    EXPECT_TRUE("arrived", nmi_wait(total), "as many CPUs take it as are named");
    nmi_settle();
    ioapic_set_rte(LINE_IRQ, IOAPIC_RTE_MASKED);
    for (uint32_t cpu = 0; cpu < CPUS; cpu++)
        EXPECT_EQ("takers", nmi_count(smp_apic_id(cpu)), takers >> cpu & 1,
                  "each of them exactly one, the others none");
    nmi_count_stop();
}

TEST(apic, ioapic_nmi, "a pin of the I/O APIC may be an NMI to whom its entry names",
     SPEC("Intel 82093AA, 3.2.4 IOREDTBL: delivery mode 100, edge, the vector is ignored"),
     NEEDS("smp=3 smm=any"))
{
    uint64_t old;

    if (!smp_start_all())
        ERROR("the APs do not come up");
    old = ioapic_rte(LINE_IRQ);
    for (uint32_t n = 0; n < CPUS; n++) {
        uint64_t rte = IOAPIC_RTE_DEST(smp_apic_id(n)) | APIC_DM_NMI;

        CONTEXT("to CPU %u", n);
        check_pin(rte, 1U << n);
        CONTEXT("to CPU %u, masked", n);
        check_pin(rte | IOAPIC_RTE_MASKED, 0);
    }
    CONTEXT("to all");
    check_pin(IOAPIC_RTE_DEST(0xff) | APIC_DM_NMI, (1U << CPUS) - 1);
    CONTEXT("to an id that no CPU has");
    check_pin(IOAPIC_RTE_DEST(0x55) | APIC_DM_NMI, 0);
    CONTEXT_CLEAR();
    ioapic_set_rte(LINE_IRQ, old);
}
