/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways into SMM for code outside. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"

static uint64_t trigger(void *arg)
{
    uint32_t value = (uint32_t)(uintptr_t)arg;

    apm_write((uint8_t)value, (uint8_t)(value >> 8));
    return 0;
}

bool smm_trigger_on(uint32_t n, uint8_t command, uint8_t data)
{
    return smp_call(n, trigger, (void *)(uintptr_t)(command | (uint32_t)data << 8), NULL);
}

void smm_run_arm(uint32_t n, smm_function fn, void *arg, bool catch)
{
    struct smm_mailbox *m = &smm_mailbox;

    m->run_apic_id = smp_apic_id(n);
    m->run_function = fn;
    m->run_argument = arg;
    m->run_catch = catch;
    m->run_done = 0;
    m->run_armed = 1;
}

struct smm_run_result smm_run_wait(void)
{
    struct smm_mailbox *m = &smm_mailbox;

    if (!WAIT_FOR(m->run_done, PATIENCE_MS)) {
        m->run_armed = 0;
        return (struct smm_run_result){.done = false};
    }
    return (struct smm_run_result){
        .done = true,
        .caught = m->run_caught,
        .vector = m->run_caught - 1,
        .ip = m->run_caught_ip,
        .value = m->run_result,
    };
}

struct smm_run_result smm_run_on(uint32_t n, smm_function fn, void *arg, bool catch)
{
    smm_run_arm(n, fn, arg, catch);
    smm_trigger_on(n, SMM_CMD_RUN, 0);
    return smm_run_wait();
}

uint64_t smm_run(smm_function fn, void *arg)
{
    struct smm_run_result r = smm_run_on(smp_self(), fn, arg, false);

    if (!r.done)
        ERROR("an SMI by APM_CNT did not reach our handler");
    return r.value;
}

uint64_t SMM_CODE smm_call(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    ((void (*)(void))(uintptr_t)arg)();
    return 1;
}

struct smm_cpu_report *smm_report_of(uint32_t apic_id)
{
    for (uint32_t i = 0; i < SMM_MAX_CPUS; i++) {
        if (smm_mailbox.cpu[i].present && smm_mailbox.cpu[i].apic_id == apic_id)
            return &smm_mailbox.cpu[i];
    }
    return NULL;
}
