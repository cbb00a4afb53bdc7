/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The I/O APIC over a migration. */
#include "hw/ioapic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/host.h"
#include "kernel/test.h"
#include "tests/migrate/migrate.h"
#include "tests/pm/pm.h"

#define PINS_MAX   24U
#define IOREGSEL   (IOAPIC_BASE + 0x00)
#define IOWIN      (IOAPIC_BASE + 0x10)
#define SPEC_82093 "Intel 82093AA, 3.1 (IOREGSEL, IOWIN), 3.2 (IOAPICID, IOREDTBL); "

/* Masked; every pin another entry. */
static uint64_t entry(unsigned int pin)
{
    return IOAPIC_RTE_MASKED | IOAPIC_RTE_DEST(pin + 1) | (0x50 + pin) |
           (pin & 1 ? IOAPIC_RTE_LEVEL : 0) | (pin & 2 ? IOAPIC_RTE_LOGICAL : 0) |
           (pin & 4 ? IOAPIC_RTE_LOW : 0);
}

TEST(migrate, ioapic, "the I/O APIC keeps its id, its index and the entry of every pin",
     SPEC(MIGRATION SPEC_82093), NEEDS("smm=any boot=own host=migrate"))
{
    unsigned int pins = ioapic_pins();
    uint64_t before[PINS_MAX] = {0};

    cli();
    REQUIRE_TRUE("pins", pins <= PINS_MAX, "it has no more pins than an ICH9's");
    ioapic_write(IOAPIC_REG_ID, 0x0a000000);
    for (unsigned int pin = 0; pin < pins; pin++) {
        ioapic_set_rte(pin, entry(pin));
        before[pin] = ioapic_rte(pin);
        CONTEXT("pin %u", pin);
        EXPECT_EQ("written", before[pin], entry(pin), "the entry keeps what is written");
    }
    CONTEXT_CLEAR();
    mmio_write32(IOREGSEL, IOAPIC_REG_RTE(5));
    migrate();
    EXPECT_EQ("index", mmio_read32(IOREGSEL), IOAPIC_REG_RTE(5), "the index is what it was");
    EXPECT_EQ("window", mmio_read32(IOWIN), (uint32_t)before[5], "and leads where it did");
    EXPECT_BITS("id", ioapic_read(IOAPIC_REG_ID), 0x0f000000, 0x0a000000, "the id is kept");
    for (unsigned int pin = 0; pin < pins; pin++) {
        CONTEXT("pin %u", pin);
        EXPECT_EQ("entry", ioapic_rte(pin), before[pin], "so is the entry");
    }
    CONTEXT_CLEAR();
}

TEST(migrate, ioapic_pending, "a level that waits behind a mask is delivered on the other side",
     SPEC(MIGRATION "Intel 82093AA, 3.2.4: level-triggered, mask; " PM_SPEC "GPE0_EN"),
     NEEDS("smm=any accel=tcg maxcpus=2 firmware=virgin boot=own host=migrate,plug"))
{
    pm_begin();
    host_do("plug 1");
    ich9_pm_write8(GPE0_EN, GPE0_CPU_HOTPLUG);
    migrate();
    EXPECT_TRUE("active", pm_line(SCI_DEFAULT), "the SCI waits there");
    ich9_pm_write8(GPE0_STS, GPE0_CPU_HOTPLUG);
    EXPECT_TRUE("ends", !pm_line(SCI_DEFAULT), "and ends with its cause");
    migrate();
    EXPECT_TRUE("gone", !pm_line(SCI_DEFAULT), "one that has ended does not come back");
    ich9_pm_write8(GPE0_EN, 0);
}
