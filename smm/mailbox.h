/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What passes between the kernel and its SMM code: one structure in ordinary RAM,
 * which both see at the same address. Real firmware would have to distrust it; the
 * kernel that calls us is the firmware's and the test's in one.
 */
#ifndef SMM_MAILBOX_H
#define SMM_MAILBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "smm/cpu.h"

#define SMM_MAX_CPUS 1056

/* Commands on APM_CNT. 2 and 3 are QEMU's ACPI_ENABLE/DISABLE, 4 is CPU hotplug. */
#define SMM_CMD_RUN  0x52
#define SMM_CMD_PING 0x50 /* only count */

/*
 * Code that runs in SMM. It may read and write any ordinary memory, but can call
 * only other SMM_CODE and lib/ and hw/: everything else is not executable there.
 */
#define SMM_CODE __attribute__((section(".smm.text"), noinline))

typedef uint64_t (*smm_function)(struct smm_cpu *cpu, void *arg);

/* What one CPU last did in SMM. */
struct smm_cpu_report {
    volatile uint32_t present; /* in SMM's registry */
    volatile uint32_t apic_id;
    volatile uint32_t smbase;       /* where its handler was entered */
    volatile uint32_t saved_smbase; /* SMBASE field of its save state */
    volatile uint32_t revision;     /* revision identifier of its save state */
    volatile uint32_t entries;      /* SMIs taken at this SMBASE */
    volatile uint32_t inside;
    volatile uint32_t command, data; /* APM_CNT and APM_STS as it read them */
};

/* An exception in SMM that nobody waited for. */
struct smm_fault {
    volatile uint32_t present;
    uint32_t apic_id;
    uint32_t vector;
    unsigned long ip;
};

#define SMM_HOTPLUG_MAX 16

/* What the monarch did about the last hotplug command. */
struct smm_hotplug_report {
    volatile uint32_t runs; /* hotplug commands handled */
    uint32_t monarch_apic_id;
    uint32_t command, data;
    uint32_t expected, arrived; /* CPUs in the rendezvous */
    uint32_t added;             /* new CPUs found */
    struct {
        uint32_t selector;
        uint32_t apic_id;
        uint32_t smbase;
        uint32_t index;        /* in the registry */
        uint32_t parked;       /* took an SMI while waiting for SIPI */
        uint32_t in_pen;       /* arrived in the pen */
        uint32_t directed_smi; /* needed an SMI of its own behind INIT-SIPI-SIPI */
        uint32_t relocated;
        uint32_t entered; /* SMIs that the relocation handler has seen for it */
    } cpu[SMM_HOTPLUG_MAX];
    /* October 2019: what the no-operation handler had seen before it was replaced. */
    uint32_t noop_entered, noop_passed;
    uint32_t refused;         /* new CPUs that were left alone ... */
    uint32_t refused_apic_id; /* ... the last of them ... */
    const char *refusal;      /* ... and why: a sentence */
    uint32_t ejected;         /* CPUs that the operating system handed over to be ejected */
    struct {
        uint32_t selector;
        uint32_t apic_id;
        uint32_t known; /* registered */
        uint32_t held;  /* slept in SMM when it was ejected */
        uint32_t flags; /* of the slot, read behind the eject */
    } eject[SMM_HOTPLUG_MAX];
};

/* Moments at which a test may look into the monarch's work, or change the world. */
enum smm_hotplug_moment {
    SMM_HOTPLUG_GATHERED, /* all CPUs are in SMM, no event has been read */
    SMM_HOTPLUG_GATE,     /* the gate is open for a new CPU, which has not been started yet */
    SMM_HOTPLUG_HANDLED,  /* all events that were found are dealt with, the CPUs still here */
    SMM_HOTPLUG_MOMENTS
};

/* The two ways in which edk2's SMI handlers synchronise (PcdCpuSmmSyncMode). */
enum smm_sync_mode {
    SMM_SYNC_NONE,
    SMM_SYNC_TRADITIONAL, /* all CPUs come in, then the monarch works while they wait */
    SMM_SYNC_RELAXED,     /* the monarch works at once, with whoever is there */
};

/* One synchronised SMI: what is asked for, then what came of it. */
struct smm_sync {
    volatile uint32_t mode; /* back to SMM_SYNC_NONE when it is done */
    uint32_t pull_in;       /* SMIs are unicast: bring others in by directed SMIs */
    uint32_t writer;        /* APIC id of the CPU that raises the SMI */
    uint32_t sure;          /* CPUs that come for certain; for more ... */
    uint32_t patience_ms;   /* ... the monarch waits only so long */
    smm_function work;
    void *argument;

    volatile uint32_t waiting; /* the monarch waits for the others */
    volatile uint32_t done;    /* times the work was done */
    uint32_t monarch;          /* APIC id */
    uint32_t expected, joined; /* CPUs, the monarch included */
};

struct smm_mailbox {
    volatile uint32_t run_armed;
    uint32_t run_apic_id;
    uint32_t run_catch; /* an exception in the function is a result, not a crash */
    smm_function run_function;
    void *run_argument;
    uint64_t run_result;
    uint32_t run_caught; /* vector + 1, 0: none */
    unsigned long run_caught_ip;
    volatile uint32_t run_done;

    struct smm_fault fault;
    struct smm_hotplug_report hotplug;
    smm_function hotplug_hook[SMM_HOTPLUG_MOMENTS]; /* run on the monarch, without arguments */
    struct smm_sync sync;
    struct smm_cpu_report cpu[SMM_MAX_CPUS];
};

extern struct smm_mailbox smm_mailbox;

/* Where a CPU continues outside SMM after an exception inside. */
void smm_fault_landing(void) __attribute__((noreturn));

#endif
