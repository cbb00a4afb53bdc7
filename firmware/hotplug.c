/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "firmware/hotplug.h"

#include <stddef.h>

#include "firmware/smm.h"
#include "hw/mch.h"
#include "hw/smi_features.h"
#include "kernel/cmdline.h"
#include "kernel/memory.h"
#include "lib/string.h"
#include "smm/default_smbase.h"
#include "smm/pen.h"

static uint64_t SMM_CODE configure(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    smm_state.hotplug = *(const struct smm_hotplug_config *)arg;
    if (smm_state.hotplug.mode == SMM_DEFAULT_RESIDENT) {
        if (smm_state.hotplug.protocol == SMM_PROTOCOL_OCTOBER)
            noop_install(DEFAULT_SMBASE);
        else
            relocate_install(DEFAULT_SMBASE);
        default_smbase_remember();
    }
    return 0;
}

static void put_pen(void)
{
    uint8_t *page = (uint8_t *)(uintptr_t)POST_SMM_PEN_BASE;

    memset(page, 0, PAGE_SIZE);
    /* Without its pen the CPU loops where the SIPI led it: JMP to itself. */
    if (cmdline.faults & FAULT_NO_PEN)
        memcpy(page, "\xeb\xfe", 2);
    else
        memcpy(page, pen_start, (size_t)(pen_end - pen_start));
}

/* The handler goes in while the window is still ordinary RAM; then it is locked. */
static bool lock_window(void)
{
    if (mch_smbase_window_probe() != SMBASE_WINDOW_OPEN)
        return false;
    relocate_install(DEFAULT_SMBASE);
    mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    return mch_smbase_window_probe() == SMBASE_WINDOW_LOCKED;
}

bool firmware_prepare_hotplug(enum smm_default_smbase mode, bool pull_in)
{
    return firmware_prepare_protocol(SMM_PROTOCOL_FIFTEEN, mode, pull_in);
}

bool firmware_prepare_protocol(enum smm_protocol protocol, enum smm_default_smbase mode,
                               bool pull_in)
{
    struct smm_hotplug_config config = {
        .mode = mode, .protocol = protocol, .pull_in = pull_in, .pen = POST_SMM_PEN_BASE};

    put_pen();
    if (mode == SMM_DEFAULT_WINDOW && !lock_window())
        return false;
    smm_run(configure, &config);
    return true;
}

bool firmware_negotiate(uint64_t wanted)
{
    uint8_t ok = 0;

    if (cmdline.faults & FAULT_NO_BROADCAST)
        return true;
    return smi_features_request(wanted, &ok) && ok == 1;
}
