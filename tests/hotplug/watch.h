/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the default SMBASE looks like from inside SMM while the monarch works. */
#ifndef TESTS_HOTPLUG_WATCH_H
#define TESTS_HOTPLUG_WATCH_H

#include <stdint.h>

/* 0 or 1, or counts, at the moments of enum smm_hotplug_moment. */
struct watch {
    uint32_t os_data_at_begin, os_data_at_end; /* all of it is the operating system's */
    uint32_t noop_at_begin, noop_at_end;
    uint32_t relocation_at_begin;
    uint32_t relocation_at_gate; /* times that the gate was open with the handler in place */
    uint32_t gate_at_begin, gate_at_end;
    uint32_t gate_opened;
    uint32_t gate_apic_ids; /* a bit for each APIC id below 32 that it was open for */
    uint32_t inside_at_end; /* registered CPUs in SMM, without those that are new */
};

/* Watches the next hotplug commands until watch_end(). */
void watch_begin(struct watch *w);
void watch_end(void);

#endif
