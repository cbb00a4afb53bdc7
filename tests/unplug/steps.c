/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unplug/steps.h"

#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpuhp.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "smm/pen.h"
#include "tests/cpuhp_host/hostevent.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"
#include "tests/hotplug/steps.h"

/* ACPI 6.x, _OST: source event Ejection Request, status codes of section "Processing Sequence". */
#define OST_EJECT_REQUEST 3
#define OST_SUCCESS       0

/* Data byte of the command: the firmware must be able to read it back. */
#define COMMAND_DATA 0x5e

void unplug_slots(struct slots *s, uint32_t count)
{
    s->count = count;
    for (uint32_t slot = 0; slot < count; slot++)
        s->flags[slot] = slots_flags(slot);
}

static void expect(const char *id, const struct slots *s, const char *sentence)
{
    slots_expect(id, s->flags, s->count, sentence);
}

void step_unplug_request(struct slots *s, uint32_t slot)
{
    uint32_t sci_before = os_sci_count();

    EXPECT_EQ("u01-no-gpe", ich9_pm_read8(GPE0_STS), 0, "no GPE is pending");
    slots_unplug(slot);
    s->flags[slot] |= CPUHP_REMOVE;
    EXPECT_TRUE("u01-sci", os_wait_sci(sci_before + 1),
                "GPE0 bit 2 raises an SCI (acpi_cpu_hotplug.rst)");
    EXPECT_EQ("u01-gpe", ich9_pm_read8(GPE0_STS), GPE0_CPU_HOTPLUG,
              "GPE0 bit 2 is set, and no other");
    os_gpe_done();
    EXPECT_EQ("u01-gpe-clear", ich9_pm_read8(GPE0_STS), 0, "writing 1 clears it");
    expect("u01-remove", s, "the CPU has a remove event and stays enabled");
    slots_expect_scan("u01-scan", s->flags, s->count);
}

void step_unplug_offline(struct slots *s, uint32_t slot, uint32_t n)
{
    slots_control(slot, CPUHP_REMOVE);
    s->flags[slot] &= (uint8_t)~CPUHP_REMOVE;
    expect("u02-acknowledge", s, "flag bit 2 clears the remove event, the CPU stays");
    REQUIRE_TRUE("u02-offline", smp_park(n), "the operating system puts the CPU to sleep");
}

void step_unplug_hand_over(struct slots *s, uint32_t slot)
{
    slots_control(slot, CPUHP_FW_REMOVE);
    s->flags[slot] |= CPUHP_FW_REMOVE;
    expect("u03-hand-over", s, "flag bit 4 asks the firmware, the CPU stays (QEMU 1e6107d901)");
    slots_expect_scan("u03-scan", s->flags, s->count);
}

/* One ejected CPU as the monarch reports it. */
static void check_eject(uint32_t i, uint32_t slot)
{
    const struct smm_hotplug_report *r = &smm_mailbox.hotplug;

    CONTEXT("slot %u", slot);
    EXPECT_EQ("u05-selector", r->eject[i].selector, slot, "the monarch finds the CPU's slot");
    EXPECT_EQ("u05-apic-id", r->eject[i].apic_id, (uint32_t)cpuhp_arch_id(slot),
              "and its APIC id (command 3)");
    EXPECT_EQ("u05-held", r->eject[i].known && r->eject[i].held, 1,
              "the CPU is in SMM, asleep, when it is ejected (edk2 OvmfPkg/CpuHotplugSmm)");
    EXPECT_BITS("u05-ejected", r->eject[i].flags, CPUHP_ENABLED | CPUHP_FW_REMOVE, 0,
                "flag bit 3 ejects it at once and takes bit 4 back");
    CONTEXT_CLEAR();
}

void step_unplug_command_by(void (*command)(uint32_t slot), struct slots *s, const uint32_t *slots,
                            uint32_t count)
{
    const struct smm_hotplug_report *r = &smm_mailbox.hotplug;
    uint32_t before[SMP_MAX_CPUS] = {0};
    uint32_t known = smp_present_cpus() + count; /* sleeping CPUs wake for an SMI */
    uint32_t runs = r->runs;

    step_count_smis(before);
    outb(APM_STS, COMMAND_DATA);
    command(count ? slots[0] : 0);
    REQUIRE_EQ("u04-command", r->runs, runs + 1,
               "command 4 brings the firmware's handler to run, and it comes back");
    EXPECT_EQ("u04-data", r->data, COMMAND_DATA, "the handler reads the data back from APM_STS");
    EXPECT_EQ("u04-rendezvous", r->arrived, known, "all CPUs meet in SMM, the leaving ones too");
    EXPECT_EQ("u04-added", r->added, 0, "none is new");
    REQUIRE_EQ("u05-count", r->ejected, count,
               "the monarch ejects as many CPUs as were handed over");
    for (uint32_t i = 0; i < count; i++) {
        check_eject(i, slots[i]);
        s->flags[slots[i]] = 0;
    }
    step_smi_counts(before, smp_cpus(), "u05-others",
                    "every other CPU took exactly one SMI for it");
    expect("u05-slots", s, "the slots are empty, the others as they were");
}

static void write_command(uint32_t slot)
{
    (void)slot;
    apm_write(APM_CNT_CPU_HOTPLUG, COMMAND_DATA);
}

void step_unplug_command(struct slots *s, const uint32_t *slots, uint32_t count)
{
    step_unplug_command_by(write_command, s, slots, count);
}

void step_unplug_empty(const struct slots *s, uint32_t slot)
{
    uint32_t cpus = 0;

    for (uint32_t i = 0; i < s->count; i++)
        cpus += s->flags[i] & CPUHP_ENABLED;
    hostevent_expect_deleted("u06-deleted", slot);
    slots_expect_host("u06-host", s->flags, s->count, "the host's list says so");
    slots_expect_number("u06-number", cpus, "firmware would find the others only");
    EXPECT_EQ("u06-no-gpe", ich9_pm_read8(GPE0_STS), 0, "an eject is no event of its own");
}

void step_unplug_gone(const struct slots *s, uint32_t slot)
{
    step_unplug_empty(s, slot);
    cpuhp_ost(slot, OST_EJECT_REQUEST, OST_SUCCESS);
    hostevent_expect_ost("u06-ost", slot, NULL, OST_EJECT_REQUEST, OST_SUCCESS);
}

static volatile uint32_t strays;

static void stray(struct trap_frame *frame)
{
    (void)frame;
    strays++;
    apic_eoi();
}

static uint64_t look_for_strays(void *arg)
{
    (void)arg;
    return strays;
}

/* A CPU that answers this call has taken what was sent to it before, NMI and SMI first. */
static void settle(void)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        uint64_t value = 0;

        if (!smp_present(n))
            continue;
        CONTEXT("CPU %u", n);
        EXPECT_TRUE("u07-alive", smp_call(n, look_for_strays, NULL, &value) && value == 0,
                    "no IPI to the APIC id of the ejected CPU reaches another one");
    }
    CONTEXT_CLEAR();
}

static bool all_in(const uint32_t *entries)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (smp_present(n) && smm_report_of(smp_apic_id(n))->entries == entries[n])
            return false;
    }
    return true;
}

void step_unplug_ipis(uint32_t apic_id)
{
    volatile struct pen *pen = pen_at(POST_SMM_PEN_BASE);
    uint32_t arrived = pen->arrived;

    irq_set_handler(VECTOR_TEST, stray);
    apic_icr(apic_id, APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_TEST);
    apic_send_nmi(apic_id);
    apic_send_smi(apic_id);
    apic_start_cpu(apic_id, POST_SMM_PEN_BASE >> 12);
    settle();
    EXPECT_EQ("u07-pen", pen->arrived, arrived, "nobody answers INIT-SIPI-SIPI for it");
    irq_set_handler(VECTOR_TEST, NULL);
}

void step_unplug_others(uint32_t apic_id)
{
    uint32_t before[SMP_MAX_CPUS] = {0}, entries[SMP_MAX_CPUS] = {0};

    step_count_smis(before);
    step_unplug_ipis(apic_id);
    for (uint32_t n = 0; n < smp_cpus(); n++)
        entries[n] = smp_present(n) ? smm_report_of(smp_apic_id(n))->entries : 0;
    apm_write(SMM_CMD_PING, 0);
    EXPECT_TRUE("u08-smi", WAIT_FOR(all_in(entries), PATIENCE_MS),
                "the next SMI finds every remaining CPU at its SMBASE");
    step_smi_counts(before, smp_cpus(), "u08-once",
                    "exactly once: none of what was sent to the ejected CPU was for them");
}

void step_unplug_os_ejects(struct slots *s, uint32_t slot)
{
    uint32_t id = (uint32_t)cpuhp_arch_id(slot);

    cpuhp_write_flags(CPUHP_EJECT);
    s->flags[slot] = 0;
    EXPECT_EQ("u04-selector", cpuhp_command_data(CPUHP_CMD_ARCH_ID), id,
              "the eject keeps the selector, and the slot its APIC id");
    expect("u04-slots", s, "flag bit 3 empties the slot at once, the others are as they were");
    slots_expect_scan("u04-scan", s->flags, s->count);
}

void plug_without_firmware(struct slots *s, uint32_t slot)
{
    slots_plug(slot);
    s->flags[slot] = CPUHP_ENABLED | CPUHP_INSERT;
    expect("insert", s, "the new CPU has an insert event, nothing else");
    slots_control(slot, CPUHP_INSERT);
    s->flags[slot] = CPUHP_ENABLED;
    REQUIRE_TRUE("runs", smp_start_one((uint32_t)cpuhp_arch_id(slot)) != UINT32_MAX,
                 "INIT-SIPI-SIPI starts it with its APIC id");
}

void unplug_without_firmware(struct slots *s, uint32_t slot)
{
    slots_unplug(slot);
    s->flags[slot] = CPUHP_ENABLED | CPUHP_REMOVE;
    expect("remove", s, "device_del leaves a remove event, nothing else");
    slots_control(slot, CPUHP_REMOVE);
    REQUIRE_TRUE("offline", smp_park(smp_find((uint32_t)cpuhp_arch_id(slot))),
                 "the operating system puts the CPU to sleep");
    slots_control(slot, CPUHP_EJECT);
    s->flags[slot] = 0;
    expect("empty", s, "the eject empties this slot, no other");
    slots_expect_host("host", s->flags, s->count, "the host's list agrees");
    hostevent_expect_deleted("deleted", slot);
}

void unplug_with_firmware(struct slots *s, uint32_t slot)
{
    uint32_t apic_id = (uint32_t)cpuhp_arch_id(slot);

    step_unplug_request(s, slot);
    step_unplug_offline(s, slot, smp_find(apic_id));
    step_unplug_hand_over(s, slot);
    step_unplug_command(s, &slot, 1);
    step_unplug_gone(s, slot);
    step_unplug_others(apic_id);
}
