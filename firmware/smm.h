/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a firmware does about SMM before it hands over to an operating system:
 * take SMRAM, put the SMM image there, give every CPU an SMBASE of its own,
 * negotiate SMI features, prepare for hotplug. Runs outside SMM.
 */
#ifndef FIRMWARE_SMM_H
#define FIRMWARE_SMM_H

#include <stdbool.h>
#include <stdint.h>

#include "smm/mailbox.h"
#include "smm/state.h"

/* Why something could not be done, one sentence; NULL: it was. */
typedef const char *firmware_error;

/*
 * For tests about SMRAM's size, before the installation: the TSEG_SZ to select
 * (ESMRAMC_TSEG_SZ_*; by default the extended one if there is any, else 8 MiB),
 * and at most how many CPUs shall have room, 0: as many as fit. Their part of
 * SMRAM is the end of TSEG then.
 */
void firmware_choose_smram(uint8_t tseg_sz, uint32_t room);

/*
 * Puts the SMM image into TSEG, with room for this boot's CPUs and as many
 * hot-added ones as fit, and closes SMRAM. An error when there are more CPUs.
 * Works behind SeaBIOS, which leaves SMRAM unlocked, as on a machine that nobody
 * has touched. Starts no CPU and raises no SMI.
 */
firmware_error firmware_install_smm(void);

/*
 * Relocates the SMBASE of CPU n (kernel/smp.h) from where it is, 30000h or
 * SeaBIOS's A0000h, to its tile. On return the CPU has been through its first
 * SMI; whether it obeys is for the caller to see, by an SMI to it.
 */
firmware_error firmware_relocate(uint32_t n);

/*
 * All of it, once per boot: the image, the boot APs, every CPU relocated and
 * seen at its own SMBASE. Ends the running test when it fails: REQUIRE_SMM().
 */
void firmware_require_smm(void);
#define REQUIRE_SMM() firmware_require_smm()

/* Sets D_LCK. TSEG and the A-segment stay closed until reset. */
void firmware_lock_smram(void);

/* What smm_run() found. */
struct smm_run_result {
    bool done;   /* the function was reached, and returned or was caught */
    bool caught; /* an exception ended it */
    uint32_t vector;
    unsigned long ip;
    uint64_t value;
};

/*
 * Runs fn(cpu, arg) in SMM on CPU n by an SMI to it, through APM_CNT on the CPU
 * itself. With catch an exception in fn is a result; else it ends the run.
 */
struct smm_run_result smm_run_on(uint32_t n, smm_function fn, void *arg, bool catch);

/*
 * The same in two halves, for SMIs that the caller raises: the next SMM_CMD_RUN on CPU n runs
 * fn, and what came of it. The CPU may still be on its way out of SMM then.
 */
void smm_run_arm(uint32_t n, smm_function fn, void *arg, bool catch);
struct smm_run_result smm_run_wait(void);

/* The same on this CPU, for code that is not expected to fail: its value. */
uint64_t smm_run(smm_function fn, void *arg);

/* For smm_run(): calls the function at arg, wherever it lies. */
uint64_t smm_call(struct smm_cpu *cpu, void *arg);

/* APM_CNT on CPU n; false if the CPU did not come back. */
bool smm_trigger_on(uint32_t n, uint8_t command, uint8_t data);

/* The report of the registered CPU with this APIC id; NULL if there is none. */
struct smm_cpu_report *smm_report_of(uint32_t apic_id);

#endif
