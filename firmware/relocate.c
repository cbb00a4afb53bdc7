/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every boot CPU from the SMBASE where we found it to one of its own. */
#include <stddef.h>

#include "firmware/internal.h"
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/mch.h"
#include "hw/smi_features.h"
#include "kernel/cmdline.h"
#include "kernel/machine.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "smm/default_smbase.h"
#include "smm/relocate.h"

/* Places where a CPU's first SMI may find its handler. */
static const uint32_t old_smbases[] = {DEFAULT_SMBASE, LEGACY_SMBASE};

#define PLACES (sizeof(old_smbases) / sizeof(old_smbases[0]))

static void *saved; /* what lay at the default SMBASE */

void firmware_relocation_begin(void)
{
    saved = page_alloc(SMM_SCRATCH_SIZE);
    memcpy(saved, (void *)(uintptr_t)DEFAULT_SMBASE, SMM_SCRATCH_SIZE);
    /* The A-segment is open as long as handlers are written and used there. */
    mch_write8(MCH_SMRAM, mch_read8(MCH_SMRAM) | SMRAM_D_OPEN | SMRAM_G_SMRAME);
    for (size_t i = 0; i < PLACES; i++)
        relocate_install(old_smbases[i]);
}

void firmware_relocation_end(void)
{
    memcpy((void *)(uintptr_t)DEFAULT_SMBASE, saved, SMM_SCRATCH_SIZE);
    mch_write8(MCH_SMRAM, mch_read8(MCH_SMRAM) & (uint8_t)~SMRAM_D_OPEN);
}

static uint32_t relocated(void)
{
    uint32_t n = 0;

    for (size_t i = 0; i < PLACES; i++)
        n += relocate_context_at(old_smbases[i])->relocated;
    return n;
}

static uint32_t smbase_for(const struct smm_cpu *cpu)
{
    if (cmdline.faults & FAULT_NO_SMBASE_WRITE)
        return 0;
    if (cmdline.faults & FAULT_SAME_SMBASE)
        return smm_smbase(&smm_state.layout, 0);
    return cpu->smbase;
}

/* Set when broadcast may be in force already. */
static bool directed;

static uint64_t nothing(void *arg)
{
    (void)arg;
    return 0;
}

/*
 * One SMI to CPU n; false if it does not come back. By APM_CNT, as the writing CPU, unless that
 * would send all CPUs together into the one save area at the default SMBASE.
 */
static bool raise_smi(uint32_t n)
{
    if (!directed)
        return smm_trigger_on(n, SMM_CMD_PING, 0);
    return apic_send_smi(smp_apic_id(n)) && smp_call(n, nothing, NULL, NULL);
}

firmware_error firmware_relocate(uint32_t n)
{
    struct smm_cpu *cpu = smm_register(smp_apic_id(n));
    uint32_t before = relocated();

    if (!cpu)
        return "SMRAM has no room for another CPU";
    for (size_t i = 0; i < PLACES; i++) {
        struct relocate_context *c = relocate_context_at(old_smbases[i]);

        c->apic_id = smp_apic_id(n);
        c->smbase = smbase_for(cpu);
        c->gate = RELOCATE_OPEN;
    }
    if (!raise_smi(n))
        return "a CPU did not come back from its first SMI";
    if (!WAIT_FOR(relocated() == before + 1, PATIENCE_MS))
        return "a CPU's first SMI did not reach the handler at 0x38000 or 0xa8000";
    for (size_t i = 0; i < PLACES; i++)
        relocate_context_at(old_smbases[i])->gate = RELOCATE_CLOSED;
    return NULL;
}

static uint32_t entries_of_all(void)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < smm_state.cpus; i++)
        sum += smm_mailbox.cpu[i].entries;
    return sum;
}

/* CPU n's SMI must be taken at CPU n's SMBASE, and nowhere else. */
static void verify_one(uint32_t n)
{
    struct smm_cpu_report *r = smm_report_of(smp_apic_id(n));
    uint32_t own = r->entries;
    uint32_t all = entries_of_all();

    CONTEXT("CPU %u, APIC id %u", n, smp_apic_id(n));
    REQUIRE_TRUE("smm.returns", raise_smi(n), "a relocated CPU comes back from an SMI");
    (void)WAIT_FOR(entries_of_all() != all, SETTLE_MS);
    REQUIRE_EQ("smm.distinct", entries_of_all() - all, r->entries - own,
               "no CPU is at another one's SMBASE (SDM vol. 3, 34.13)");
    REQUIRE_EQ("smm.relocated", r->entries - own, 1,
               "a relocated CPU takes its next SMI at its new SMBASE (SDM vol. 3, 34.11)");
}

static void verify(void)
{
    for (uint32_t n = 0; n < smp_cpus(); n++)
        verify_one(n);
    CONTEXT_CLEAR();
}

static void fail_if(firmware_error error)
{
    if (error) {
        FAIL_CHECK("smm.install", "the firmware part takes SMM over", "%s", error);
        test_end();
    }
}

/* The deliberate fault call-out: SMM calls a function that lies in ordinary RAM. */
static void outside_smram(void)
{
    __asm__ volatile("");
}

void firmware_require_smm(void)
{
    static bool tried, installed;

    if (installed)
        return;
    if (tried)
        ERROR("taking SMM over has failed in an earlier test of this boot");
    tried = true;
    directed = smi_features_requested() & FW_SMI_BROADCAST;
    REQUIRE_TRUE("smm.aps", smp_start_all(), "all boot APs come up by INIT-SIPI-SIPI");
    fail_if(firmware_install_smm());
    firmware_relocation_begin();
    ich9_smi_en_write(ich9_smi_en() | SMI_EN_APMC_EN | SMI_EN_GBL_SMI_EN);
    /* While a CPU is relocated its tile must be there, and TSEG visible to SMM. */
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        CONTEXT("CPU %u, APIC id %u", n, smp_apic_id(n));
        fail_if(firmware_relocate(n));
    }
    CONTEXT_CLEAR();
    firmware_close_smram(&smm_state);
    verify();
    firmware_relocation_end();
    installed = true;
    if (cmdline.faults & FAULT_CALL_OUT)
        smm_run(smm_call, (void *)(uintptr_t)outside_smram);
}
