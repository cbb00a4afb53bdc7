/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The FADT beyond the ports: lengths, flags, the reset register, and the extended addresses. */
#include <stddef.h>

#include "hw/cmos.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/acpi.h"
#include "kernel/stop.h"
#include "kernel/test.h"

#define FADT_SPEC "ACPI 6.3, 5.2.9 \"Fixed ACPI Description Table\": "

/* 5.2.3.2 Generic Address Structure */
struct acpi_gas {
    uint8_t space; /* 1: I/O ports */
    uint8_t width; /* bits */
    uint8_t offset;
    uint8_t access;
    uint64_t address;
} __attribute__((packed));

/* What ACPI 2.0 added. */
struct fadt_extension {
    struct acpi_gas reset_reg;
    uint8_t reset_value;
    uint8_t reserved[3];
    uint64_t x_firmware_ctrl;
    uint64_t x_dsdt;
    struct acpi_gas x_pm1a_evt, x_pm1b_evt, x_pm1a_cnt, x_pm1b_cnt, x_pm2_cnt, x_pm_tmr, x_gpe0,
        x_gpe1;
} __attribute__((packed));

_Static_assert(offsetof(struct fadt_extension, x_pm1a_evt) == 148 - sizeof(struct acpi_fadt),
               "ACPI 6.3, table 5-33");
_Static_assert(offsetof(struct fadt_extension, x_gpe0) == 220 - sizeof(struct acpi_fadt),
               "ACPI 6.3, table 5-33");

#define GAS_IO 1U

/* Table 5-34, as in QEMU's reference tables */
#define FADT_WBINVD         BIT(0)
#define FADT_PROC_C1        BIT(2)
#define FADT_SLP_BUTTON     BIT(5) /* none in the fixed registers */
#define FADT_RTC_S4         BIT(7)
#define FADT_RESET_REG_SUP  BIT(10)
#define FADT_PLATFORM_CLOCK BIT(15)
#define FADT_FORCE_CLUSTER  BIT(18)

#define FADT_FLAGS                                                                     \
    (FADT_WBINVD | FADT_PROC_C1 | FADT_SLP_BUTTON | FADT_RTC_S4 | FADT_RESET_REG_SUP | \
     FADT_PLATFORM_CLOCK)

static const struct acpi_fadt *require_fadt(void)
{
    const struct acpi_fadt *fadt = acpi_fadt();

    if (fadt == NULL)
        SKIP("the firmware installed no ACPI tables");
    return fadt;
}

static const struct fadt_extension *require_extension(void)
{
    const struct acpi_fadt *fadt = require_fadt();

    REQUIRE_TRUE("length",
                 fadt->header.length >= sizeof(*fadt) + sizeof(struct fadt_extension) &&
                     fadt->header.revision >= 3,
                 "the FADT has the fields of ACPI 2.0");
    return (const struct fadt_extension *)(fadt + 1);
}

TEST(acpi, fadt_lengths,
     "the FADT has the lengths of the PM block's registers, and no second block",
     SPEC(FADT_SPEC "PM_TMR_LEN 4; QEMU tests/data/acpi: PM1_CNT_LEN 2"), NEEDS("smm=any"))
{
    const struct acpi_fadt *fadt = require_fadt();

    EXPECT_EQ("pm1-evt", fadt->pm1_evt_len, 4, "PM1_EVT_LEN");
    EXPECT_EQ("pm1-cnt", fadt->pm1_cnt_len, 2, "PM1_CNT_LEN");
    EXPECT_EQ("pm-tmr", fadt->pm_tmr_len, 4, "PM_TMR_LEN");
    EXPECT_EQ("pm1b-evt", fadt->pm1b_evt_blk, 0, "no PM1b_EVT_BLK");
    EXPECT_EQ("pm1b-cnt", fadt->pm1b_cnt_blk, 0, "no PM1b_CNT_BLK");
    EXPECT_EQ("pm2-cnt", fadt->pm2_cnt_blk, 0, "no PM2_CNT_BLK");
    EXPECT_EQ("pm2-cnt-len", fadt->pm2_cnt_len, 0, "and no length of it");
    EXPECT_EQ("gpe1", fadt->gpe1_blk, 0, "no GPE1_BLK");
    EXPECT_EQ("gpe1-len", fadt->gpe1_blk_len, 0, "and no length of it");
    EXPECT_EQ("s4bios", fadt->s4bios_req, 0, "no S4BIOS_REQ");
    EXPECT_EQ("pstate", fadt->pstate_cnt, 0, "no PSTATE_CNT");
    EXPECT_EQ("cst", fadt->cst_cnt, 0, "no CST_CNT");
}

#define RTC_CENTURY 0x32 /* as in QEMU tests/data/acpi */

TEST(acpi, fadt_idle, "the FADT offers neither C2 nor C3, no alarm by date, and the RTC's century",
     SPEC(FADT_SPEC "P_LVL2_LAT above 100 and P_LVL3_LAT above 1000: not supported; CENTURY; QEMU "
                    "tests/data/acpi, FACP of q35"),
     NEEDS("smm=any"))
{
    const struct acpi_fadt *fadt = require_fadt();

    EXPECT_RANGE("c2", fadt->p_lvl2_lat, 101, UINT16_MAX, "no C2");
    EXPECT_RANGE("c3", fadt->p_lvl3_lat, 1001, UINT16_MAX, "no C3");
    EXPECT_EQ("duty", fadt->duty_width, 0, "no clock throttling");
    EXPECT_EQ("day-alarm", fadt->day_alrm, 0, "no alarm by day");
    EXPECT_EQ("month-alarm", fadt->mon_alrm, 0, "nor by month");
    EXPECT_EQ("century", fadt->century, RTC_CENTURY, "the century is in byte 32h of the RTC");
    EXPECT_RANGE("century-value", cmos_read(fadt->century), 0x20, 0x21, "and is one of ours, BCD");
}

TEST(acpi, fadt_flags, "the FADT's flags say what the fixed hardware is",
     SPEC(FADT_SPEC "Table 5-34; QEMU tests/data/acpi, FACP of q35"), NEEDS("smm=any"))
{
    EXPECT_EQ("flags", require_fadt()->flags, FADT_FLAGS,
              "fixed registers with a power button, 24 bits of PM timer and a reset register");
}

TEST(acpi, fadt_flags_cluster, "with more than eight CPU slots, logical mode is the cluster model",
     SPEC(FADT_SPEC "FORCE_APIC_CLUSTER_MODEL; QEMU tests/data/acpi, FACP.core-count2 of q35"),
     NEEDS("smp=1 maxcpus=9 smm=any"))
{
    EXPECT_EQ("flags", require_fadt()->flags, FADT_FLAGS | FADT_FORCE_CLUSTER,
              "the same and FORCE_APIC_CLUSTER_MODEL: the flat model has eight CPUs");
}

static void check_gas(const struct acpi_gas *gas, uint32_t port, uint32_t bytes)
{
    EXPECT_EQ("space", gas->space, GAS_IO, "an I/O port");
    EXPECT_EQ("width", gas->width, bytes * 8, "as wide as the length says");
    EXPECT_EQ("offset", gas->offset, 0, "from bit 0 on");
    EXPECT_EQ("address", gas->address, port, "at the same port");
}

TEST(acpi, fadt_extended, "the FADT's extended addresses are those of the 32-bit fields",
     SPEC(FADT_SPEC "X_PM1a_EVT_BLK to X_GPE1_BLK"), NEEDS("smm=any"))
{
    const struct acpi_fadt *fadt = require_fadt();
    const struct fadt_extension *x = require_extension();

    CONTEXT("PM1a_EVT_BLK");
    check_gas(&x->x_pm1a_evt, fadt->pm1a_evt_blk, fadt->pm1_evt_len);
    CONTEXT("PM1a_CNT_BLK");
    check_gas(&x->x_pm1a_cnt, fadt->pm1a_cnt_blk, fadt->pm1_cnt_len);
    CONTEXT("PM_TMR_BLK");
    check_gas(&x->x_pm_tmr, fadt->pm_tmr_blk, fadt->pm_tmr_len);
    CONTEXT("GPE0_BLK");
    check_gas(&x->x_gpe0, fadt->gpe0_blk, fadt->gpe0_blk_len);
    CONTEXT_CLEAR();
    EXPECT_EQ("pm1b-evt", x->x_pm1b_evt.address, 0, "no PM1b_EVT_BLK");
    EXPECT_EQ("pm1b-cnt", x->x_pm1b_cnt.address, 0, "no PM1b_CNT_BLK");
    EXPECT_EQ("pm2-cnt", x->x_pm2_cnt.address, 0, "no PM2_CNT_BLK");
    EXPECT_EQ("gpe1", x->x_gpe1.address, 0, "no GPE1_BLK");
}

TEST(acpi, fadt_reset, "RESET_VALUE, written to RESET_REG, resets the machine",
     SPEC(FADT_SPEC "RESET_REG, RESET_VALUE; 4.8.3.6"), NEEDS("smm=any firmware=virgin boot=own"))
{
    const struct fadt_extension *x = require_extension();

    EXPECT_EQ("space", x->reset_reg.space, GAS_IO, "RESET_REG is an I/O port");
    EXPECT_EQ("width", x->reset_reg.width, 8, "of 8 bits");
    EXPECT_EQ("port", x->reset_reg.address, RST_CNT, "RST_CNT");
    if (test_boot() == 1) {
        test_announce_reset();
        outb((uint16_t)x->reset_reg.address, x->reset_value);
        cpu_stop();
    }
}
