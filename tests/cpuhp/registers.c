/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The register block through which firmware and operating system learn of CPUs, without any plug
 * operation: slots, selector, commands, flags. */
#include "hw/apic.h"
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/test.h"

/* 2 sockets of 3 cores: slot n has APIC id n up to 2 and n + 1 from 3 on. */
#define SLOTS        6U
#define BOOT         2U
#define SPARSE_NEEDS "smp=2 maxcpus=6 sockets=2 dies=1 cores=3 threads=1 "

static void require_block(void)
{
    REQUIRE_TRUE("modern", cpuhp_modern_enable(), "the modern interface can be switched on");
}

TEST(cpuhp, legacy_bitmap, "at power-on, one bit per CPU by APIC id, read-only, until 0 is written",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, \"Legacy ACPI CPU hotplug interface registers\""),
     NEEDS("smp=6 sockets=2 dies=1 cores=3 threads=1 boot=own qemu<11.0 smm=any"))
{
    for (unsigned int i = 0; i < CPUHP_LEGACY_SIZE; i++) {
        uint8_t wanted = i == 0 ? 0x77 : 0; /* ids 0 1 2, 4 5 6 */

        CONTEXT("byte %u", i);
        EXPECT_EQ("bitmap", inb((uint16_t)(CPUHP_BASE + i)), wanted,
                  "exactly these CPUs are there");
        outb((uint16_t)(CPUHP_BASE + i), i == 0 ? 0xff : 0);
        EXPECT_EQ("read-only", inb((uint16_t)(CPUHP_BASE + i)), wanted,
                  "writes change nothing, nor do they switch unless it is 0 to the start");
    }
    for (unsigned int value = 1; value < 256; value++) {
        CONTEXT("%#x written to byte 0", value);
        outb(CPUHP_BASE, (uint8_t)value);
        EXPECT_EQ("no-switch", inb(CPUHP_BASE), 0x77, "nothing but 0 switches");
    }
    CONTEXT_CLEAR();
    require_block();
    EXPECT_EQ("slots", cpuhp_max_cpus(), SLOTS, "after that the block counts slots");
}

TEST(cpuhp, detection, "the recipe of the specification, by dwords, finds what is there",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, \"Detecting and enabling modern CPU hotplug "
          "interface\"; selector and command data 2: DWORD access"),
     NEEDS(SPARSE_NEEDS "boot=own smm=any"))
{
    outl(CPUHP_SELECTOR, 0);
    outl(CPUHP_SELECTOR, 0);
    outb(CPUHP_COMMAND, CPUHP_CMD_NEXT_EVENT);
    REQUIRE_EQ("answer", inl(CPUHP_DATA2), 0, "the recipe finds the modern interface");
    /* The legacy bitmap has a 1 here, for the boot CPU. */
    EXPECT_EQ("in-force", inb(CPUHP_DATA2), 0, "and the bitmap has gone");
    EXPECT_EQ("slots", cpuhp_max_cpus(), SLOTS, "the block counts slots");
    EXPECT_EQ("id", cpuhp_arch_id(4), 5, "and knows their APIC ids");
}

static void expect_modern(void)
{
    EXPECT_EQ("in-force", inb(CPUHP_DATA2), 0, "the bitmap, with its bit of the boot CPU, is gone");
    EXPECT_EQ("slots", cpuhp_max_cpus(), SLOTS, "the block counts slots");
}

TEST(cpuhp, switch_by_byte, "0 in the first byte switches to the modern interface",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, legacy interface: byte access; 0 switches"),
     NEEDS(SPARSE_NEEDS "boot=own smm=any"))
{
    outb(CPUHP_SELECTOR, 0);
    expect_modern();
}

TEST(cpuhp, switch_by_word, "0 in the first word switches to the modern interface",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug: 0 written into the first DWORD of the bitmap"),
     NEEDS(SPARSE_NEEDS "boot=own smm=any"))
{
    outw(CPUHP_SELECTOR, 0);
    expect_modern();
}

TEST(cpuhp, enumeration, "the slots can be counted, and their flags tell which CPUs are there",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, \"Enumerate CPUs present/non present CPUs\""),
     NEEDS(SPARSE_NEEDS "smm=any"))
{
    require_block();
    EXPECT_EQ("slots", cpuhp_max_cpus(), SLOTS, "the recipe ends behind the last slot");
    EXPECT_EQ("present", cpuhp_present_cpus(), BOOT, "and counts the CPUs that are there");
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        CONTEXT("slot %u", slot);
        cpuhp_select(slot);
        /* Bits 3 and 5-7 are reserved on reading. */
        EXPECT_BITS("flags", cpuhp_flags(), CPUHP_ENABLED | CPUHP_EVENTS,
                    slot < BOOT ? CPUHP_ENABLED : 0, "enabled or not, and no event pending");
    }
    CONTEXT_CLEAR();
}

TEST(cpuhp, arch_id, "command 3 gives the APIC id of every slot, present or not",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, \"Command data\" and \"Command data 2\""),
     NEEDS(SPARSE_NEEDS "smm=any"))
{
    require_block();
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        CONTEXT("slot %u", slot);
        EXPECT_EQ("id", cpuhp_arch_id(slot), slot < 3 ? slot : slot + 1,
                  "the APIC id leaves a gap where a socket has only three cores");
        EXPECT_EQ("again", inl(CPUHP_DATA), slot < 3 ? slot : slot + 1,
                  "the command stays until another one is stored");
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("bsp", cpuhp_arch_id(0), cpu_initial_apic_id(), "the boot CPU has slot 0");
}

TEST(cpuhp, selector_range, "a selector behind the last slot makes everything read 0 and stay",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug: CPU selector must refer to a possible CPU"),
     NEEDS(SPARSE_NEEDS "smm=any"))
{
    static const uint32_t impossible[] = {SLOTS, SLOTS + 1, 0x80000000, 0xffffffff};
    const uint32_t slot = 4;
    const uint32_t id = 5;

    require_block();
    for (unsigned int i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
        CONTEXT("selector %#x", impossible[i]);
        REQUIRE_EQ("before", cpuhp_arch_id(slot), id, "command 3 is stored, on a valid slot");
        cpuhp_select(impossible[i]);
        EXPECT_EQ("flags", cpuhp_flags(), 0, "the flags read 0");
        EXPECT_EQ("data", inl(CPUHP_DATA), 0, "command data reads 0");
        EXPECT_EQ("data2", inl(CPUHP_DATA2), 0, "command data 2 reads 0");
        outb(CPUHP_COMMAND, CPUHP_CMD_NEXT_EVENT);
        cpuhp_write_flags(CPUHP_FW_REMOVE);
        outl(CPUHP_DATA, 1);
        EXPECT_EQ("still", cpuhp_flags(), 0, "none of the writes brings it to life");
        cpuhp_select(slot);
        EXPECT_EQ("command", inl(CPUHP_DATA), id, "the write of the command was ignored");
        for (uint32_t other = 0; other < SLOTS; other++) {
            cpuhp_select(other);
            EXPECT_BITS("others", cpuhp_flags(), CPUHP_EVENTS, 0, "and so was that of the flags");
        }
    }
    CONTEXT_CLEAR();
    cpuhp_select(0);
}

TEST(cpuhp, no_event, "without events, command 0 leaves the selector where it is",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, \"Command field\" 0"), NEEDS(SPARSE_NEEDS "smm=any"))
{
    require_block();
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        uint32_t found = slot;

        CONTEXT("slot %u", slot);
        EXPECT_TRUE("none", !cpuhp_next_event(&found), "no CPU has an event");
        EXPECT_EQ("selector", inl(CPUHP_DATA), slot, "command data is the selector, unchanged");
        EXPECT_EQ("data2", inl(CPUHP_DATA2), 0, "command data 2 is 0");
        EXPECT_EQ("id", cpuhp_command_data(CPUHP_CMD_ARCH_ID), slot < 3 ? slot : slot + 1,
                  "and the slot is still the selected one");
    }
    CONTEXT_CLEAR();
}

TEST(cpuhp, reserved, "reserved registers read 0 and ignore writes; OST commands have no data",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, \"Reserved registers behavior\", \"Command data\""),
     NEEDS(SPARSE_NEEDS "smm=any"))
{
    static const uint8_t without_data[] = {CPUHP_CMD_OST_EVENT, CPUHP_CMD_OST_STATUS};

    require_block();
    for (uint16_t offset = 6; offset <= 7; offset++) {
        CONTEXT("offset %u", offset);
        cpuhp_select(1);
        outb(CPUHP_COMMAND, CPUHP_CMD_ARCH_ID);
        EXPECT_EQ("zero", inb(CPUHP_BASE + offset), 0, "a reserved register reads 0");
        outb(CPUHP_BASE + offset, 0xff);
        EXPECT_EQ("still-zero", inb(CPUHP_BASE + offset), 0, "also after a write");
        EXPECT_EQ("command", inl(CPUHP_DATA), 1, "which changes neither command nor selector");
        EXPECT_BITS("flags", cpuhp_flags(), CPUHP_ENABLED | CPUHP_EVENTS, CPUHP_ENABLED,
                    "nor the flags");
    }
    CONTEXT("offset 5");
    EXPECT_EQ("zero", inb(CPUHP_COMMAND), 0, "the command field is write-only: reads give 0");
    cpuhp_select(4);
    for (unsigned int i = 0; i < sizeof(without_data); i++) {
        CONTEXT("command %u", without_data[i]);
        EXPECT_EQ("no-data", cpuhp_command_data(without_data[i]), 0,
                  "\"otherwise: contains 0\" (Command data)");
    }
    CONTEXT_CLEAR();
    cpuhp_select(0);
    outb(CPUHP_COMMAND, CPUHP_CMD_NEXT_EVENT);
}

TEST(cpuhp, firmware_eject_request, "the firmware-eject bit is set per CPU and found by the scan",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, flags bit 4; commit 1e6107d901"),
     NEEDS(SPARSE_NEEDS "qemu>=6.0 boot=own"))
{
    require_block();
    cpuhp_select(1);
    cpuhp_write_flags(CPUHP_FW_REMOVE);
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        uint8_t wanted = slot < BOOT ? CPUHP_ENABLED : 0;

        CONTEXT("slot %u", slot);
        cpuhp_select(slot);
        EXPECT_BITS("flags", cpuhp_flags(), CPUHP_ENABLED | CPUHP_EVENTS,
                    slot == 1 ? wanted | CPUHP_FW_REMOVE : wanted,
                    "bit 4 is set for that CPU alone, and the CPU is still there");
    }
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        uint32_t found = slot;

        CONTEXT("scan from slot %u", slot);
        EXPECT_TRUE("found", cpuhp_next_event(&found), "command 0 finds the CPU from everywhere");
        EXPECT_EQ("which", found, 1, "and selects it");
    }
    CONTEXT_CLEAR();
}

TEST(cpuhp, firmware_eject_nobody,
     "no empty slot and no boot CPU is handed to the firmware to eject",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, flags bit 4: OSPM requests ejection of a device; "
          "DSDT: no _EJ0 for CPU 0"),
     NEEDS(SPARSE_NEEDS "qemu>=6.0 boot=own"))
{
    require_block();
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        uint32_t found = slot;

        if (slot && slot < BOOT)
            continue;
        CONTEXT("slot %u", slot);
        cpuhp_select(slot);
        cpuhp_write_flags(CPUHP_FW_REMOVE);
        EXPECT_BITS("flags", cpuhp_flags(), CPUHP_ENABLED | CPUHP_EVENTS,
                    slot < BOOT ? CPUHP_ENABLED : 0, "bit 4 is not set");
        EXPECT_TRUE("scan", !cpuhp_next_event(&found), "and command 0 finds nothing to do");
    }
    CONTEXT_CLEAR();
}

TEST(cpuhp, selector_survives_reset, "a reset keeps the selector and the modern interface",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug: on reset the selector keeps the current value"),
     NEEDS(SPARSE_NEEDS "firmware=virgin boot=own"))
{
    if (test_boot() == 2) {
        outb(CPUHP_COMMAND, CPUHP_CMD_ARCH_ID);
        EXPECT_EQ("selector", inl(CPUHP_DATA), 5, "slot 4, APIC id 5, is still selected");
        return;
    }
    require_block();
    REQUIRE_EQ("before", cpuhp_arch_id(4), 5, "slot 4, APIC id 5, is selected");
    test_announce_reset();
    ich9_reset();
}
