/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMIs as messages of devices: through the I/O APIC, and as MSI. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/io.h"
#include "hw/ioapic.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/smi/count.h"
#include "tests/smi/line.h"

/* One edge on the pin, with this entry. */
static void check_pin(uint64_t rte, uint64_t set)
{
    line_prepare();
    smi_count_start();
    ioapic_set_rte(LINE_IRQ, rte);
    line_raise();
    line_lower(); /* an edge, too, but not the one */
    smi_count_check(set);
    ioapic_set_rte(LINE_IRQ, IOAPIC_RTE_MASKED);
}

TEST(smi, ioapic, "a pin of the I/O APIC may be an SMI to whom its entry names",
     SPEC("Intel 82093AA, delivery mode 010: edge, vector 00h; QEMU's ICH9 has it too"),
     NEEDS("smp=3"))
{
    uint64_t old;

    REQUIRE_SMM();
    old = ioapic_rte(LINE_IRQ);
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        uint64_t dest = IOAPIC_RTE_DEST(smp_apic_id(n));

        CONTEXT("to CPU %u", n);
        check_pin(dest | APIC_DM_SMI, SMI_CPU(n));
        CONTEXT("to CPU %u, masked", n);
        check_pin(dest | APIC_DM_SMI | IOAPIC_RTE_MASKED, 0);
    }
    CONTEXT("to all");
    check_pin(IOAPIC_RTE_DEST(0xff) | APIC_DM_SMI, SMI_ALL_CPUS);
    CONTEXT("to an id that no CPU has");
    check_pin(IOAPIC_RTE_DEST(0x55) | APIC_DM_SMI, 0);
    CONTEXT_CLEAR();
    ioapic_set_rte(LINE_IRQ, old);
}

TEST(smi, ioapic_open, "an open pin is one SMI for each edge, to whom its entry names by then",
     SPEC("Intel 82093AA, 3.2.4: destination field, R/W; edge"), NEEDS("smp=3"))
{
    uint64_t old;

    REQUIRE_SMM();
    old = ioapic_rte(LINE_IRQ);
    line_prepare();
    ioapic_set_rte(LINE_IRQ, IOAPIC_RTE_DEST(smp_apic_id(0)) | APIC_DM_SMI);
    for (uint32_t i = 0; i < 2 * smp_cpus(); i++) {
        uint32_t n = (i + 1) % smp_cpus();

        CONTEXT("edge %u, to CPU %u", i, n);
        ioapic_write(IOAPIC_REG_RTE(LINE_IRQ) + 1,
                     (uint32_t)(IOAPIC_RTE_DEST(smp_apic_id(n)) >> 32));
        line_prepare();
        smi_count_start();
        line_raise();
        line_lower();
        smi_count_check(SMI_CPU(n));
    }
    CONTEXT_CLEAR();
    ioapic_set_rte(LINE_IRQ, old);
}

static uint64_t set_logical_id(void *arg)
{
    apic_write(APIC_DFR, 0xffffffff);
    apic_write(APIC_LDR, (uint32_t)(uintptr_t)arg << 24);
    return 0;
}

TEST(smi, ioapic_logical, "and to logical destinations",
     SPEC("Intel 82093AA, destination mode; Intel SDM vol. 3, 10.6.2.2"), NEEDS("smp=3"))
{
    uint64_t old;

    REQUIRE_SMM();
    old = ioapic_rte(LINE_IRQ);
    for (uint32_t n = 0; n < smp_cpus(); n++)
        smp_call(n, set_logical_id, (void *)(uintptr_t)(1U << n), NULL);
    for (uint32_t set = 0; set < 8; set++) {
        CONTEXT("logical %#x", set);
        check_pin(IOAPIC_RTE_DEST(set) | IOAPIC_RTE_LOGICAL | APIC_DM_SMI, set);
    }
    CONTEXT_CLEAR();
    for (uint32_t n = 0; n < smp_cpus(); n++)
        smp_call(n, set_logical_id, NULL, NULL);
    ioapic_set_rte(LINE_IRQ, old);
}

/* The HPET (IA-PC HPET Specification 1.0a, 2.3) sends messages if QEMU's hpet.msi is on. */
#define HPET_BASE       0xfed00000U
#define HPET_CONFIG     (HPET_BASE + 0x10)
#define HPET_CONFIG_ON  BIT(0)
#define HPET_COUNTER    (HPET_BASE + 0xf0)
#define HPET_T0_CONFIG  (HPET_BASE + 0x100)
#define HPET_T0_ON      BIT(2)
#define HPET_T0_FSB_ON  BIT(14)
#define HPET_T0_FSB_CAP BIT(15)
#define HPET_T0_COMPARE (HPET_BASE + 0x108)
#define HPET_T0_MESSAGE (HPET_BASE + 0x110) /* data, then address */

#define MSI_ADDRESS(apic_id) (0xfee00000U | (apic_id) << 12)
#define MSI_LOGICAL          (BIT(2) | BIT(3)) /* destination mode, redirection hint */
#define SOON                 20000U            /* HPET ticks of 10 ns */
#define LATER                0x10000000U

/* One message; waits until the CPU who takes it has, or the HPET's comparator was passed. */
static void check_message(uint32_t address, uint32_t data, uint32_t who)
{
    smi_count_start();
    mmio_write32(HPET_T0_CONFIG, 0);
    mmio_write32(HPET_T0_MESSAGE, data);
    mmio_write32(HPET_T0_MESSAGE + 4, address);
    /* Far away first: a comparator that has passed may fire as soon as the timer is on. */
    mmio_write32(HPET_T0_COMPARE, mmio_read32(HPET_COUNTER) + LATER);
    mmio_write32(HPET_T0_COMPARE + 4, mmio_read32(HPET_COUNTER + 4));
    mmio_write32(HPET_T0_CONFIG, HPET_T0_ON | HPET_T0_FSB_ON);
    mmio_write32(HPET_T0_COMPARE, mmio_read32(HPET_COUNTER) + SOON);
    (void)WAIT_FOR(smi_count_of(who), PATIENCE_MS);
    mmio_write32(HPET_T0_CONFIG, 0);
}

TEST(smi, msi, "a message of a device with delivery mode 010 is an SMI to whom it names",
     SPEC("Intel SDM vol. 3, 10.11.2 \"Message Data Register Format\": 010b is SMI, edge"),
     NEEDS("smp=3 global=hpet.msi=on"))
{
    REQUIRE_SMM();
    mmio_write32(HPET_CONFIG, mmio_read32(HPET_CONFIG) | HPET_CONFIG_ON);
    if (!(mmio_read32(HPET_T0_CONFIG) & HPET_T0_FSB_CAP))
        SKIP("the HPET sends no messages");
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        CONTEXT("to CPU %u", n);
        check_message(MSI_ADDRESS(smp_apic_id(n)), APIC_DM_SMI, n);
        smi_count_check(SMI_CPU(n));
    }
    CONTEXT("to all");
    check_message(MSI_ADDRESS(0xffU), APIC_DM_SMI, 2);
    smi_count_check(SMI_ALL_CPUS);
    for (uint32_t n = 0; n < smp_cpus(); n++)
        smp_call(n, set_logical_id, (void *)(uintptr_t)(1U << n), NULL);
    CONTEXT("to logical 5");
    check_message(MSI_ADDRESS(5U) | MSI_LOGICAL, APIC_DM_SMI, 2);
    smi_count_check(SMI_CPU(0) | SMI_CPU(2));
    CONTEXT_CLEAR();
    for (uint32_t n = 0; n < smp_cpus(); n++)
        smp_call(n, set_logical_id, NULL, NULL);
    mmio_write32(HPET_CONFIG, mmio_read32(HPET_CONFIG) & ~HPET_CONFIG_ON);
}
