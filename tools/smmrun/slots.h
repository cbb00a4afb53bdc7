/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU slots as the 0xCD8 hotplug block counts them, from query-hotpluggable-cpus. */
#ifndef SMMRUN_SLOTS_H
#define SMMRUN_SLOTS_H

#include <jansson.h>

#include "tools/smmrun/util.h"

/*
 * The entries of the answer in ascending order of socket, die, module, core and
 * thread: QEMU's order of possible CPUs, and so of selectors (hw/i386/x86.c,
 * x86_possible_cpu_arch_ids). A new array, or NULL if the answer is none of CPUs.
 */
json_t *slots_sort(json_t *answer);

/* "1 1 0 0": which slots have a CPU; to be freed. */
char *slots_presence(json_t *slots);

/* Arguments of device_add for slot n: its type and place, and the id "cpuN". */
json_t *slots_add_arguments(json_t *slots, size_t n);

/* Slots from 0 up to the first empty one: what a machine with these CPUs has at boot. */
size_t slots_leading(json_t *slots);

/* slots_add_arguments() as the value of the option -device; to be freed. */
char *slots_device(json_t *slots, size_t n);

/* Whether slot n has a CPU. */
bool slots_present(json_t *slots, size_t n);

/*
 * Arguments of device_del for slot n: the QOM path of the CPU in it, which boot
 * CPUs have too, or the id "cpuN" if it is empty.
 */
json_t *slots_del_arguments(json_t *slots, size_t n);

#endif
