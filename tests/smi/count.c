/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/smi/count.h"

#include <stdbool.h>
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"

struct counts {
    uint32_t msr;     /* MSR_SMI_COUNT */
    uint32_t entries; /* at the CPU's own handler */
};

static struct counts last[SMI_CPUS_MAX];

/* A CPU that was started again has a new number; its old one counts no more. */
static bool is_there(uint32_t n)
{
    return smp_find(smp_apic_id(n)) == n;
}

static uint64_t read_count(void *arg)
{
    (void)arg;
    /* TCG looks for interrupts between translation blocks; every PAUSE ends one. */
    for (unsigned int i = 0; i < 4; i++)
        cpu_pause();
    return rdmsr(MSR_SMI_COUNT);
}

static uint32_t msr_count(uint32_t n)
{
    uint64_t count = 0;

    if (!smp_call(n, read_count, NULL, &count)) {
        FAIL_CHECK("answers", "every CPU goes on behind its SMIs", "CPU %u does not answer", n);
        test_end();
    }
    return (uint32_t)count;
}

static struct counts counts_of(uint32_t n)
{
    struct smm_cpu_report *r = smm_report_of(smp_apic_id(n));
    struct counts c = {.msr = msr_count(n)};

    c.entries = r ? r->entries : 0;
    return c;
}

void smi_count_start(void)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (is_there(n))
            last[n] = counts_of(n);
    }
}

uint32_t smi_count_of(uint32_t n)
{
    return msr_count(n) - last[n].msr;
}

static void check_one(const char *id, const char *sentence, uint32_t n, struct counts now,
                      uint32_t want)
{
    uint32_t taken = now.msr - last[n].msr;
    uint32_t handled = now.entries - last[n].entries;

    if (taken == want && handled == want)
        EXPECT_TRUE(id, true, sentence);
    else
        FAIL_CHECK(id, sentence, "CPU %u: %u by MSR_SMI_COUNT, %u at its handler, wanted %u", n,
                   taken, handled, want);
}

void smi_count_check_each(const uint32_t *want)
{
    struct counts now[SMI_CPUS_MAX] = {0};

    /* Everything is read first: a check that fails prints, which takes its time. */
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (is_there(n))
            now[n] = counts_of(n);
    }
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (is_there(n) && want[n])
            check_one("taken", "every SMI was taken, and only once", n, now[n], want[n]);
    }
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (is_there(n) && !want[n])
            check_one("untouched", "nobody took one that was not meant", n, now[n], 0);
    }
    smi_count_start();
}

void smi_count_check(uint64_t set)
{
    uint32_t want[SMI_CPUS_MAX] = {0};

    for (uint32_t n = 0; n < smp_cpus(); n++)
        want[n] = set >> n & 1;
    smi_count_check_each(want);
}
