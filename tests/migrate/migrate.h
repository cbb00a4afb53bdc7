/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine goes on in another QEMU (host channel, "migrate"). */
#ifndef TESTS_MIGRATE_MIGRATE_H
#define TESTS_MIGRATE_MIGRATE_H

#include <stdbool.h>
#include <stdint.h>

#include "smm/mailbox.h"

/* What all these tests are about. */
#define MIGRATION "QEMU docs/about migration: the guest goes on as if nothing had happened; "

/* Migrates; ends the test with the host's words when that fails. */
void migrate(void);

/* Opens the host channel, for migrate_in_smm(): ends the test where nobody listens. */
void migrate_prepare(void);

/*
 * The same from inside SMM: the CPU is in there while it moves. 1 if the machine has moved. The
 * kernel's own channel must be idle.
 */
uint64_t SMM_CODE migrate_in_smm(struct smm_cpu *cpu, void *arg);

#endif
