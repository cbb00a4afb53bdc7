/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU hotplug on both sides of a migration, and in the middle of one. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"
#include "tests/hotplug/scenario.h"
#include "tests/migrate/migrate.h"
#include "tests/smi/count.h"

#define BLOCK "docs/specs/acpi_cpu_hotplug"
#define HOST  "host=migrate,plug,unplug,cpus,wait,events boot=own timeout=40 "

#define EN CPUHP_ENABLED

TEST(migrate, cpuhp_events, "events, selector and command of the hotplug block are kept",
     SPEC(MIGRATION BLOCK), NEEDS(SPARSE HOST "smm=any"))
{
    uint8_t flags[SPARSE_SLOTS] = {EN, EN};

    slots_begin();
    migrate();
    slots_expect("none", flags, SPARSE_SLOTS, "where no event was pending, none is");
    slots_plug(4);
    slots_plug(2);
    slots_unplug(2);
    slots_control(2, CPUHP_INSERT);
    slots_plug(5);
    slots_unplug(5);
    flags[4] = EN | CPUHP_INSERT;
    flags[2] = EN | CPUHP_REMOVE;
    flags[5] = EN | CPUHP_INSERT | CPUHP_REMOVE;
    cpuhp_select(4);
    outb(CPUHP_COMMAND, CPUHP_CMD_ARCH_ID);
    EXPECT_EQ("gpe-before", ich9_pm_read8(GPE0_STS), GPE0_CPU_HOTPLUG, "GPE0 tells of events");
    migrate();
    EXPECT_EQ("gpe", ich9_pm_read8(GPE0_STS), GPE0_CPU_HOTPLUG, "and still does");
    EXPECT_EQ("selector", cpuhp_flags() & FLAGS_MASK, flags[4], "the selector is what it was");
    EXPECT_EQ("command", inl(CPUHP_DATA), sparse_id(4), "and so is the command");
    slots_expect("flags", flags, SPARSE_SLOTS, "every slot has the events that it had");
    slots_expect_scan("scan", flags, SPARSE_SLOTS);
    slots_expect_host("host", flags, SPARSE_SLOTS, "the host's list agrees");
    slots_expect_number("number", 5, "and so do the numbers for firmware");
    for (uint32_t slot = 0; slot < SPARSE_SLOTS; slot++)
        slots_control(slot, CPUHP_INSERT);
    flags[4] = EN;
    flags[5] = EN | CPUHP_REMOVE;
    migrate();
    slots_expect("cleared", flags, SPARSE_SLOTS, "what was cleared stays so");
    slots_control(2, CPUHP_REMOVE);
    slots_control(5, CPUHP_REMOVE);
    flags[2] = flags[5] = EN;
    slots_expect("all", flags, SPARSE_SLOTS, "and the rest can be");
    slots_expect_scan("scan-none", flags, SPARSE_SLOTS);
}

TEST(migrate, cpuhp_unplugged, "a CPU that is gone is gone on the other side, be it one from boot",
     SPEC(MIGRATION BLOCK ", bits 0 and 3"), NEEDS(SPARSE HOST "smm=any qemu>=11.0"))
{
    uint8_t flags[SPARSE_SLOTS] = {EN, [4] = EN};

    slots_begin();
    slots_plug(4);
    slots_control(4, CPUHP_INSERT);
    slots_unplug(1);
    slots_control(1, CPUHP_REMOVE);
    slots_control(1, CPUHP_EJECT);
    migrate();
    slots_expect("flags", flags, SPARSE_SLOTS, "its slot is empty, the others are what they were");
    slots_expect_host("host", flags, SPARSE_SLOTS, "the host's list agrees");
    slots_expect_number("number", 2, "and so do the numbers for firmware");
    slots_plug(1);
    flags[1] = EN | CPUHP_INSERT;
    slots_expect("again", flags, SPARSE_SLOTS, "another CPU can be plugged there");
    EXPECT_NE("starts", smp_start_one(sparse_id(4)), UINT32_MAX, "the plugged CPU starts");
}

TEST(migrate, cpuhp_fw_remove, "a CPU that waits for the firmware to eject it still does",
     SPEC(MIGRATION BLOCK ", bit 4"), NEEDS(SPARSE HOST "smm=any qemu>=6.0"))
{
    uint8_t flags[SPARSE_SLOTS] = {EN, EN, EN, EN};

    slots_begin();
    slots_plug(2);
    slots_plug(3);
    slots_control(2, CPUHP_INSERT);
    slots_control(3, CPUHP_INSERT);
    slots_control(3, CPUHP_FW_REMOVE);
    flags[3] |= CPUHP_FW_REMOVE;
    slots_expect("before", flags, SPARSE_SLOTS, "the request is there");
    migrate();
    slots_expect("after", flags, SPARSE_SLOTS, "the request is there, for this CPU alone");
}

TEST(migrate, cpuhp_ost, "OST event and status reach the host across a migration",
     SPEC(MIGRATION BLOCK ", commands 1 and 2; qapi/acpi.json, query-acpi-ospm-status"),
     NEEDS(SPARSE HOST "smm=any host=query"))
{
    /* 103h and 84h; 9ABCDEF0h and 87654321h, as QEMU's integers have 64 bits. */
    static const char record[][64] = {
        "\"slot\":\"2\",\"slot-type\":\"CPU\",\"source\":259,\"status\":132}",
        "\"source\":2596069104,\"status\":2271560481}"};
    static char answer[1024];

    slots_begin();
    slots_plug(2);
    slots_plug(4);
    cpuhp_select(4);
    outb(CPUHP_COMMAND, CPUHP_CMD_OST_EVENT);
    outl(CPUHP_DATA, 0x9abcdef0);
    cpuhp_select(2);
    outb(CPUHP_COMMAND, CPUHP_CMD_OST_EVENT);
    outl(CPUHP_DATA, 0x103);
    outb(CPUHP_COMMAND, CPUHP_CMD_OST_STATUS);
    migrate();
    outl(CPUHP_DATA, 0x84);
    hostevent_expect_ost("selected", 2, "cpu2", 0x103, 0x84);
    cpuhp_select(4);
    outl(CPUHP_DATA, 0x87654321);
    hostevent_expect_ost("other", 4, "cpu4", 0x9abcdef0, 0x87654321);
    hostevent_expect_none("no-more", "ACPI_DEVICE_OST", "the migration announces nothing");
    migrate();
    if (!host_request(answer, sizeof(answer), "query acpi-ospm-status"))
        ERROR("query-acpi-ospm-status: %s", answer);
    CONTEXT("%s", answer);
    EXPECT_TRUE("status", strstr(answer, record[0]) && strstr(answer, record[1]),
                "both are kept where the host can ask for them");
    CONTEXT_CLEAR();
}

TEST(migrate, cpuhp_sci, "an SCI that waits is delivered on the other side, and ends there",
     SPEC(MIGRATION BLOCK "; ICH9 datasheet, GPE0_STS, GPE0_EN, ACPI_CNTL"),
     NEEDS(SPARSE HOST "smm=any accel=tcg"))
{
    slots_begin();
    os_init();
    slots_plug(4);
    migrate();
    EXPECT_EQ("not-yet", os_sci_count(), 0, "interrupts are off until here");
    EXPECT_TRUE("sci", os_wait_sci(1), "the SCI is taken");
    EXPECT_EQ("gpe", os_sci_gpe_status(), GPE0_CPU_HOTPLUG, "it is that of the plugged CPU");
    os_gpe_done();
    migrate();
    sti();
    __asm__ volatile("nop");
    cli();
    EXPECT_EQ("once", os_sci_count(), 1, "once, and not again behind another migration");
    slots_plug(5);
    EXPECT_TRUE("next", os_wait_sci(2), "the next plug raises the next one");
}

static uint64_t moves;

static uint64_t SMM_CODE move(struct smm_cpu *cpu, void *arg)
{
    moves += migrate_in_smm(cpu, arg);
    return 0;
}

/* The scenario with a migration at one moment of the firmware's work. */
static void migrate_at(enum smm_hotplug_moment moment)
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 4};

    migrate_prepare();
    smm_mailbox.hotplug_hook[moment] = move;
    scenario_run(&s);
    smm_mailbox.hotplug_hook[moment] = NULL;
    EXPECT_EQ("moved", moves, 1, "the machine has moved meanwhile, once");
    s.slot = 3;
    scenario_plug_another(&s);
}

#define PROTOCOL BLOCK "; Intel SDM vol. 3, 34.2, 34.11, 34.13"

TEST(migrate, hotplug_gathered, "a migration while all CPUs are in SMM and a new one waits",
     SPEC(MIGRATION PROTOCOL), NEEDS(HOST "smp=3 maxcpus=6 group=scenario"))
{
    migrate_at(SMM_HOTPLUG_GATHERED);
}

TEST(migrate, hotplug_handled, "a migration while all CPUs are in SMM and the new one in its pen",
     SPEC(MIGRATION PROTOCOL), NEEDS(HOST "smp=3 maxcpus=6 group=scenario"))
{
    migrate_at(SMM_HOTPLUG_HANDLED);
}

TEST(migrate, hotplug_before, "CPUs are plugged in a machine that was migrated, and migrated again",
     SPEC(MIGRATION PROTOCOL), NEEDS(HOST "smp=3 maxcpus=6 group=scenario"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 5};

    scenario_prepare(&s);
    migrate();
    scenario_plug_another(&s);
    migrate();
    smi_count_start();
    smm_trigger_on(0, SMM_CMD_PING, 0);
    smi_count_check(SMI_ALL_CPUS);
    smm_trigger_on(3, SMM_CMD_PING, 0);
    smi_count_check(SMI_ALL_CPUS);
    s.slot = 3;
    scenario_plug_another(&s);
}
