/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codes of the sleep states: the DSDT tells them to the system, fw_cfg to the firmware. */
#include <stddef.h>

#include "hw/fw_cfg.h"
#include "kernel/acpi.h"
#include "kernel/test.h"
#include "lib/string.h"

#define SLEEP_SPEC \
    "ACPI 6.3, 7.4.2 \"\\\\_Sx (System States)\", 20.2 AML; QEMU hw/acpi/core.c, etc/system-states"

#define STATES        6U
#define STATE_ENABLED 0x80

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

TEST(acpi, sleep_states, "DSDT and etc/system-states name the same codes for S3, S4 and S5",
     SPEC(SLEEP_SPEC), NEEDS("smm=any"))
{
    const struct acpi_header *dsdt = acpi_dsdt();
    uint8_t states[STATES];
    struct fw_cfg_file file;

    if (dsdt == NULL)
        SKIP("the firmware installed no ACPI tables");
    REQUIRE_TRUE("file", fw_cfg_find("etc/system-states", &file), "etc/system-states is there");
    REQUIRE_EQ("size", file.size, sizeof(states), "it has a byte for each state");
    fw_cfg_select(file.key);
    fw_cfg_read(states, sizeof(states));
    EXPECT_BITS("s0", states[0], STATE_ENABLED, STATE_ENABLED, "S0 is there");
    EXPECT_EQ("s1", states[1], 0, "S1 is not");
    EXPECT_EQ("s2", states[2], 0, "nor is S2");
    for (unsigned int n = 3; n < STATES; n++) {
        CONTEXT("S%u", n);
        EXPECT_BITS("enabled", states[n], STATE_ENABLED, STATE_ENABLED, "the state is there");
        EXPECT_EQ("code", dsdt_code(dsdt, n), states[n] & ~STATE_ENABLED, "with the same code");
    }
    CONTEXT_CLEAR();
    EXPECT_NE("s3-s4", states[3], states[4], "S3 and S4 differ");
    EXPECT_NE("s3-s5", states[3], states[5], "S3 and S5 differ");
    EXPECT_NE("s4-s5", states[4], states[5], "S4 and S5 differ");
}
