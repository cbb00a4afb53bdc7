/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk controller whose rings, buffers and interrupt message the operating system has pointed at
 * SMRAM. */
#include "firmware/smm.h"
#include "hw/io.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/attack/ahci.h"
#include "tests/attack/target.h"

#define DEVICES                                                                                  \
    "QEMU bafc90bdc5: TSEG is hidden from bus masters; Q35 MCH datasheet, SMM space: never for " \
    "PCI Express or DMI; Serial ATA AHCI 1.3.1"

/* In ordinary memory, each aligned for what it is. */
static uint8_t list[1024] __attribute__((aligned(1024)));
static uint8_t received[256] __attribute__((aligned(256)));
static uint8_t table[256] __attribute__((aligned(128)));
static uint8_t data[AHCI_DATA_BYTES] __attribute__((aligned(16)));
static volatile uint32_t message;

static struct ahci_memory in_ram(void)
{
    return (struct ahci_memory){
        .list = (uint32_t)(uintptr_t)list,
        .received = (uint32_t)(uintptr_t)received,
        .table = (uint32_t)(uintptr_t)table,
        .data = (uint32_t)(uintptr_t)data,
        .message = (uint32_t)(uintptr_t)&message,
    };
}

static bool all_zero(const uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        if (bytes[i])
            return false;
    }
    return true;
}

/* Issues the command; its list and table in ordinary memory say what m does. */
static bool issue(const struct ahci_memory *m)
{
    memset(data, 0, sizeof(data));
    memset(received, 0, sizeof(received));
    message = 0;
    ahci_make_header(list, m);
    ahci_make_table(table, m);
    return ahci_issue(m);
}

/* With everything in ordinary memory, all that the attacks are about takes place there. */
static void require_working(void)
{
    struct ahci_memory m = in_ram();

    REQUIRE_TRUE("works", issue(&m), "with its rings in ordinary memory the controller works");
    REQUIRE_TRUE("works-data", !all_zero(data, sizeof(data)), "and so with its buffer");
    REQUIRE_TRUE("works-fis", !all_zero(received, sizeof(received)), "and the FISes received");
    REQUIRE_EQ("works-message", message, AHCI_MESSAGE, "and its interrupt message");
}

static void prepare(void)
{
    target_prepare();
    ahci_init();
    require_working();
}

/* What follows proves that the controller has done with what came before. */
static void expect_untouched(const char *what, uint32_t at)
{
    require_working();
    CONTEXT("AHCI, %s at %#x", what, at);
    EXPECT_TARGET_UNTOUCHED("untouched", "SMRAM is unchanged");
    CONTEXT_CLEAR();
}

TEST(attack, device_writes, "what a device writes does not arrive in SMRAM", SPEC(DEVICES),
     NEEDS(AHCI_NEEDS "boot=own"))
{
    static const uint32_t offsets[] = {0, 0x100, 0xf00, 0x4e00, TARGET_SIZE - AHCI_DATA_BYTES};

    prepare();
    for (uint32_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        uint32_t at = target_base() + offsets[i];
        struct ahci_memory m = in_ram();

        m.data = at;
        (void)issue(&m);
        expect_untouched("512 bytes of data", at);
        m = in_ram();
        m.received = at;
        (void)issue(&m);
        expect_untouched("received FISes", at);
        m = in_ram();
        m.message = at;
        (void)issue(&m);
        expect_untouched("interrupt message", at);
    }
}

/* The byte count in the command header is written back as well. */
TEST(attack, device_rings, "a device finds no command in SMRAM, and changes none", SPEC(DEVICES),
     NEEDS(AHCI_NEEDS "boot=own"))
{
    static uint8_t header[AHCI_HEADER_BYTES], command[AHCI_TABLE_BYTES];
    uint32_t at;
    struct ahci_memory m;

    prepare();
    at = target_base() + 0x400;
    m = in_ram();
    m.list = at;
    ahci_make_header(header, &m);
    target_put(at, header, sizeof(header));
    (void)issue(&m);
    CONTEXT("AHCI, command list at %#x", at);
    EXPECT_TRUE("list", all_zero(data, sizeof(data)), "a command in SMRAM is not carried out");
    EXPECT_TRUE("list-unchanged", target_holds(at, header, sizeof(header)),
                "and its header in SMRAM is what it was");
    (void)target_first_changed();
    expect_untouched("command list", at);

    at = target_base() + 0x2000;
    m = in_ram();
    m.table = at;
    ahci_make_table(command, &m);
    target_put(at, command, sizeof(command));
    (void)issue(&m);
    CONTEXT("AHCI, command table at %#x", at);
    EXPECT_TRUE("table", all_zero(data, sizeof(data)), "nor is one whose table lies in SMRAM");
    EXPECT_TRUE("table-unchanged", target_holds(at, command, sizeof(command)),
                "and the table is what it was");
    (void)target_first_changed();
    expect_untouched("command table", at);
}

TEST(attack, bus_master_off, "a device that is no bus master neither reads nor writes memory",
     SPEC("PCI Local Bus Specification 3.0, 6.2.2: Command register, bit 2"),
     NEEDS(AHCI_NEEDS "boot=own"))
{
    struct ahci_memory m = in_ram();

    ahci_init();
    require_working();
    ahci_allow_dma(false);
    (void)issue(&m);
    EXPECT_TRUE("data", all_zero(data, sizeof(data)), "no data arrive");
    EXPECT_TRUE("fis", all_zero(received, sizeof(received)), "no FIS is written");
    EXPECT_EQ("message", message, 0, "no interrupt message is");
    ahci_allow_dma(true);
}
