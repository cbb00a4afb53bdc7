/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/acpi.h"

#include "hw/io.h"
#include "lib/string.h"

#define BDA_EBDA_SEGMENT 0x40e /* word: real-mode segment of the EBDA */
#define EBDA_SEARCH      1024U
#define LOW_MEMORY_END   0xa0000U
#define BIOS_AREA        0xe0000U
#define BIOS_AREA_SIZE   0x20000U
#define RSDP_ALIGNMENT   16U
#define RSDP_V1_SIZE     20U

/* No table of QEMU comes near this: a longer one is not a table. */
#define MAX_TABLE_SIZE 0x1000000U

bool acpi_checksum_ok(const void *table, uint32_t len)
{
    const uint8_t *bytes = table;
    uint8_t sum = 0;

    while (len--)
        sum = (uint8_t)(sum + *bytes++);
    return sum == 0;
}

static const struct acpi_rsdp *search_rsdp(uint32_t start, uint32_t size)
{
    for (uint32_t at = start; at - start + sizeof(struct acpi_rsdp) <= size; at += RSDP_ALIGNMENT) {
        const struct acpi_rsdp *rsdp = (const void *)(uintptr_t)at;

        if (memcmp(rsdp->signature, "RSD PTR ", sizeof(rsdp->signature)) == 0 &&
            acpi_checksum_ok(rsdp, RSDP_V1_SIZE))
            return rsdp;
    }
    return NULL;
}

const struct acpi_rsdp *acpi_rsdp(void)
{
    uint32_t ebda = (uint32_t)mmio_read16(BDA_EBDA_SEGMENT) << 4;
    const struct acpi_rsdp *rsdp = NULL;

    /* A firmware without a BIOS data area leaves anything there. */
    if (ebda >= LOW_MEMORY_END / 2 && ebda <= LOW_MEMORY_END - EBDA_SEARCH)
        rsdp = search_rsdp(ebda, EBDA_SEARCH);
    return rsdp ? rsdp : search_rsdp(BIOS_AREA, BIOS_AREA_SIZE);
}

/* The table at a physical address if it has that signature and checksum, else NULL. */
static const struct acpi_header *table_at(uint64_t address, const char *signature)
{
    const struct acpi_header *table = (const void *)(uintptr_t)address;

    if (!address || address > UINT32_MAX - sizeof(*table))
        return NULL;
    if (memcmp(table->signature, signature, sizeof(table->signature)) != 0)
        return NULL;
    if (table->length < sizeof(*table) || table->length > MAX_TABLE_SIZE ||
        table->length > UINT32_MAX - (uint32_t)address)
        return NULL;
    return acpi_checksum_ok(table, table->length) ? table : NULL;
}

/* The XSDT if there is one, else the RSDT; *entry_size tells how wide its pointers are. */
static const struct acpi_header *root_table(size_t *entry_size)
{
    const struct acpi_rsdp *rsdp = acpi_rsdp();
    const struct acpi_header *root = NULL;

    if (rsdp == NULL)
        return NULL;
    if (rsdp->revision >= 2 && rsdp->length >= sizeof(*rsdp) &&
        acpi_checksum_ok(rsdp, sizeof(*rsdp)))
        root = table_at(rsdp->xsdt, "XSDT");
    *entry_size = sizeof(uint64_t);
    if (root == NULL) {
        root = table_at(rsdp->rsdt, "RSDT");
        *entry_size = sizeof(uint32_t);
    }
    return root;
}

const struct acpi_header *acpi_table(const char *signature)
{
    size_t entry_size;
    const struct acpi_header *root = root_table(&entry_size);
    const char *entry;

    if (root == NULL)
        return NULL;
    entry = (const char *)(root + 1);
    for (size_t left = (root->length - sizeof(*root)) / entry_size; left; left--) {
        uint64_t address = 0;
        const struct acpi_header *table;

        memcpy(&address, entry, entry_size);
        table = table_at(address, signature);
        if (table != NULL)
            return table;
        entry += entry_size;
    }
    return NULL;
}

const struct acpi_fadt *acpi_fadt(void)
{
    const struct acpi_header *table = acpi_table("FACP");

    return table && table->length >= sizeof(struct acpi_fadt) ? (const void *)table : NULL;
}

const struct acpi_madt *acpi_madt(void)
{
    const struct acpi_header *table = acpi_table("APIC");

    return table && table->length >= sizeof(struct acpi_madt) ? (const void *)table : NULL;
}

const struct acpi_dmar *acpi_dmar(void)
{
    const struct acpi_header *table = acpi_table("DMAR");

    return table && table->length >= sizeof(struct acpi_dmar) ? (const void *)table : NULL;
}

const struct acpi_dmar_drhd *acpi_drhd(const struct acpi_dmar *dmar)
{
    const char *at = (const char *)(dmar + 1);
    const char *end = (const char *)dmar + dmar->header.length;

    while (end - at >= (ptrdiff_t)sizeof(struct acpi_dmar_drhd)) {
        const struct acpi_dmar_drhd *drhd = (const void *)at;

        if (drhd->length < 4 || drhd->length > end - at)
            return NULL;
        if (drhd->type == ACPI_DMAR_DRHD)
            return drhd->length >= sizeof(*drhd) ? drhd : NULL;
        at += drhd->length;
    }
    return NULL;
}

const struct acpi_header *acpi_dsdt(void)
{
    const struct acpi_fadt *fadt = acpi_fadt();

    return fadt ? table_at(fadt->dsdt, "DSDT") : NULL;
}

const struct acpi_madt_entry *acpi_madt_next(const struct acpi_madt *madt,
                                             const struct acpi_madt_entry *previous)
{
    const char *end = (const char *)madt + madt->header.length;
    const char *next = previous ? (const char *)previous + previous->length
                                : (const char *)(madt + 1);
    const struct acpi_madt_entry *entry = (const void *)next;

    if (end - next < (ptrdiff_t)sizeof(*entry))
        return NULL;
    if (entry->length < sizeof(*entry) || entry->length > end - next)
        return NULL;
    return entry;
}

bool acpi_madt_cpu(const struct acpi_madt_entry *entry, uint32_t *apic_id, uint32_t *flags)
{
    if (entry->type == ACPI_MADT_LOCAL_APIC &&
        entry->length >= sizeof(struct acpi_madt_local_apic)) {
        const struct acpi_madt_local_apic *local = (const void *)entry;

        *apic_id = local->apic_id;
        *flags = local->flags;
        return true;
    }
    if (entry->type == ACPI_MADT_LOCAL_X2APIC &&
        entry->length >= sizeof(struct acpi_madt_local_x2apic)) {
        const struct acpi_madt_local_x2apic *local = (const void *)entry;

        *apic_id = local->apic_id;
        *flags = local->flags;
        return true;
    }
    return false;
}
