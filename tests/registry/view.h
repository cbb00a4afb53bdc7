/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMM's registry of CPUs, held against everything else that knows which CPUs there are. */
#ifndef TESTS_REGISTRY_VIEW_H
#define TESTS_REGISTRY_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#define VIEW_MAX 24U

/* The registered CPUs, ascending by number. */
struct view {
    uint32_t count;
    struct {
        uint32_t number, apic_id;
    } cpu[VIEW_MAX];
};

/* Read in SMM. */
void view_read(struct view *v);

/* The number of the CPU with this APIC id, UINT32_MAX if it is not registered. */
uint32_t view_find(const struct view *v, uint32_t apic_id);

/*
 * The registry has the CPUs that the hotplug block and fw_cfg have, each once; every one
 * that the operating system runs finds itself; IA32_APIC_BASE says BSP on the boot CPU
 * only. The modern hotplug interface must be in force.
 */
void view_check(const struct view *v);

/* Of two views in a row: those in both have kept their numbers. */
void view_check_kept(const struct view *before, const struct view *after);

/* Names the monarch from the next SMI on; false if the registry refuses. */
bool view_switch_bsp(uint32_t apic_id);
void view_switch_bsp_back(void);

/* The CPU with this APIC id does the work of a synchronised SMI that CPU writer raises. */
void view_check_monarch(uint32_t apic_id, uint32_t writer, bool broadcast);

#endif
