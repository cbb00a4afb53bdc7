/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codes of the sleep states: the DSDT tells them to the system, fw_cfg to the firmware. */
#include <stddef.h>

#include "hw/cpu.h"
#include "kernel/acpi.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/s3/states.h"

#define SLEEP_SPEC \
    "ACPI 6.3, 7.4.2 \"\\\\_Sx (System States)\", 20.2 AML; QEMU hw/acpi/core.c, etc/system-states"

/* AML: Name (_Sn_, Package (4) { SLP_TYPa, SLP_TYPb, 0, 0 }) */
#define AML_ZERO    0x00
#define AML_ONE     0x01
#define AML_NAME    0x08
#define AML_BYTE    0x0a
#define AML_PACKAGE 0x12
#define NONE        0xffU

static uint8_t integer(const uint8_t **aml)
{
    uint8_t op = *(*aml)++;

    if (op == AML_BYTE)
        return *(*aml)++;
    return op == AML_ZERO || op == AML_ONE ? op : NONE;
}

/* SLP_TYP of state n in the DSDT; NONE if there is no such object. */
static uint8_t dsdt_code(const struct acpi_header *dsdt, unsigned int n)
{
    const uint8_t name[] = {AML_NAME, '_', 'S', (uint8_t)('0' + n), '_', AML_PACKAGE};
    const uint8_t *aml = (const uint8_t *)(dsdt + 1);
    const uint8_t *end = (const uint8_t *)dsdt + dsdt->length;
    uint8_t code;

    for (; aml + sizeof(name) + 8 < end; aml++) {
        if (memcmp(aml, name, sizeof(name)) != 0)
            continue;
        aml += sizeof(name) + 2; /* length and number of elements */
        code = integer(&aml);
        return integer(&aml) == code ? code : NONE;
    }
    return NONE;
}

/* mask: bit n is set if the machine offers Sn; s4: its code. */
static void check_states(uint32_t mask, uint8_t s4)
{
    const struct acpi_header *dsdt = acpi_dsdt();
    uint8_t states[SLEEP_STATES];

    if (dsdt == NULL)
        SKIP("the firmware installed no ACPI tables");
    sleep_states_read(states);
    EXPECT_BITS("s0", states[0], SLEEP_STATE_ENABLED, SLEEP_STATE_ENABLED, "S0 is there");
    EXPECT_EQ("s1", states[1], 0, "S1 is not");
    EXPECT_EQ("s2", states[2], 0, "nor is S2");
    for (unsigned int n = 3; n < SLEEP_STATES; n++) {
        CONTEXT("S%u", n);
        if (mask & BIT(n)) {
            EXPECT_BITS("enabled", states[n], SLEEP_STATE_ENABLED, SLEEP_STATE_ENABLED,
                        "the state is there");
            EXPECT_EQ("code", dsdt_code(dsdt, n), states[n] & ~SLEEP_STATE_ENABLED,
                      "with the same code");
        } else {
            EXPECT_BITS("disabled", states[n], SLEEP_STATE_ENABLED, 0, "the state is not offered");
            EXPECT_EQ("absent", dsdt_code(dsdt, n), NONE, "nor is it in the DSDT");
        }
    }
    CONTEXT_CLEAR();
    if (mask & BIT(4))
        EXPECT_EQ("s4-code", states[4] & ~SLEEP_STATE_ENABLED, s4,
                  "S4 has the code of property s4_val");
    EXPECT_NE("s3-s4", states[3] & ~SLEEP_STATE_ENABLED, states[4] & ~SLEEP_STATE_ENABLED,
              "S3 and S4 differ");
    EXPECT_NE("s3-s5", states[3] & ~SLEEP_STATE_ENABLED, states[5] & ~SLEEP_STATE_ENABLED,
              "S3 and S5 differ");
    EXPECT_NE("s4-s5", states[4] & ~SLEEP_STATE_ENABLED, states[5] & ~SLEEP_STATE_ENABLED,
              "S4 and S5 differ");
}

#define S3 BIT(3)
#define S4 BIT(4)
#define S5 BIT(5)

TEST(acpi, sleep_states, "DSDT and etc/system-states name the same codes for S3, S4 and S5",
     SPEC(SLEEP_SPEC), NEEDS("smm=any"))
{
    check_states(S3 | S4 | S5, 2);
}

TEST(acpi, sleep_states_no_s3, "with disable_s3 neither of them names S3, and both the others",
     SPEC(SLEEP_SPEC "; property disable_s3"), NEEDS("smm=any global=ICH9-LPC.disable_s3=1"))
{
    check_states(S4 | S5, 2);
}

TEST(acpi, sleep_states_no_s4, "with disable_s4 neither of them names S4, and both the others",
     SPEC(SLEEP_SPEC "; property disable_s4"), NEEDS("smm=any global=ICH9-LPC.disable_s4=1"))
{
    check_states(S3 | S5, 2);
}

TEST(acpi, sleep_states_s4_code, "property s4_val is the code of S4 for both",
     SPEC(SLEEP_SPEC "; property s4_val"), NEEDS("smm=any global=ICH9-LPC.s4_val=5"))
{
    check_states(S3 | S4 | S5, 5);
}
