/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "smm/default_smbase.h"

#include <stddef.h>

#include "kernel/memory.h"
#include "lib/string.h"
#include "smm/relocate.h"
#include "smm/state.h"

static void *scratch(void)
{
    return (void *)(uintptr_t)smm_state.layout.scratch;
}

static void *memory(void)
{
    return (void *)(uintptr_t)DEFAULT_SMBASE;
}

static uint8_t *entry_at(uint32_t smbase)
{
    return (uint8_t *)(uintptr_t)(smbase + SMM_ENTRY_OFFSET);
}

void relocate_install(uint32_t smbase)
{
    memset(entry_at(smbase), 0, RELOCATE_SIZE);
    memcpy(entry_at(smbase), relocate_start, (size_t)(relocate_end - relocate_start));
}

void noop_install(uint32_t smbase)
{
    memset(entry_at(smbase), 0, RELOCATE_SIZE);
    memcpy(entry_at(smbase), noop_start, (size_t)(noop_end - noop_start));
}

void relocate_over_noop(uint32_t smbase)
{
    memset(relocate_context_at(smbase), 0, sizeof(struct relocate_context));
    memcpy(entry_at(smbase), relocate_start, (size_t)(relocate_end - relocate_start));
}

void default_smbase_remember(void)
{
    memcpy(scratch(), memory(), SMM_SCRATCH_SIZE);
}

void default_smbase_borrow(void)
{
    if (smm_state.hotplug.mode != SMM_DEFAULT_BORROWED)
        return;
    default_smbase_remember();
    relocate_install(DEFAULT_SMBASE);
}

void default_smbase_return(void)
{
    if (smm_state.hotplug.mode == SMM_DEFAULT_BORROWED ||
        smm_state.hotplug.mode == SMM_DEFAULT_RESIDENT)
        memcpy(memory(), scratch(), SMM_SCRATCH_SIZE);
}
