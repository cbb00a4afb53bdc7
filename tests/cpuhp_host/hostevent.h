/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's announcements to the host, by their contents. */
#ifndef TESTS_CPUHP_HOST_HOSTEVENT_H
#define TESTS_CPUHP_HOST_HOSTEVENT_H

#include <stdbool.h>
#include <stdint.h>

/* QMP event ACPI_DEVICE_OST (QEMU qapi/acpi.json). */
struct ost_event {
    char device[32]; /* "" if the event names none */
    char slot[16];
    char slot_type[16];
    uint64_t source, status;
};

/* Waits for the next one; false, with the reason as a failed check id, if none comes. */
bool hostevent_take_ost(const char *id, struct ost_event *event);

/* Checks that the next ACPI_DEVICE_OST says this of the slot; device NULL: it names none. */
void hostevent_expect_ost(const char *id, uint32_t slot, const char *device, uint32_t source,
                          uint32_t status);

/*
 * Checks that a DEVICE_DELETED comes with a path at or below the CPU that the runner plugged
 * into slot. Those of other devices are passed over: QEMU may send them late.
 */
void hostevent_expect_deleted(const char *id, uint32_t slot);

/* The same of the CPU itself: the event has its device id. */
void hostevent_expect_device_deleted(const char *id, uint32_t slot);

/*
 * Checks that the DEVICE_DELETEDs that come before the first one of slot later are
 * about slot, and that no device is announced twice. The CPU of later was ejected last.
 */
void hostevent_expect_deleted_once(const char *id, uint32_t slot, uint32_t later);

/*
 * Checks that no event of that name has come since the last one taken. Events that QEMU
 * sent before are in by then, as a request to QEMU lies between.
 */
void hostevent_expect_none(const char *id, const char *name, const char *sentence);

#endif
