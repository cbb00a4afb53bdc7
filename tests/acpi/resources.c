/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tables say about ports, addresses and interrupts that the operating system must not give
 * to somebody else, or must find. */
#include <stddef.h>

#include "hw/cpuhp.h"
#include "hw/fw_cfg.h"
#include "hw/io.h"
#include "hw/ioapic.h"
#include "hw/mch.h"
#include "hw/pci.h"
#include "kernel/acpi.h"
#include "kernel/test.h"
#include "tests/acpi/aml.h"
#include "tests/acpi/ports.h"

static const struct acpi_fadt *require_tables(void)
{
    const struct acpi_fadt *fadt = acpi_fadt();

    if (!fadt)
        SKIP("the firmware installed no ACPI tables");
    return fadt;
}

TEST(acpi, reserved_ports, "devices of the DSDT have the ports of CPU hotplug and of GPE0 in _CRS",
     SPEC("ACPI 6.3, 6.2.2 (_CRS), 6.4.2.5; QEMU docs/specs/acpi_cpu_hotplug: block of 12 bytes"),
     NEEDS("smp=1 maxcpus=4 smm=any machine>=pc-q35-2.7 "))
{
    const struct acpi_fadt *fadt = require_tables();

    if (!aml_load()) {
        FAIL_CHECK("load", "the DSDT can be read", "%s", aml_error());
        return;
    }
    CONTEXT("12 bytes at %#x", CPUHP_BASE);
    EXPECT_TRUE("cpuhp", ports_reserved(CPUHP_BASE, 12), "the register block of CPU hotplug");
    CONTEXT("%u bytes at %#x", fadt->gpe0_blk_len, fadt->gpe0_blk);
    EXPECT_TRUE("gpe0", ports_reserved((uint16_t)fadt->gpe0_blk, fadt->gpe0_blk_len),
                "the GPE0 block that the FADT names");
    CONTEXT("12 bytes at %#x", FW_CFG_SELECTOR);
    EXPECT_TRUE("fw-cfg", ports_reserved(FW_CFG_SELECTOR, 12), "fw_cfg, with its DMA register");
    CONTEXT_CLEAR();
}

/* 5.2.10, up to the field that we look at */
struct facs {
    char signature[4];
    uint32_t length;
    uint32_t hardware_signature;
    uint32_t waking_vector;
    uint32_t global_lock; /* bit 0: pending, bit 1: owned */
} __attribute__((packed));

TEST(acpi, facs, "the FADT leads to the FACS, which has the waking vector, and a free global lock",
     SPEC("ACPI 6.3, 5.2.9 (FIRMWARE_CTRL), 5.2.10: 64 bytes or more, on a boundary of 64"),
     NEEDS("smm=any"))
{
    const struct acpi_fadt *fadt = require_tables();
    const struct facs *facs = (const void *)(uintptr_t)fadt->facs;

    REQUIRE_TRUE("there", fadt->facs && fadt->facs % 64 == 0, "FIRMWARE_CTRL is such an address");
    EXPECT_MEM("signature", facs->signature, "FACS", 4, "of a FACS");
    EXPECT_RANGE("length", facs->length, 64, 4096, "of 64 bytes at least");
    EXPECT_EQ("lock", facs->global_lock, 0, "nobody owns the lock, or waits for it");
}

/* 5.2.12.5 Interrupt Source Override */
struct source_override {
    struct acpi_madt_entry entry; /* type 2 */
    uint8_t bus, source;
    uint32_t gsi;
    uint16_t flags; /* 1:0 polarity, 3:2 trigger mode */
} __attribute__((packed));

#define MADT_OVERRIDE     2
#define ACTIVE_HIGH_LEVEL 0xdU

#define MADT_PCAT_COMPAT 1U
#define ACTIVE_HIGH_EDGE 0x5U /* 0: as the bus has it */

TEST(acpi, madt_wiring, "the MADT has the 8259s, the I/O APIC's inputs from 0 on, and IRQ0 at 2",
     SPEC("ACPI 6.3, 5.2.12 (PCAT_COMPAT), 5.2.12.3, 5.2.12.5; ICH9 datasheet, I/O APIC: IRQ0 of "
          "the 8254 at input 2; QEMU docs/specs/fw_cfg"),
     NEEDS("smm=any"))
{
    const struct acpi_madt *madt;
    uint32_t ioapics = 0, timers = 0;

    require_tables();
    madt = acpi_madt();
    REQUIRE_TRUE("madt", madt != NULL, "there is a MADT");
    EXPECT_EQ("pcat", madt->flags, MADT_PCAT_COMPAT, "the machine has two 8259s as well");
    for (const struct acpi_madt_entry *e = acpi_madt_next(madt, NULL); e;
         e = acpi_madt_next(madt, e)) {
        const struct acpi_madt_io_apic *ioapic = (const void *)e;
        const struct source_override *o = (const void *)e;

        if (e->type == ACPI_MADT_IO_APIC && ioapic->address == 0xfec00000) {
            EXPECT_EQ("gsi", ioapic->gsi_base, 0, "global interrupts begin with its inputs");
            EXPECT_EQ("id", ioapic->id, ioapic_read(IOAPIC_REG_ID) >> 24 & 0xf,
                      "the id is the one in its register");
            ioapics++;
        } else if (e->type == MADT_OVERRIDE && o->source == 0) {
            EXPECT_EQ("irq0", o->gsi, 2, "the timer is at input 2");
            timers++;
        } else if (e->type == ACPI_MADT_NMI) {
            const struct acpi_madt_nmi *nmi = (const void *)e;

            EXPECT_TRUE("nmi", nmi->flags == 0 || nmi->flags == ACTIVE_HIGH_EDGE,
                        "an NMI is an edge, active high");
        }
    }
    EXPECT_EQ("ioapic", ioapics, 1, "one I/O APIC is at FEC00000h");
    EXPECT_EQ("timer", timers, 1, "one entry is about the timer");
}

TEST(acpi, sci_override, "the MADT says that the SCI is a level and active high",
     SPEC("ACPI 6.3, 5.2.9 (SCI_INT), 5.2.12.5; ICH9 datasheet, ACPI_CNTL: IRQ9 to IRQ11 of the "
          "I/O APIC are to be programmed for active-high reception of the SCI"),
     NEEDS("smm=any"))
{
    const struct acpi_fadt *fadt = require_tables();
    const struct acpi_madt *madt = acpi_madt();
    uint32_t found = 0;

    REQUIRE_TRUE("madt", madt != NULL, "there is a MADT");
    EXPECT_RANGE("sci", fadt->sci_int, 9, 11, "the SCI is one of the ISA interrupts");
    for (const struct acpi_madt_entry *e = acpi_madt_next(madt, NULL); e;
         e = acpi_madt_next(madt, e)) {
        const struct source_override *o = (const void *)e;

        if (e->type != MADT_OVERRIDE || e->length < sizeof(*o) || o->source != fadt->sci_int)
            continue;
        found++;
        EXPECT_EQ("bus", o->bus, 0, "of the ISA bus");
        EXPECT_EQ("gsi", o->gsi, fadt->sci_int, "at the I/O APIC's pin of the same number");
        EXPECT_BITS("flags", o->flags, 0xf, ACTIVE_HIGH_LEVEL, "a level, active high");
    }
    EXPECT_EQ("one", found, 1, "one entry is about the SCI");
}

/* PCI Firmware Specification 3.0, 4.1.2; one allocation follows */
struct mcfg {
    struct acpi_header header;
    uint64_t reserved;
    uint64_t base;
    uint16_t segment;
    uint8_t first_bus, last_bus;
    uint32_t reserved2;
} __attribute__((packed));

TEST(acpi, mcfg, "the MCFG table names the window of configuration space as PCIEXBAR has it",
     SPEC("PCI Firmware Specification 3.0, 4.1.2 (MCFG); Q35 MCH datasheet, PCIEXBAR (60h)"),
     NEEDS("firmware=seabios smm=any"))
{
    static const uint32_t buses[] = {256, 128, 64, 0};
    const struct mcfg *mcfg;
    uint32_t bar = mch_read32(MCH_PCIEXBAR);

    require_tables();
    mcfg = (const struct mcfg *)acpi_table("MCFG");
    REQUIRE_TRUE("mcfg", mcfg && mcfg->header.length == sizeof(*mcfg),
                 "there is an MCFG table with one allocation");
    REQUIRE_EQ("enabled", bar & PCIEXBAR_EN, PCIEXBAR_EN, "the window is enabled");
    EXPECT_EQ("base", mcfg->base, bar & 0xf0000000, "the base is PCIEXBAR's");
    EXPECT_EQ("segment", mcfg->segment, 0, "of segment 0");
    EXPECT_EQ("first", mcfg->first_bus, 0, "from bus 0 on");
    EXPECT_EQ("last", mcfg->last_bus, buses[bar >> 1 & 3] - 1, "as many buses as fit in it");
}

/* IA-PC HPET Specification 1.0a, 3.2.4, up to the address */
struct hpet {
    struct acpi_header header;
    uint32_t block_id;
    uint8_t space, width, offset, access; /* 5.2.3.2 Generic Address Structure */
    uint64_t base;
} __attribute__((packed));

TEST(acpi, hpet, "the HPET table has the address of the timers, and their id",
     SPEC("IA-PC HPET Specification 1.0a, 3.2.4: Event Timer Block ID, BASE_ADDRESS; 2.3.4: "
          "General Capabilities and ID"),
     NEEDS("smm=any"))
{
    const struct hpet *hpet;

    require_tables();
    hpet = (const struct hpet *)acpi_table("HPET");
    REQUIRE_TRUE("hpet", hpet && hpet->header.length >= sizeof(*hpet), "there is an HPET table");
    EXPECT_EQ("space", hpet->space, 0, "the timers are in memory space");
    REQUIRE_TRUE("base", hpet->base && hpet->base < UINT32_MAX, "below 4 GiB");
    EXPECT_EQ("id", mmio_read32((uintptr_t)hpet->base), hpet->block_id,
              "where their id is that of the table");
}
