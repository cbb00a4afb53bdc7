/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_HOTPLUG_SCENARIO_H
#define TESTS_HOTPLUG_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "smm/state.h"

struct scenario {
    enum smm_default_smbase mode;
    bool broadcast; /* negotiated; else the monarch pulls the others in */
    uint32_t slot;  /* what the host plugs */
    /* What the operating system does before it tells the firmware; NULL: nothing. */
    void (*hostile)(uint32_t apic_id);
    /* What writes command 4 to APM_CNT for the CPU in that slot; NULL: apm_write(). */
    void (*command)(uint32_t slot);
};

/* Firmware and operating system are ready for a plug: up to step 04. s->slot does not matter. */
void scenario_prepare(const struct scenario *s);

/* Steps 10 to 15: the SMI that gives the firmware the new CPU, and what it made of it. */
void scenario_hand_over(const struct scenario *s, uint32_t apic_id);

/* From negotiation to the acknowledged event, each step a check "stepNN-...". */
void scenario_run(const struct scenario *s);

/* The same for one more CPU, in a machine where it has been run: from the plug on. */
void scenario_plug_another(const struct scenario *s);

#endif
