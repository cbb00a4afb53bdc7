/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SCI's interrupt is a level that PCI devices may share.  The other party here is the SMBus
 * host controller, which every q35 has: a transaction, with interrupts enabled, asserts its INTx.
 */
#include <stddef.h>

#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/pci.h"
#include "hw/pic.h"
#include "kernel/test.h"
#include "tests/pm/pm.h"

#define SHARE_SPEC                                                                                 \
    "ACPI 6.3, 4.8.2 \"SCI\": a shareable, level interrupt; ICH9 datasheet, D31IR, PIRQ[n]_ROUT, " \
    "ACPI_CNTL"

/* Root complex registers */
#define RCBA_HOME 0xfed1c000U
#define D31IR     0x3140U /* 16 bit: for each of INTA-INTD, three bits that name a PIRQ */

#define ICH9_PIRQA_ROUT 0x60 /* 8 bit: bit 7 not to the 8259, 3:0 interrupt */

/* SMBus host controller, D31:F3 */
#define PCI_COMMAND    0x04
#define PCI_COMMAND_IO BIT(0)
#define PCI_BAR4       0x20
#define SMB_HOSTC      0x40 /* bit 0: HST_EN */
#define SMB_PORT       0x700U
#define HST_STS        (SMB_PORT + 0x00) /* R/WC */
#define HST_STS_BUSY   BIT(0)
#define HST_CNT        (SMB_PORT + 0x02)
#define HST_CNT_INTREN BIT(0)
#define HST_CNT_START  BIT(6)            /* of a quick command, the one with code 0 */
#define XMIT_SLVA      (SMB_PORT + 0x04) /* bit 0: read */
#define NOBODY         (0x7f << 1)       /* who does not answer: that is an interrupt, too */

static void device_open(uint16_t pirqs)
{
    ich9_write32(ICH9_RCBA, RCBA_HOME | RCBA_EN);
    /* All pins alike, so it does not matter which one is the device's. */
    mmio_write16(RCBA_HOME + D31IR, pirqs);
    pci_write32(PCI_BDF_SMBUS, PCI_BAR4, SMB_PORT);
    pci_write16(PCI_BDF_SMBUS, PCI_COMMAND, PCI_COMMAND_IO);
    pci_write8(PCI_BDF_SMBUS, SMB_HOSTC, BIT(0));
    outb(HST_CNT, 0);
    outb(HST_STS, (uint8_t)~HST_STS_BUSY);
    REQUIRE_EQ("smbus", inb(HST_STS) & ~HST_STS_BUSY, 0, "the SMBus host controller is idle");
}

static void device_assert(bool on)
{
    if (on) {
        outb(XMIT_SLVA, NOBODY);
        outb(HST_CNT, HST_CNT_INTREN | HST_CNT_START);
        REQUIRE_TRUE("transaction", WAIT_FOR(inb(HST_STS) & (uint8_t)~HST_STS_BUSY, PATIENCE_MS),
                     "the transaction ends");
    } else {
        outb(HST_STS, (uint8_t)~HST_STS_BUSY);
        outb(HST_CNT, 0);
    }
}

/* From every state of the two to every other that differs in one of them. */
static void check_sharing(bool (*line)(void))
{
    static const uint8_t states[] = {1, 3, 2, 3, 1, 0, 2, 0};
    uint8_t last = 0;

    for (size_t i = 0; i < sizeof(states); i++) {
        CONTEXT("SCI %u to %u, INTx %u to %u", last & 1, states[i] & 1, last >> 1, states[i] >> 1);
        if ((last ^ states[i]) & 1)
            ich9_pm_write16(PM1_EN, states[i] & 1 ? PM1_STS_TMROF : 0);
        else
            device_assert(states[i] & 2);
        EXPECT_EQ("line", line(), states[i] != 0, "the line is active while one of them is");
        last = states[i];
    }
    CONTEXT_CLEAR();
}

static bool line_9(void)
{
    return pic_slave_requests() & BIT(9 - 8);
}

static bool line_20(void)
{
    return pm_line(20);
}

static bool line_21(void)
{
    return pm_line(21);
}

TEST(pm, sci_shared_pic, "IRQ9 of the 8259 is active while the SCI or a PCI interrupt is",
     SPEC(SHARE_SPEC), NEEDS("smm=any accel=tcg firmware=virgin boot=own icount=6"))
{
    pm_begin_event();
    pic_init();
    outb(PIC_SLAVE_ELCR, BIT(1));
    ich9_write8(ICH9_PIRQA_ROUT, 9);
    device_open(0x0000);
    EXPECT_TRUE("before", !line_9(), "it is not active before");
    check_sharing(line_9);
}

TEST(pm, sci_shared_apic, "IRQ20 and IRQ21 are active while the SCI or a PCI interrupt is",
     SPEC(SHARE_SPEC), NEEDS("smm=any accel=tcg firmware=virgin boot=own icount=6"))
{
    pm_begin_event();
    device_open(0x4444); /* PIRQE */
    ich9_write8(ICH9_ACPI_CNTL, ACPI_CNTL_ACPI_EN | 4);
    EXPECT_TRUE("before", !line_20(), "it is not active before");
    check_sharing(line_20);
    device_open(0x5555); /* PIRQF */
    ich9_write8(ICH9_ACPI_CNTL, ACPI_CNTL_ACPI_EN | 5);
    check_sharing(line_21);
}
