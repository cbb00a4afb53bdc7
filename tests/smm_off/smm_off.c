/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/smm_off/smm_off.h"

#include <stdbool.h>
#include <stddef.h>

#include "hw/cpu.h"
#include "hw/io.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"

#define SMI_ENTRY  (DEFAULT_SMBASE + 0x8000U)
#define SMI_COUNTS (DEFAULT_SMBASE + 0x8100U)

/* 16-bit code: incw %cs:0x8100; rsm */
static const uint8_t handler[] = {0x2e, 0xff, 0x06, 0x00, 0x81, 0x0f, 0xaa};

static void read_msr(void *arg)
{
    *(uint64_t *)arg = rdmsr(MSR_SMI_COUNT);
}

static uint64_t msr_here(void *arg)
{
    (void)arg;
    /* TCG looks for interrupts between translation blocks; every PAUSE ends one. */
    for (unsigned int i = 0; i < 4; i++)
        cpu_pause();
    return rdmsr(MSR_SMI_COUNT);
}

void off_begin(void)
{
    REQUIRE_TRUE("cpus", smp_start_all(), "all CPUs start without SMM");
    for (size_t i = 0; i < sizeof(handler); i++)
        mmio_write8(SMI_ENTRY + i, handler[i]);
    mmio_write16(SMI_COUNTS, 0);
}

void off_check_cpus(uint32_t cpus)
{
    uint64_t count = 0;

    /* A machine without SMM may have no MSR_SMI_COUNT. */
    if (!trap_catch(read_msr, &count).caught) {
        for (uint32_t n = 0; n < cpus; n++) {
            REQUIRE_TRUE("answers", smp_call(n, msr_here, NULL, &count), "every CPU goes on");
            EXPECT_EQ("none", count, 0, "no CPU took an SMI, says MSR_SMI_COUNT");
        }
    }
    EXPECT_EQ("none", mmio_read16(SMI_COUNTS), 0, "nothing ran at the default SMBASE");
}

void off_check_none(void)
{
    off_check_cpus(smp_cpus());
}
