/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/block/inside.h"

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
    smm_run_arm(n, fn, arg, true);
    smp_call_start(n, trigger, 0);
}

bool inside_wait(uint32_t n, struct smm_run_result *r)
{
    *r = smm_run_wait();
    r->done = r->done && smp_call_wait(n, 0);
    return r->done;
}
