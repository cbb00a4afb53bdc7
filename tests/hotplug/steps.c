/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/hotplug/steps.h"

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/cpuhp.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/host.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "smm/relocate.h"
#include "tests/hotplug/os.h"

#define OST_DEVICE_CHECK 1 /* ACPI 6.x, _OST source event: Notify value Device Check */
#define OST_SUCCESS      0

static uint8_t *default_smbase(void)
{
    return (uint8_t *)(uintptr_t)DEFAULT_SMBASE;
}

void os_fill_default_smbase(void)
{
    for (uint32_t i = 0; i < SMM_SCRATCH_SIZE; i++)
        default_smbase()[i] = os_byte(i);
}

void step_boot_cpus_relocated(void)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        struct smm_cpu_report *r = smm_report_of(smp_apic_id(n));

        CONTEXT("CPU %u", n);
        EXPECT_EQ("step01-relocate", r->saved_smbase, r->smbase,
                  "every boot CPU is at the SMBASE it was given (SDM vol. 3, 34.11)");
        for (uint32_t other = 0; other < n; other++)
            EXPECT_NE("step01-distinct", r->saved_smbase,
                      smm_report_of(smp_apic_id(other))->saved_smbase,
                      "no two CPUs share an SMBASE (SDM vol. 3, 34.13)");
    }
    CONTEXT_CLEAR();
}

/* The firmware's own range in resident mode: handler and save area. */
static bool firmware_owns(enum smm_default_smbase mode, uint32_t offset)
{
    return mode == SMM_DEFAULT_RESIDENT && offset >= SMM_ENTRY_OFFSET &&
           offset < SMM_ENTRY_OFFSET + RELOCATE_SIZE;
}

void step_default_smbase_as_promised(enum smm_default_smbase mode, const char *id)
{
    bool window = mode == SMM_DEFAULT_WINDOW;
    const char *sentence = window ? "outside SMM the locked window reads FFh (QEMU f404220e27)"
                                  : "30000h-3FFFFh hold the operating system's own data";
    volatile uint8_t *memory = default_smbase();

    for (uint32_t i = 0; i < SMM_SCRATCH_SIZE; i++) {
        uint8_t want = window ? 0xff : os_byte(i);

        if (memory[i] != want && !firmware_owns(mode, i)) {
            FAIL_CHECK(id, sentence, "at %#x: got %#x, wanted %#x", DEFAULT_SMBASE + i, memory[i],
                       want);
            return;
        }
    }
    EXPECT_TRUE(id, true, sentence);
}

static uint64_t smi_count(void *arg)
{
    (void)arg;
    return (uint32_t)rdmsr(MSR_SMI_COUNT);
}

void step_count_smis(uint32_t *counts)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        uint64_t value = 0;

        if (smp_present(n))
            smp_call(n, smi_count, NULL, &value);
        counts[n] = (uint32_t)value;
    }
}

void step_smi_counts(const uint32_t *counts, uint32_t n, const char *id, const char *sentence)
{
    uint32_t now[SMP_MAX_CPUS] = {0};

    step_count_smis(now);
    for (uint32_t i = 0; i < n; i++) {
        if (!smp_present(i))
            continue;
        CONTEXT("CPU %u", i);
        EXPECT_EQ(id, now[i] - counts[i], 1, sentence);
    }
    CONTEXT_CLEAR();
}

static bool all_entered(const uint32_t *before)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (smm_report_of(smp_apic_id(n))->entries == before[n])
            return false;
    }
    return true;
}

void step_smi_reach(bool broadcast)
{
    uint32_t before[SMP_MAX_CPUS] = {0}, now[SMP_MAX_CPUS] = {0};
    uint32_t entries[SMP_MAX_CPUS] = {0};

    step_count_smis(before);
    for (uint32_t n = 0; n < smp_cpus(); n++)
        entries[n] = smm_report_of(smp_apic_id(n))->entries;
    apm_write(SMM_CMD_PING, 0);
    if (broadcast)
        (void)WAIT_FOR(all_entered(entries), PATIENCE_MS);
    step_count_smis(now);
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        uint32_t want = broadcast || n == 0;

        CONTEXT("CPU %u", n);
        EXPECT_EQ("step04-reach", now[n] - before[n], want,
                  broadcast ? "an APM_CNT SMI reaches every CPU once (QEMU 5ce45c7a2b)"
                            : "an APM_CNT SMI reaches the writing CPU once, no other "
                              "(QEMU 3c23402d40)");
        EXPECT_EQ("step04-handler", smm_report_of(smp_apic_id(n))->entries - entries[n], want,
                  "as often as MSR_SMI_COUNT says, the handler ran");
    }
    CONTEXT_CLEAR();
}

void step_nothing_pending(uint32_t slot)
{
    uint32_t selector = 0;

    cpuhp_select(slot);
    EXPECT_EQ("step05-empty", cpuhp_flags(), 0, "the slot is empty before the plug");
    EXPECT_TRUE("step05-no-event", !cpuhp_next_event(&selector),
                "no CPU has an event pending before the plug");
    EXPECT_EQ("step05-no-gpe", ich9_pm_read8(GPE0_STS) & GPE0_CPU_HOTPLUG, 0,
              "GPE0 bit 2 is clear before the plug");
}

void step_event_signalled(uint32_t slot)
{
    uint32_t selector = 0;
    uint32_t sci_before = os_sci_count();
    uint32_t slots = cpuhp_max_cpus();

    EXPECT_TRUE("step07-sci", os_wait_sci(sci_before + 1),
                "GPE0 bit 2 raises an SCI (acpi_cpu_hotplug.rst)");
    EXPECT_EQ("step08-gpe", ich9_pm_read8(GPE0_STS), GPE0_CPU_HOTPLUG,
              "GPE0 bit 2 is set, and no other");
    EXPECT_TRUE("step09-event", cpuhp_next_event(&selector),
                "command 0 finds a CPU with an event (acpi_cpu_hotplug.rst)");
    EXPECT_EQ("step09-selector", selector, slot, "it is the plugged CPU");
    for (uint32_t i = 0; i < slots; i++) {
        CONTEXT("slot %u", i);
        cpuhp_select(i);
        if (i == slot)
            EXPECT_EQ("step09-flags", cpuhp_flags(), CPUHP_ENABLED | CPUHP_INSERT,
                      "the plugged CPU is enabled and has an insert event");
        else
            EXPECT_EQ("step09-others", cpuhp_flags() & (uint8_t)~CPUHP_ENABLED, 0,
                      "no other CPU has an event");
    }
    CONTEXT_CLEAR();
    os_gpe_done();
    EXPECT_EQ("step09-gpe-clear", ich9_pm_read8(GPE0_STS), 0,
              "writing 1 clears GPE0 bit 2 (ICH9 datasheet, GPE0_STS: R/WC)");
}

void step_new_cpu_in_smm(uint32_t n, bool broadcast)
{
    struct smm_cpu_report *r = smm_report_of(smp_apic_id(n));
    uint32_t before[SMP_MAX_CPUS] = {0};
    uint32_t entries = r->entries;

    step_count_smis(before);
    if (broadcast)
        apm_write(SMM_CMD_PING, 0);
    else
        smm_trigger_on(n, SMM_CMD_PING, 0);
    (void)WAIT_FOR(r->entries != entries, PATIENCE_MS);
    EXPECT_EQ("step17-in-smm", r->entries, entries + 1,
              "the next SMI finds the new CPU at its own SMBASE");
    EXPECT_EQ("step17-smbase", r->saved_smbase, r->smbase,
              "the new CPU's save state says so (SDM vol. 3, 34.11)");
    for (uint32_t other = 0; other < n; other++) {
        if (!smp_present(other))
            continue;
        CONTEXT("CPU %u and %u", n, other);
        EXPECT_NE("step17-distinct", r->saved_smbase,
                  smm_report_of(smp_apic_id(other))->saved_smbase,
                  "no other CPU has that SMBASE (SDM vol. 3, 34.13)");
    }
    CONTEXT_CLEAR();
    if (broadcast)
        step_smi_counts(before, smp_cpus(), "step17-once", "every CPU took exactly one SMI");
}

/* Removes blanks, so that the host's JSON style does not matter. */
static void squeeze(char *text)
{
    char *out = text;

    for (; *text; text++) {
        if (*text != ' ')
            *out++ = *text;
    }
    *out = '\0';
}

static uint64_t SMM_CODE read_smram(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    return mmio_read32((uint32_t)(uintptr_t)arg);
}

static uint64_t read_outside(void *arg)
{
    return mmio_read32((uint32_t)(uintptr_t)arg);
}

void step_new_cpu_sees_smram(uint32_t n)
{
    uint32_t image = mch_low_ram_top() - mch_tseg_size();
    void *at = (void *)(uintptr_t)image;
    uint64_t outside = 0;

    CONTEXT("CPU %u, 4 bytes at %#x", n, image);
    smp_call(n, read_outside, at, &outside);
    EXPECT_EQ("step17-hidden", outside, 0xffffffff, "outside SMM the new CPU does not see TSEG");
    EXPECT_EQ("step17-seen", smm_run_on(n, read_smram, at, false).value, smm_run(read_smram, at),
              "in SMM it sees there what the others do");
    CONTEXT_CLEAR();
}

void step_acknowledge(uint32_t slot)
{
    char answer[400], wanted[24];
    uint32_t selector = 0;

    os_acknowledge_insert(slot);
    EXPECT_EQ("step18-acknowledge", cpuhp_flags(), CPUHP_ENABLED,
              "writing flag bit 1 clears the insert event, the CPU stays");
    EXPECT_TRUE("step18-no-event", !cpuhp_next_event(&selector), "no event is left");
    cpuhp_ost(slot, OST_DEVICE_CHECK, OST_SUCCESS);
    if (!host_request(answer, sizeof(answer), "wait ACPI_DEVICE_OST")) {
        FAIL_CHECK("step19-ost", "_OST reaches the host as ACPI_DEVICE_OST", "%s", answer);
        return;
    }
    squeeze(answer);
    EXPECT_TRUE("step19-ost", true, "_OST reaches the host as ACPI_DEVICE_OST");
    snprintf(wanted, sizeof(wanted), "\"slot\":\"%u\"", slot);
    CONTEXT("%s", answer);
    EXPECT_TRUE("step19-ost-slot", strstr(answer, wanted), "... for this slot");
    EXPECT_TRUE("step19-ost-status",
                strstr(answer, "\"source\":1") && strstr(answer, "\"status\":0"),
                "... with the event and status that were written");
    EXPECT_TRUE("step19-ost-type", strstr(answer, "\"slot-type\":\"CPU\""), "... for a CPU");
    CONTEXT_CLEAR();
}
