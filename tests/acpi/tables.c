/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables that tell an operating system where the SMI command port, the PM block and the CPUs
 * are, against the machine itself. */
#include "hw/ich9.h"
#include "kernel/acpi.h"
#include "kernel/test.h"
#include "lib/string.h"

static const struct acpi_rsdp *require_rsdp(void)
{
    const struct acpi_rsdp *rsdp = acpi_rsdp();

    if (rsdp == NULL)
        SKIP("the firmware installed no ACPI tables");
    return rsdp;
}

TEST(acpi, tables, "from the RSDP on, every table is found and has a right checksum",
     SPEC("ACPI 6.3, 5.2.5 RSDP, 5.2.6 System Description Table Header, 5.2.7 RSDT"),
     NEEDS("smm=any"))
{
    const struct acpi_rsdp *rsdp = require_rsdp();
    const struct acpi_header *rsdt = (const void *)(uintptr_t)rsdp->rsdt;
    uint32_t entries;

    if (rsdt == NULL) {
        FAIL_CHECK("rsdt", "the RSDP points to an RSDT", "the address is 0");
        return;
    }
    REQUIRE_TRUE("rsdt", memcmp(rsdt->signature, "RSDT", 4) == 0, "the RSDP points to an RSDT");
    REQUIRE_TRUE("rsdt-checksum",
                 rsdt->length >= sizeof(*rsdt) && acpi_checksum_ok(rsdt, rsdt->length),
                 "whose checksum is right");
    entries = (rsdt->length - sizeof(*rsdt)) / sizeof(uint32_t);
    EXPECT_NE("entries", entries, 0, "the RSDT lists tables");
    for (uint32_t i = 0; i < entries; i++) {
        const struct acpi_header *table;
        uint32_t address;

        memcpy(&address, (const char *)(rsdt + 1) + i * sizeof(address), sizeof(address));
        table = (const void *)(uintptr_t)address;
        CONTEXT("entry %u at %#x", i, address);
        REQUIRE_TRUE("table",
                     address && table->length >= sizeof(*table) && table->length < 0x1000000,
                     "every entry points to a table");
        EXPECT_TRUE("checksum", acpi_checksum_ok(table, table->length),
                    "the sum over the table is 0");
    }
    CONTEXT_CLEAR();
    EXPECT_TRUE("fadt", acpi_fadt() != NULL, "there is a FADT");
    EXPECT_TRUE("madt", acpi_madt() != NULL, "there is a MADT");
    EXPECT_TRUE("dsdt", acpi_dsdt() != NULL, "and the FADT leads to the DSDT");
}

TEST(acpi, fadt_registers, "the FADT names the PM block that the chipset decodes",
     SPEC("ACPI 6.3, 5.2.9 FADT; ICH9 datasheet, PMBASE and \"Power Management I/O Registers\""),
     NEEDS("smm=any"))
{
    const struct acpi_fadt *fadt = acpi_fadt();
    uint16_t base = ich9_pmbase();
    static const uint8_t irqs[8] = {9, 10, 11, 0, 20, 21, 0, 0};

    require_rsdp();
    REQUIRE_TRUE("fadt", fadt != NULL, "there is a FADT");
    EXPECT_EQ("pm1-evt", fadt->pm1a_evt_blk, base + PM1_STS, "PM1a_EVT_BLK is PM1_STS");
    EXPECT_EQ("pm1-evt-len", fadt->pm1_evt_len, 4, "status and enable, 16 bits each");
    EXPECT_EQ("pm1-cnt", fadt->pm1a_cnt_blk, base + PM1_CNT, "PM1a_CNT_BLK is PM1_CNT");
    EXPECT_EQ("pm-tmr", fadt->pm_tmr_blk, base + PM1_TMR, "PM_TMR_BLK is PM1_TMR");
    EXPECT_EQ("gpe0", fadt->gpe0_blk, base + GPE0_STS, "GPE0_BLK is GPE0_STS");
    EXPECT_EQ("gpe0-len", fadt->gpe0_blk_len, 2 * (GPE0_EN - GPE0_STS),
              "as many status as enable bits");
    EXPECT_EQ("sci", fadt->sci_int, irqs[ich9_read8(ICH9_ACPI_CNTL) & ACPI_CNTL_SCI_SEL],
              "SCI_INT is the interrupt that ACPI_CNTL selects");
}

TEST(acpi, smi_cmd, "with SMM, the FADT names the SMI command port and its two ACPI commands",
     SPEC("ACPI 6.3, 5.2.9 FADT: SMI_CMD, ACPI_ENABLE, ACPI_DISABLE"), NEEDS("smm=on"))
{
    const struct acpi_fadt *fadt = acpi_fadt();

    require_rsdp();
    REQUIRE_TRUE("fadt", fadt != NULL, "there is a FADT");
    EXPECT_EQ("smi-cmd", fadt->smi_cmd, APM_CNT, "SMI_CMD is APM_CNT");
    EXPECT_NE("enable", fadt->acpi_enable, 0, "ACPI_ENABLE has a value");
    EXPECT_NE("disable", fadt->acpi_disable, 0, "ACPI_DISABLE has a value");
    EXPECT_NE("different", fadt->acpi_enable, fadt->acpi_disable, "and they differ");
}
