/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DMAR table: may an operating system use APIC ids above 254, and by which unit. */
#include "hw/io.h"
#include "hw/vtd.h"
#include "kernel/acpi.h"
#include "kernel/test.h"

/* The first scope of the unit from *at on of that type, NULL behind the last one. */
static const struct acpi_dmar_scope *scope(const struct acpi_dmar_drhd *drhd, uint8_t type)
{
    const char *at = (const char *)(drhd + 1);
    const char *end = (const char *)drhd + drhd->length;

    while (end - at >= (ptrdiff_t)sizeof(struct acpi_dmar_scope)) {
        const struct acpi_dmar_scope *s = (const void *)at;

        if (s->length < sizeof(*s) || s->length > end - at)
            return NULL;
        if (s->type == type)
            return s;
        at += s->length;
    }
    return NULL;
}

static const struct acpi_madt_io_apic *io_apic(void)
{
    const struct acpi_madt *madt = acpi_madt();

    for (const struct acpi_madt_entry *e = madt ? acpi_madt_next(madt, NULL) : NULL; e;
         e = acpi_madt_next(madt, e)) {
        if (e->type == ACPI_MADT_IO_APIC)
            return (const void *)e;
    }
    return NULL;
}

TEST(acpi, dmar, "with an IOMMU that remaps interrupts, the DMAR table says so and leads to it",
     SPEC("VT-d 8.1 (DMAR), 8.3 (DRHD), 8.3.1 (device scope), 10.4.3 (ECAP_REG); Intel SDM vol. 3, "
          "10.12.7"),
     NEEDS("cpu=max qemu>=9.0 accel=tcg smm=any device=intel-iommu,intremap=on,eim=on"))
{
    const struct acpi_dmar *dmar = acpi_dmar();
    const struct acpi_madt_io_apic *ioapic = io_apic();
    const struct acpi_dmar_drhd *drhd;
    const struct acpi_dmar_scope *s;
    uint32_t low;

    if (acpi_rsdp() == NULL)
        SKIP("the firmware installed no ACPI tables");
    REQUIRE_TRUE("dmar", dmar != NULL, "there is a DMAR table with a right checksum");
    EXPECT_BITS("remaps", dmar->flags, ACPI_DMAR_INTR_REMAP, ACPI_DMAR_INTR_REMAP,
                "INTR_REMAP: the platform remaps interrupts");
    EXPECT_BITS("x2apic", dmar->flags, ACPI_DMAR_X2APIC_OPT_OUT, 0,
                "X2APIC_OPT_OUT is clear: x2APIC mode is welcome");
    drhd = acpi_drhd(dmar);
    if (drhd == NULL || drhd->base > UINT32_MAX) {
        FAIL_CHECK("drhd", "it names a remapping unit", "there is none below 4 GiB");
        return;
    }
    EXPECT_EQ("segment", drhd->segment, 0, "of the one PCI segment that there is");
    EXPECT_BITS("aligned", drhd->base, 0xfff, 0, "its registers lie on a page boundary (10.3)");
    s = scope(drhd, ACPI_DMAR_SCOPE_IO_APIC);
    REQUIRE_TRUE("madt", ioapic != NULL, "the MADT has an I/O APIC");
    REQUIRE_TRUE("ioapic", s != NULL, "the I/O APIC is in the unit's scope");
    EXPECT_EQ("ioapic-id", s->id, ioapic->id, "under the id of its MADT entry");
    EXPECT_EQ("ioapic-path", s->length, sizeof(*s) + 2, "with a path of one step");
    low = mmio_read32((uintptr_t)drhd->base + VTD_ECAP);
    EXPECT_BITS("ecap", low, VTD_ECAP_IR | VTD_ECAP_EIM, VTD_ECAP_IR | VTD_ECAP_EIM,
                "the unit there remaps interrupts, to 32-bit APIC ids");
    EXPECT_BITS("ecap-qi", low, VTD_ECAP_QI, VTD_ECAP_QI,
                "which goes with queued invalidation (ECAP_REG.IR)");
    EXPECT_NE("version", mmio_read32((uintptr_t)drhd->base + VTD_VER) >> 4 & 15, 0,
              "and has a version");
    EXPECT_BITS("off", mmio_read32((uintptr_t)drhd->base + VTD_GSTS), VTD_IRE, 0,
                "remapping is off until somebody turns it on");
}
