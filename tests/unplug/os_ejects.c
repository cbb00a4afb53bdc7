/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU hotplug and unplug without the firmware: the operating system starts a plugged
 * CPU itself and ejects one by flag bit 3, as QEMU's DSDT does when no firmware has
 * negotiated otherwise.
 */
#include "hw/apic.h"
#include "hw/cpuhp.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"
#include "tests/unplug/steps.h"

#define SPECS                                                                    \
    "QEMU docs/specs/acpi_cpu_hotplug, control bit 3; docs/system/cpu-hotplug; " \
    "qapi/qdev.json, device_del, DEVICE_DELETED"
#define ALONE                                                            \
    "maxcpus=12 sockets=4 dies=1 cores=3 threads=1 boot=own timeout=40 " \
    "host=plug,unplug,cpus,events,wait,qom-get "
#define HERE  "smp=2 " ALONE
#define SLOTS 12U

static void begin(struct slots *s)
{
    slots_begin();
    os_init();
    REQUIRE_TRUE("boot-aps", smp_start_all(), "the boot APs start");
    unplug_slots(s, SLOTS);
}

/* device_add, and the new CPU runs in the operating system. Returns its number. */
static uint32_t plug(struct slots *s, uint32_t slot)
{
    uint32_t n;

    slots_plug(slot);
    s->flags[slot] = CPUHP_ENABLED | CPUHP_INSERT;
    slots_expect("h01-insert", s->flags, s->count, "the new CPU has an insert event, nothing else");
    EXPECT_TRUE("h02-sci", os_wait_sci(os_sci_count() + 1), "an SCI tells of it");
    os_gpe_done();
    slots_control(slot, CPUHP_INSERT);
    s->flags[slot] = CPUHP_ENABLED;
    slots_expect("h03-acknowledged", s->flags, s->count, "bit 1 clears the event");
    n = smp_start_one((uint32_t)cpuhp_arch_id(slot));
    REQUIRE_TRUE("h04-runs", n != UINT32_MAX, "INIT-SIPI-SIPI starts it with its APIC id");
    return n;
}

/* device_del, and the operating system lets it go. */
static void unplug(struct slots *s, uint32_t slot)
{
    uint32_t id = (uint32_t)cpuhp_arch_id(slot);

    step_unplug_request(s, slot);
    step_unplug_offline(s, slot, smp_find(id));
    cpuhp_select(slot);
    step_unplug_os_ejects(s, slot);
    step_unplug_gone(s, slot);
    step_unplug_ipis(id);
}

TEST(unplug, os_ejects, "without SMM the operating system takes a CPU in and ejects it",
     SPEC(SPECS), NEEDS(HERE "smm=off"))
{
    struct slots s;

    begin(&s);
    plug(&s, 7);
    plug(&s, 2);
    unplug(&s, 7);
    unplug(&s, 2);
}

TEST(unplug, os_ejects_alone, "the same in a machine without boot APs", SPEC(SPECS),
     NEEDS(ALONE "smm=off"))
{
    struct slots s;

    begin(&s);
    plug(&s, 4);
    plug(&s, 10);
    plug(&s, 1);
    unplug(&s, 4);
    unplug(&s, 1);
}

TEST(unplug, os_ejects_smm, "with SMM, too, where no firmware has negotiated anything", SPEC(SPECS),
     NEEDS(HERE))
{
    struct slots s;

    begin(&s);
    plug(&s, 4);
    plug(&s, 5);
    unplug(&s, 4);
}

/* Threads of their own for all CPUs are TCG's default, but not the only way to run them. */
TEST(unplug, one_thread, "the same where one thread of the host runs all CPUs",
     SPEC(SPECS "; qemu-options.hx, -accel tcg,thread=single"),
     NEEDS(HERE "smm=any accel=tcg thread=single"))
{
    struct slots s;

    begin(&s);
    plug(&s, 7);
    unplug(&s, 7);
}

TEST(unplug, os_replug, "an emptied slot takes the next CPU, which is a new one", SPEC(SPECS),
     NEEDS(HERE "smm=off"))
{
    struct slots s;

    begin(&s);
    plug(&s, 3);
    unplug(&s, 3);
    plug(&s, 3);
    plug(&s, 11);
    unplug(&s, 3);
    plug(&s, 3);
    unplug(&s, 11);
}

TEST(unplug, eject_slots, "an eject is of the selected CPU only; an empty slot has none to eject",
     SPEC(SPECS), NEEDS(HERE "smm=any"))
{
    struct slots s;

    begin(&s);
    plug(&s, 4);
    plug(&s, 6);
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        if (s.flags[slot] & CPUHP_ENABLED)
            continue;
        slots_control(slot, CPUHP_EJECT);
    }
    slots_expect("empty", s.flags, SLOTS, "ejecting an empty slot changes nothing");
    slots_expect_host("empty-host", s.flags, SLOTS, "for the host neither");
    hostevent_expect_none("empty-event", "DEVICE_DELETED", "and is no news");
    REQUIRE_TRUE("park", smp_park(smp_find(5)), "the CPU in slot 4, APIC id 5, sleeps");
    slots_unplug(6);
    s.flags[6] |= CPUHP_REMOVE;
    cpuhp_select(4);
    step_unplug_os_ejects(&s, 4);
    slots_expect_host("host", s.flags, SLOTS, "the host has lost this CPU only");
    slots_control(4, CPUHP_EJECT);
    slots_expect("again", s.flags, SLOTS, "ejecting it again changes nothing");
    slots_expect_number("number", 3, "three CPUs are left");
}

TEST(unplug, deleted_once, "the host is told once, and before it is told of the next CPU",
     SPEC(SPECS), NEEDS(HERE "smm=any"))
{
    struct slots s;

    begin(&s);
    slots_plug(9);
    slots_plug(4);
    hostevent_expect_none("not-yet", "DEVICE_DELETED", "a plug deletes nothing");
    slots_control(9, CPUHP_EJECT);
    slots_control(4, CPUHP_EJECT);
    s.flags[9] = s.flags[4] = 0;
    slots_expect_host("host", s.flags, SLOTS, "both are ejected");
    hostevent_expect_deleted_once("once", 9, 4);
    for (int i = 0; i < 2; i++) {
        char answer[200];

        EXPECT_TRUE("object",
                    !host_request(answer, sizeof(answer), "qom-get /machine/peripheral/cpu%u type",
                                  i ? 9 : 4),
                    "QEMU has no such object any more");
    }
}

TEST(unplug, os_device_deleted, "the host is told of the CPU by its id", SPEC(SPECS),
     NEEDS(ALONE "smm=off accel=kvm"))
{
    struct slots s;

    begin(&s);
    slots_plug(4);
    slots_control(4, CPUHP_EJECT);
    hostevent_expect_device_deleted("deleted", 4);
}

TEST(unplug, eject_ends_request, "an eject takes back the request to the firmware, for that CPU",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, control bit 3: \"In case bit #4 were set, it's "
          "cleared as part of device eject\""),
     NEEDS(HERE "smm=any qemu>=6.0"))
{
    struct slots s;

    begin(&s);
    plug(&s, 4);
    plug(&s, 5);
    slots_control(4, CPUHP_FW_REMOVE);
    slots_control(5, CPUHP_FW_REMOVE);
    s.flags[4] |= CPUHP_FW_REMOVE;
    s.flags[5] |= CPUHP_FW_REMOVE;
    slots_expect("requested", s.flags, SLOTS, "two CPUs are waiting for the firmware");
    REQUIRE_TRUE("park", smp_park(smp_find(6)), "the CPU in slot 5, APIC id 6, sleeps");
    cpuhp_select(5);
    step_unplug_os_ejects(&s, 5);
}

TEST(unplug, never_started, "a CPU that never ran can be asked back and ejected", SPEC(SPECS),
     NEEDS(HERE "smm=any"))
{
    struct slots s;

    begin(&s);
    slots_plug(8);
    EXPECT_TRUE("sci", os_wait_sci(1), "an SCI tells of it");
    os_gpe_done();
    s.flags[8] = CPUHP_ENABLED | CPUHP_INSERT;
    step_unplug_request(&s, 8);
    slots_control(8, CPUHP_INSERT);
    slots_control(8, CPUHP_REMOVE);
    step_unplug_os_ejects(&s, 8);
    step_unplug_gone(&s, 8);
    step_unplug_ipis((uint32_t)cpuhp_arch_id(8));
}
