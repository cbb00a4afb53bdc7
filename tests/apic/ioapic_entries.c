/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The I/O APIC's own registers: what software may write, and what not. */
#include "hw/ioapic.h"
#include "kernel/test.h"

#define ID_SHIFT  24
#define ID_BITS   0xfU
#define READ_ONLY (BIT_64(12) | BIT_64(14)) /* delivery status, Remote IRR */

/* All but the read-only and the reserved bits; the mask bit stays set. */
#define WRITABLE                                                                \
    (UINT64_C(0x7ff) | IOAPIC_RTE_LOGICAL | IOAPIC_RTE_LOW | IOAPIC_RTE_LEVEL | \
     IOAPIC_RTE_DEST(0xff))

TEST(apic, ioapic_id, "the I/O APIC's id has four bits, which software writes",
     SPEC("Intel 82093AA, 3.2.1 IOAPICID: 27:24 R/W; 3.2.3 IOAPICARB: written with it"),
     NEEDS("boot=own smm=any"))
{
    uint32_t old = ioapic_read(IOAPIC_REG_ID);

    for (uint32_t id = 0; id <= ID_BITS; id++) {
        CONTEXT("id %u", id);
        ioapic_write(IOAPIC_REG_ID, id << ID_SHIFT);
        EXPECT_EQ("id", ioapic_read(IOAPIC_REG_ID) >> ID_SHIFT & ID_BITS, id, "it is kept");
    }
    CONTEXT_CLEAR();
    ioapic_write(IOAPIC_REG_ID, old);
}

TEST(apic, ioapic_entries, "every entry holds what is written to it, but for the bits that report",
     SPEC("Intel 82093AA, 3.2.4 IOREDTBL: access"), NEEDS("boot=own smm=any"))
{
    for (unsigned int pin = 0; pin < ioapic_pins(); pin++) {
        uint64_t old = ioapic_rte(pin);

        for (unsigned int n = 0; n < 64; n++) {
            uint64_t value = BIT_64(n) | IOAPIC_RTE_MASKED;

            if (!(BIT_64(n) & (WRITABLE | READ_ONLY)))
                continue;
            if (BIT_64(n) & READ_ONLY)
                value |= IOAPIC_RTE_LEVEL;
            CONTEXT("pin %u, bit %u", pin, n);
            ioapic_set_rte(pin, value);
            EXPECT_EQ("kept", ioapic_rte(pin) & (WRITABLE | READ_ONLY | IOAPIC_RTE_MASKED),
                      value & ~READ_ONLY, "it reads back, or as 0 where it is read-only");
        }
        CONTEXT_CLEAR();
        ioapic_set_rte(pin, old);
    }
}
