/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU hot-unplug with SMM: device_del, the operating system hands the CPU over, the
 * firmware ejects it while all CPUs are in SMM.
 */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "hw/smi_features.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/scenario.h"
#include "tests/unplug/steps.h"

#define PROTOCOL                                                                       \
    "QEMU docs/specs/acpi_cpu_hotplug, bits 3 and 4; commits 1e6107d901, 69dea9d6b3, " \
    "7ed3e1ebcb; edk2 OvmfPkg/CpuHotplugSmm; qapi/qdev.json, DEVICE_DELETED"
/* A machine creates at most maxcpus CPUs in its life: leave room for those that come back. */
#define HOST                                                                          \
    "host=plug,unplug,cpus,events,wait boot=own group=scenario timeout=40 qemu>=6.0 " \
    "machine>=pc-q35-6.0 "
#define SPARSE12 "maxcpus=12 sockets=4 dies=1 cores=3 threads=1 "
#define SLOTS    12U

static void require_unplug(void)
{
    uint64_t supported = 0;

    if (!smi_features_supported(&supported) || !(supported & FW_SMI_CPU_UNPLUG))
        SKIP("the machine type offers no CPU unplug with SMI (supported-features %#llx)",
             (unsigned long long)supported);
}

static void begin(struct scenario *s, struct slots *slots)
{
    require_unplug();
    scenario_run(s);
    unplug_slots(slots, SLOTS);
}

static void plug_and_unplug(enum smm_default_smbase mode, uint32_t slot)
{
    struct scenario s = {.mode = mode, .broadcast = true, .slot = slot};
    struct slots slots;

    begin(&s, &slots);
    unplug_with_firmware(&slots, slot);
}

TEST(unplug, firmware, "the firmware ejects the CPU that device_del and the OS have named",
     SPEC(PROTOCOL), NEEDS(HOST SPARSE12))
{
    plug_and_unplug(SMM_DEFAULT_RESIDENT, 4);
}

TEST(unplug, firmware_aps, "the same with boot APs, which stay in SMM until the CPU is gone",
     SPEC(PROTOCOL), NEEDS(HOST SPARSE12 "smp=3"))
{
    plug_and_unplug(SMM_DEFAULT_RESIDENT, 7);
}

TEST(unplug, firmware_window, "the same with locked SMRAM at the default SMBASE", SPEC(PROTOCOL),
     NEEDS(HOST SPARSE12 "smp=2"))
{
    plug_and_unplug(SMM_DEFAULT_WINDOW, 5);
}

TEST(unplug, boot_ap, "a CPU that was there at boot leaves in the same way", SPEC(PROTOCOL),
     NEEDS(HOST SPARSE12 "smp=3"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};
    struct slots slots;
    uint32_t slot = 1, apic_id;

    require_unplug();
    scenario_prepare(&s);
    unplug_slots(&slots, SLOTS);
    apic_id = (uint32_t)cpuhp_arch_id(slot);
    step_unplug_request(&slots, slot);
    step_unplug_offline(&slots, slot, smp_find(apic_id));
    step_unplug_hand_over(&slots, slot);
    step_unplug_command(&slots, &slot, 1);
    step_unplug_others(apic_id);
}

TEST(unplug, device_deleted, "the host is told when the CPU is ejected, not before, and by its id",
     SPEC(PROTOCOL), NEEDS(HOST SPARSE12))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 4};
    const uint32_t slot = 4;
    struct slots slots;

    begin(&s, &slots);
    step_unplug_request(&slots, slot);
    step_unplug_offline(&slots, slot, smp_find((uint32_t)cpuhp_arch_id(slot)));
    step_unplug_hand_over(&slots, slot);
    hostevent_expect_none("not-yet", "DEVICE_DELETED",
                          "the host is not told before the CPU is ejected");
    step_unplug_command(&slots, &slot, 1);
    hostevent_expect_device_deleted("deleted", slot);
}

TEST(unplug, replug, "the slot can be filled again, by a CPU that is as new as the first one",
     SPEC(PROTOCOL), NEEDS(HOST SPARSE12 "smp=2"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 3};
    struct slots slots;

    begin(&s, &slots);
    unplug_with_firmware(&slots, 3);
    scenario_plug_another(&s);
    unplug_slots(&slots, SLOTS);
    unplug_with_firmware(&slots, 3);
    scenario_plug_another(&s);
}

TEST(unplug, several_orders, "CPUs come and go in any order, over APIC ids with gaps",
     SPEC(PROTOCOL), NEEDS(HOST SPARSE12 "smp=2"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 11};
    struct slots slots;

    begin(&s, &slots);
    s.slot = 2;
    scenario_plug_another(&s);
    s.slot = 7;
    scenario_plug_another(&s);
    unplug_slots(&slots, SLOTS);
    unplug_with_firmware(&slots, 2);
    s.slot = 6;
    scenario_plug_another(&s);
    unplug_slots(&slots, SLOTS);
    unplug_with_firmware(&slots, 11);
    unplug_with_firmware(&slots, 6);
    unplug_with_firmware(&slots, 7);
}

TEST(unplug, two_at_once, "one command ejects all CPUs that were handed over, and no other",
     SPEC(PROTOCOL), NEEDS(HOST SPARSE12 "smp=2"))
{
    static const uint32_t leaving[] = {3, 10};
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 10};
    struct slots slots;
    uint32_t apic_id[2];

    begin(&s, &slots);
    s.slot = 3;
    scenario_plug_another(&s);
    s.slot = 5;
    scenario_plug_another(&s);
    unplug_slots(&slots, SLOTS);
    for (int i = 1; i >= 0; i--) {
        apic_id[i] = (uint32_t)cpuhp_arch_id(leaving[i]);
        step_unplug_request(&slots, leaving[i]);
        step_unplug_offline(&slots, leaving[i], smp_find(apic_id[i]));
        step_unplug_hand_over(&slots, leaving[i]);
    }
    step_unplug_command(&slots, leaving, 2);
    step_unplug_gone(&slots, 3);
    step_unplug_gone(&slots, 10);
    step_unplug_others(apic_id[0]);
    step_unplug_others(apic_id[1]);
}

TEST(unplug, cancelled, "a request that the OS takes back leaves nothing for the firmware to do",
     SPEC(PROTOCOL), NEEDS(HOST SPARSE12 "smp=2"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 4};
    struct slots slots;

    begin(&s, &slots);
    step_unplug_request(&slots, 4);
    slots_control(4, CPUHP_REMOVE);
    slots.flags[4] &= (uint8_t)~CPUHP_REMOVE;
    slots_expect("cancel", slots.flags, SLOTS, "the remove event is gone, the CPU is not");
    step_unplug_command(&slots, NULL, 0);
    slots_expect_host("host", slots.flags, SLOTS, "the host still has it");
    hostevent_expect_none("not-deleted", "DEVICE_DELETED", "and has not been told otherwise");
    unplug_with_firmware(&slots, 4);
}

TEST(unplug, repeated,
     "asking again for a CPU changes nothing until it is gone, then it is refused",
     SPEC("QEMU qapi/qdev.json, device_del; " PROTOCOL), NEEDS(HOST SPARSE12 "smp=2"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 4};
    const uint32_t slot = 4;
    struct slots slots;

    begin(&s, &slots);
    step_unplug_request(&slots, slot);
    step_unplug_request(&slots, slot);
    step_unplug_offline(&slots, slot, smp_find((uint32_t)cpuhp_arch_id(slot)));
    step_unplug_hand_over(&slots, slot);
    step_unplug_request(&slots, slot);
    step_unplug_hand_over(&slots, slot);
    slots_control(slot, CPUHP_REMOVE);
    slots.flags[slot] &= (uint8_t)~CPUHP_REMOVE;
    slots_expect("once-more", slots.flags, SLOTS,
                 "the last request is acknowledged like the first");
    step_unplug_command(&slots, &slot, 1);
    slots_refused("gone", "DeviceNotFound", "", "unplug", slot, "a CPU that is gone is not found");
    step_unplug_gone(&slots, slot);
    step_unplug_command(&slots, NULL, 0);
}

TEST(unplug, only_requested, "the firmware leaves a remove event to the operating system",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, bit 2: \"Firmware must ignore this bit\""),
     NEEDS(HOST SPARSE12 "smp=2"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 4};
    struct slots slots;

    begin(&s, &slots);
    step_unplug_request(&slots, 4);
    step_unplug_command(&slots, NULL, 0);
    slots_expect("kept", slots.flags, SLOTS, "the event is still the operating system's");
    unplug_with_firmware(&slots, 4);
}

TEST(unplug, refused, "the host learns of a refusal by _OST, and the CPU stays",
     SPEC("ACPI specification, _OST: Ejection Request (3), status 80h and up; qapi/acpi.json"),
     NEEDS(HOST SPARSE12 "smp=2"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 4};
    struct slots slots;

    begin(&s, &slots);
    step_unplug_request(&slots, 4);
    slots_control(4, CPUHP_REMOVE);
    slots.flags[4] &= (uint8_t)~CPUHP_REMOVE;
    cpuhp_ost(4, 3, 0x80);
    hostevent_expect_ost("ost", 4, "cpu4", 3, 0x80);
    slots_expect("stays", slots.flags, SLOTS, "nothing else happens to the CPU");
    slots_expect_host("host", slots.flags, SLOTS, "the host still has it");
    step_unplug_command(&slots, NULL, 0);
}

TEST(unplug, with_plug, "one command takes a new CPU in and ejects another", SPEC(PROTOCOL),
     NEEDS(HOST SPARSE12 "smp=2"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 8};
    const struct smm_hotplug_report *r = &smm_mailbox.hotplug;
    struct slots slots;
    uint32_t leaving, coming;

    begin(&s, &slots);
    leaving = (uint32_t)cpuhp_arch_id(8);
    coming = (uint32_t)cpuhp_arch_id(3);
    step_unplug_request(&slots, 8);
    step_unplug_offline(&slots, 8, smp_find(leaving));
    step_unplug_hand_over(&slots, 8);
    slots_plug(3);
    apm_write(APM_CNT_CPU_HOTPLUG, 0);
    EXPECT_EQ("added", r->added, 1, "one CPU is new");
    EXPECT_EQ("added-which", r->cpu[0].selector == 3 && r->cpu[0].relocated && r->cpu[0].in_pen, 1,
              "it is relocated and waits in the pen");
    EXPECT_EQ("ejected", r->ejected, 1, "one CPU is ejected");
    EXPECT_EQ("ejected-which", r->eject[0].selector, 8, "it is the one that was handed over");
    slots.flags[3] = CPUHP_ENABLED | CPUHP_INSERT;
    slots.flags[8] = 0;
    slots_expect("slots", slots.flags, SLOTS, "the block agrees");
    REQUIRE_TRUE("starts", smp_start_one(coming) != UINT32_MAX, "the new one starts");
    step_unplug_others(leaving);
}
