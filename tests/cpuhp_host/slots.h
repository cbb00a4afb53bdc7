/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the host does to CPU slots, and what the register block should then say
 * about every one of them.
 */
#ifndef TESTS_CPUHP_HOST_SLOTS_H
#define TESTS_CPUHP_HOST_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "hw/cpuhp.h"

#define SLOTS_MAX 128U

/* The flags with a meaning on reading: the specification wants the others ignored. */
#define FLAGS_MASK (CPUHP_ENABLED | CPUHP_EVENTS)

/*
 * 2 sockets of 3 cores, 2 CPUs at boot: slot n has APIC id n up to 2 and n + 1
 * from 3 on, as cores take two bits of it (Intel SDM vol. 3, "Hierarchical
 * Mapping of Shared Resources").
 */
#define SPARSE       "smp=2 maxcpus=6 sockets=2 dies=1 cores=3 threads=1 boot=own "
#define SPARSE_SLOTS 6U
static inline uint32_t sparse_id(uint32_t slot)
{
    return slot < 3 ? slot : slot + 1;
}

/* Modern interface, a host, nothing pending: the start of every test here. Ends it if not. */
void slots_begin(void);

/* device_add and device_del, which must be accepted; end the test if they are not. */
void slots_plug(uint32_t slot);
void slots_unplug(uint32_t slot);

/* The request must be refused with an error of this QMP class whose text contains words. */
void slots_refused(const char *id, const char *error_class, const char *words, const char *request,
                   uint32_t slot, const char *sentence);

/* Every one of count slots has exactly these of FLAGS_MASK. */
void slots_expect(const char *id, const uint8_t *flags, uint32_t count, const char *sentence);

/*
 * From every selector on, command 0 finds the next slot with an event in flags,
 * the selector itself included, wrapping round behind the last one; without any
 * event it leaves the selector alone. Changes the selector.
 */
void slots_expect_scan(const char *id, const uint8_t *flags, uint32_t count);

/* Flags register of a slot; selects it. */
uint8_t slots_flags(uint32_t slot);
/* Writes control bits of a slot; selects it. */
void slots_control(uint32_t slot, uint8_t bits);

/* The host's list of CPUs (query-hotpluggable-cpus) is the one of flags' bit 0. */
void slots_expect_host(const char *id, const uint8_t *flags, uint32_t count, const char *sentence);

/* fw_cfg's and the CMOS's number of CPUs that firmware shall find is n. Above 255 the CMOS says 1,
 * as fw_cfg alone can tell (QEMU hw/i386/x86-common.c, rtc_set_cpus_count()). */
void slots_expect_number(const char *id, uint32_t n, const char *sentence);

#endif
