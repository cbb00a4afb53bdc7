/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/hotplug/hostile.h"

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/deadline.h"
#include "hw/io.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "smm/relocate.h"

/* Free memory below 64 KiB. */
#define MARK_AT 0x0bff0U
#define MARK    0xa5

/* mov byte [MARK_AT], MARK; rsm: 16-bit code, for a CPU that has just entered SMM. */
static const uint8_t code[] = {0xc6, 0x06, MARK_AT & 0xff, MARK_AT >> 8, MARK, 0x0f, 0xaa};

/* Times that the firmware's handler at the default SMBASE was entered. */
static uint64_t SMM_CODE entered(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return relocate_context_at(DEFAULT_SMBASE)->entered;
}

static uint64_t entered_before;

void hostile_prepare(void)
{
    entered_before = smm_run(entered, NULL);
    mmio_write8(MARK_AT, 0);
    for (uint32_t i = 0; i < sizeof(code); i++)
        mmio_write8(DEFAULT_SMBASE + SMM_ENTRY_OFFSET + i, code[i]);
    EXPECT_EQ("hostile-prepare", mmio_read32(DEFAULT_SMBASE + SMM_ENTRY_OFFSET), 0xffffffff,
              "what the operating system writes to the default SMBASE does not get there");
}

void hostile_smi(uint32_t apic_id)
{
    CONTEXT("SMI to APIC id %u, outside SMM, before it is relocated", apic_id);
    REQUIRE_TRUE("hostile-sent", apic_send_smi(apic_id), "the SMI is sent");
    CONTEXT_CLEAR();
    hostile_check();
}

void hostile_start(uint32_t apic_id)
{
    uint32_t n = smp_start_one(apic_id);

    REQUIRE_TRUE("hostile-start", n != UINT32_MAX,
                 "the operating system can start the CPU before the firmware knows it");
    hostile_smi(apic_id);
    /* Not how often: asking SMM is a broadcast SMI, which the new CPU takes as well. */
    EXPECT_TRUE("hostile-entered", WAIT_FOR(smm_run(entered, NULL) > entered_before, PATIENCE_MS),
                "an SMI leads it to the firmware's handler in SMRAM");
    hostile_check();
    smp_forget(n);
}

void hostile_check(void)
{
    EXPECT_EQ("hostile-code", mmio_read8(MARK_AT), 0,
              "code that the operating system wrote has not run in SMM");
}
