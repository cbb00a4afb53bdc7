/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/smi/hold.h"

#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "smm/savestate.h"

static volatile uint32_t inside, release;
static volatile uint64_t first_ip, next_ip;

static uint64_t SMM_CODE note_ip(struct smm_cpu *cpu, void *arg)
{
    *(volatile uint64_t *)arg = smm_save_get(smm_cpu_save(cpu), SMM_REG_IP);
    return 0;
}

static uint64_t SMM_CODE stay(struct smm_cpu *cpu, void *arg)
{
    note_ip(cpu, arg);
    inside = 1;
    while (!release)
        cpu_pause();
    return 0;
}

static uint64_t trigger(void *arg)
{
    (void)arg;
    apm_write(SMM_CMD_RUN, 0);
    return 0;
}

/* The next SMI of CPU n runs fn. */
static void arm(uint32_t n, smm_function fn, volatile uint64_t *ip)
{
    struct smm_mailbox *m = &smm_mailbox;

    m->run_apic_id = smp_apic_id(n);
    m->run_function = fn;
    m->run_argument = (void *)(uintptr_t)ip;
    m->run_catch = 0;
    m->run_done = 0;
    m->run_armed = 1;
}

void smi_hold(uint32_t n)
{
    inside = release = 0;
    next_ip = 0;
    arm(n, stay, &first_ip);
    smp_call_start(n, trigger, NULL);
    REQUIRE_TRUE("inside", WAIT_FOR(inside, PATIENCE_MS), "a CPU is taken into SMM, to stay there");
}

uint64_t smi_release(uint32_t n)
{
    arm(n, note_ip, &next_ip);
    release = 1;
    REQUIRE_TRUE("outside", smp_call_wait(n, NULL), "it comes out of SMM again");
    smm_mailbox.run_armed = 0;
    return next_ip ? next_ip - first_ip : UINT64_MAX;
}
