/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hotplug and unplug with QEMU's own DSDT as the operating system's part: its methods call our
 * firmware by their own write to APM_CNT, and the firmware does its work in the middle of them.
 */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "kernel/acpi.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/printf.h"
#include "tests/acpi/cpu_methods.h"
#include "tests/acpi/negotiated.h"
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"
#include "tests/hotplug/scenario.h"
#include "tests/hotplug/steps.h"
#include "tests/unplug/steps.h"

#define RULE                                                                                      \
    "QEMU 9cc5a90b0e (DSDT: SMI 4, then notify), 69dea9d6b3 (_EJ0: bit 4 and SMI 4), docs/specs/" \
    "acpi_cpu_hotplug; ACPI 6.3, 5.6.4, 5.6.6, 6.2.10, 6.3.3, 6.3.5, 6.3.7"
#define HERE METHODS_MACHINE NEGOTIATED_NEEDS "group=scenario "

#define OST_SUCCESS 0

static void handle_plug(uint32_t slot)
{
    methods_handle_gpe("d02-notified", (const struct aml_notify[]){{slot, NOTIFY_DEVICE_CHECK}}, 1);
}

static void begin(struct scenario *s, uint64_t set, enum smm_default_smbase mode)
{
    negotiated_begin(set);
    *s = (struct scenario){.mode = mode, .broadcast = true, .command = handle_plug};
    scenario_prepare(s);
}

/* device_add, and the SCI that calls for the handler of GPE 2; it stays disabled. */
static void plug(uint32_t slot)
{
    uint32_t sci = os_sci_count();

    slots_plug(slot);
    methods_flags[slot] = CPUHP_ENABLED;
    EXPECT_TRUE("d01-sci", os_wait_sci(sci + 1), "an SCI tells of the event");
}

static void tell(uint32_t slot, const char *device, uint32_t event)
{
    const uint64_t report[] = {event, OST_SUCCESS, 0};

    methods_evaluate(aml_child(methods_cpu[slot], "_OST"), report, 3);
    hostevent_expect_ost("d05-ost", slot, device, event, OST_SUCCESS);
}

/* Device check: the operating system finds the CPU there, and its APIC id, and starts it. */
static void take(uint32_t slot)
{
    static char device[8];
    struct aml_value mat = {0};
    uint32_t id = ~0U, flags = 0, n;

    CONTEXT("slot %u", slot);
    EXPECT_EQ("d03-sta", methods_evaluate(aml_child(methods_cpu[slot], "_STA"), NULL, 0),
              STA_PRESENT, "_STA: the CPU is there");
    REQUIRE_TRUE("d03-mat",
                 aml_evaluate(aml_child(methods_cpu[slot], "_MAT"), NULL, 0, &mat) &&
                     mat.type == AML_BUFFER && mat.length >= sizeof(struct acpi_madt_entry) &&
                     acpi_madt_cpu((const void *)mat.bytes, &id, &flags),
                 "_MAT is a MADT entry for a CPU");
    EXPECT_EQ("d03-apic-id", id, (uint32_t)cpuhp_arch_id(slot), "with its APIC id");
    n = smp_start_one(id);
    REQUIRE_TRUE("d04-starts", n != UINT32_MAX, "INIT-SIPI-SIPI brings it to the OS");
    CONTEXT_CLEAR();
    step_new_cpu_in_smm(n, true);
    step_new_cpu_sees_smram(n);
    snprintf(device, sizeof(device), "cpu%u", slot);
    tell(slot, device, NOTIFY_DEVICE_CHECK);
}

static void plug_and_take(struct scenario *s, uint32_t slot)
{
    s->slot = slot;
    plug(slot);
    scenario_hand_over(s, (uint32_t)cpuhp_arch_id(slot));
    os_gpe_done();
    take(slot);
}

/* Both are in the firmware's hands after one SMI, before the operating system hears of either. */
static void plug_two(const struct scenario *s, uint32_t slot, uint32_t other)
{
    const struct smm_hotplug_report *r = &smm_mailbox.hotplug;
    uint32_t runs = r->runs, known = smp_cpus();

    plug(slot);
    slots_plug(other);
    methods_flags[other] = CPUHP_ENABLED;
    methods_handle_gpe(
        "d02-both",
        (const struct aml_notify[]){{slot, NOTIFY_DEVICE_CHECK}, {other, NOTIFY_DEVICE_CHECK}}, 2);
    os_gpe_done();
    EXPECT_EQ("d02-once", r->runs, runs + 1, "one SMI is for both");
    REQUIRE_EQ("d02-added", r->added, 2, "the firmware has taken both in");
    for (uint32_t i = 0; i < 2; i++) {
        EXPECT_EQ("d02-relocated", r->cpu[i].relocated && r->cpu[i].in_pen, 1,
                  "each has its SMBASE and waits in the pen");
    }
    EXPECT_EQ("d02-held", smp_cpus(), known, "neither has reached the operating system");
    step_default_smbase_as_promised(s->mode, "d02-memory");
    take(slot);
    take(other);
}

static void eject(uint32_t slot)
{
    static const uint64_t one[] = {1};

    methods_evaluate(aml_child(methods_cpu[slot], "_EJ0"), one, 1);
}

/* Ejection request: the operating system lets the CPU go and calls _EJ0. */
static void unplug(struct slots *s, uint32_t slot)
{
    const struct smm_hotplug_report *r = &smm_mailbox.hotplug;
    uint32_t sci = os_sci_count(), runs = r->runs, id = (uint32_t)cpuhp_arch_id(slot);

    slots_unplug(slot);
    EXPECT_TRUE("d01-sci", os_wait_sci(sci + 1), "an SCI tells of the event");
    methods_handle_gpe("d06-asked", (const struct aml_notify[]){{slot, NOTIFY_EJECT}}, 1);
    os_gpe_done();
    EXPECT_EQ("d06-no-smi", r->runs, runs, "the firmware is not called yet");
    REQUIRE_TRUE("d06-offline", smp_park(smp_find(id)), "the OS puts the CPU to sleep");
    step_unplug_command_by(eject, s, &slot, 1);
    methods_flags[slot] = 0;
    methods_expect_states("d07-sta");
    step_unplug_empty(s, slot);
    tell(slot, NULL, NOTIFY_EJECT);
    step_unplug_others(id);
}

TEST(hotplug, dsdt, "QEMU's DSDT calls our firmware for new CPUs, and then the OS may have them",
     SPEC(RULE), NEEDS(HERE "machine>=pc-q35-5.2 qemu>=5.2"))
{
    struct scenario s;

    begin(&s, NEGOTIATED_HOTPLUG, SMM_DEFAULT_RESIDENT);
    plug_and_take(&s, 9);
    plug_and_take(&s, 2);
    plug_two(&s, 5, 11);
    methods_expect_states("states");
}

TEST(unplug, dsdt, "_EJ0 of QEMU's DSDT calls our firmware, which ejects the CPU", SPEC(RULE),
     NEEDS(HERE "machine>=pc-q35-6.0 qemu>=6.0"))
{
    struct scenario s;
    struct slots slots;

    begin(&s, NEGOTIATED_UNPLUG, SMM_DEFAULT_WINDOW);
    plug_and_take(&s, 4);
    plug_and_take(&s, 7);
    plug_and_take(&s, 11);
    unplug_slots(&slots, METHODS_SLOTS);
    unplug(&slots, 7);
    unplug(&slots, 11);
}

/* APIC ids of up to 292: 256 and 257 are 0 and 1, the boot CPUs, in a byte. */
TEST(unplug, dsdt_x2apic, "the same with APIC ids above 255", SPEC(RULE),
     NEEDS("smp=2 maxcpus=125 sockets=5 dies=5 cores=5 threads=1 cpu=max qemu>=9.0 accel=tcg "
           "boot=own group=scenario " NEGOTIATED_NEEDS))
{
    struct scenario s;
    struct slots slots;

    methods_slots = 125;
    begin(&s, NEGOTIATED_UNPLUG, SMM_DEFAULT_RESIDENT);
    plug_and_take(&s, 101);
    plug_two(&s, 124, 100);
    unplug_slots(&slots, 125);
    unplug(&slots, 100);
    unplug(&slots, 124);
}
