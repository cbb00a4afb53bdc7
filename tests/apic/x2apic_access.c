/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x2APIC registers that can only be read, or only be written. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "tests/apic/gp.h"

#define TABLE                                                                                \
    "Intel SDM vol. 3, Table 10-6 \"Local APIC Register Address Map Supported by x2APIC\"; " \
    "vol. 2, RDMSR and WRMSR, #GP"

TEST(apic, x2apic_read_only, "registers that can only be read cannot be written, #GP", SPEC(TABLE),
     NEEDS("cpu=max qemu>=9.0 boot=own smm=any"))
{
    static const struct {
        uint16_t offset;
        const char *name;
    } registers[] = {
        {APIC_ID, "the id"},
        {APIC_VERSION, "the version"},
        {APIC_PPR, "the processor priority"},
        {APIC_LDR, "the logical id"},
        {APIC_ISR, "ISR, its first part"},
        {APIC_ISR + 0x70, "ISR, its last part"},
        {APIC_TMR, "TMR, its first part"},
        {APIC_TMR + 0x70, "TMR, its last part"},
        {APIC_IRR, "IRR, its first part"},
        {APIC_IRR + 0x70, "IRR, its last part"},
        {APIC_TIMER_CURRENT, "the timer's current count"},
    };

    x2apic_require();
    REQUIRE_TRUE("x2apic", x2apic_switch(NULL), "x2APIC mode can be switched on");
    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        uint32_t was = apic_read(registers[i].offset);

        expect_gp((struct msr_access){.msr = MSR_X2APIC(registers[i].offset),
                                      .write = true,
                                      .value = was},
                  registers[i].name);
        CONTEXT("%s", registers[i].name);
        EXPECT_EQ("kept", apic_read(registers[i].offset), was, "and they are what they were");
    }
    CONTEXT_CLEAR();
}

TEST(apic, x2apic_write_only, "EOI can only be written, and so is not read, #GP", SPEC(TABLE),
     NEEDS("cpu=max qemu>=9.0 boot=own smm=any"))
{
    x2apic_require();
    REQUIRE_TRUE("x2apic", x2apic_switch(NULL), "x2APIC mode can be switched on");
    expect_gp((struct msr_access){.msr = MSR_X2APIC(APIC_EOI)}, "EOI");
}

TEST(apic, x2apic_zero_only, "EOI and ESR can be written with 0, anything else is a #GP",
     SPEC(TABLE "; 10.12.1.3 \"Reserved Bit Checking\""),
     NEEDS("cpu=max qemu>=9.0 boot=own smm=any"))
{
    x2apic_require();
    REQUIRE_TRUE("x2apic", x2apic_switch(NULL), "x2APIC mode can be switched on");
    apic_write(APIC_EOI, 0);
    apic_write(APIC_ESR, 0);
    expect_gp((struct msr_access){.msr = MSR_X2APIC(APIC_EOI), .write = true, .value = 1},
              "EOI, written 1");
    expect_gp((struct msr_access){.msr = MSR_X2APIC(APIC_ESR), .write = true, .value = 1},
              "ESR, written 1");
}
