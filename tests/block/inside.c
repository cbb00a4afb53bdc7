/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/block/inside.h"

#include "hw/deadline.h"
#include "hw/ich9.h"
#include "kernel/smp.h"

static uint64_t trigger(void *arg)
{
    (void)arg;
    apm_write(SMM_CMD_RUN, 0);
    return 0;
}

void inside_start(uint32_t n, smm_function fn, void *arg)
{
    struct smm_mailbox *m = &smm_mailbox;

    m->run_apic_id = smp_apic_id(n);
    m->run_function = fn;
    m->run_argument = arg;
    m->run_catch = true;
    m->run_done = 0;
    m->run_armed = 1;
    smp_call_start(n, trigger, 0);
}

bool inside_wait(uint32_t n, struct smm_run_result *r)
{
    struct smm_mailbox *m = &smm_mailbox;
    bool done = WAIT_FOR(m->run_done, PATIENCE_MS) && smp_call_wait(n, 0);

    m->run_armed = 0;
    *r = (struct smm_run_result){
        .done = done,
        .caught = m->run_caught,
        .vector = m->run_caught - 1,
        .ip = m->run_caught_ip,
        .value = m->run_result,
    };
    return done;
}
