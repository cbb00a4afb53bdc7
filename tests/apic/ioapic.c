/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The I/O APIC over a reset of the machine, which S3 ends with as well. */
#include "hw/ioapic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/test.h"
#include "tests/s3/s3.h"

/* Lines of PCI devices: nothing uses them here. */
#define PIN_FIRST 16U
#define PIN_LAST  19U
#define VECTOR    0x70U

#define SPECS "Intel 82093AA, 3.2.1 IOAPICID: default 0; 3.2.4 IOREDTBL: mask 1 after reset"

/* Whether this is the boot before the reset. */
static bool check_over_reset(void)
{
    cli();
    CONTEXT("boot %u", test_boot());
    EXPECT_BITS("id", ioapic_read(IOAPIC_REG_ID), 0x0f000000, 0, "its id is 0");
    for (unsigned int pin = 0; pin < ioapic_pins(); pin++) {
        CONTEXT("boot %u, pin %u", test_boot(), pin);
        EXPECT_TRUE("masked", ioapic_rte(pin) & IOAPIC_RTE_MASKED, "the pin is masked");
    }
    CONTEXT_CLEAR();
    if (test_boot() == 1) {
        ioapic_write(IOAPIC_REG_ID, 0x05000000);
        EXPECT_BITS("id-written", ioapic_read(IOAPIC_REG_ID), 0x0f000000, 0x05000000,
                    "the id can be written");
        for (unsigned int pin = PIN_FIRST; pin <= PIN_LAST; pin++) {
            ioapic_set_rte(pin, (VECTOR + pin) | (pin & 1 ? IOAPIC_RTE_LEVEL : 0));
            EXPECT_TRUE("open", !(ioapic_rte(pin) & IOAPIC_RTE_MASKED), "the mask can be cleared");
        }
    }
    return test_boot() == 1;
}

TEST(apic, ioapic_reset, "a machine reset masks every pin of the I/O APIC", SPEC(SPECS),
     NEEDS("smm=any firmware=virgin boot=own"))
{
    if (check_over_reset()) {
        test_announce_reset();
        ich9_reset();
    }
}

TEST(apic, ioapic_s3, "so does the wake-up from S3", SPEC(S3 SPECS),
     NEEDS("smm=any firmware=virgin boot=own accel=tcg host=wakeup"))
{
    if (check_over_reset())
        s3_suspend();
}
