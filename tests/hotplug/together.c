/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why the first SMIs of new CPUs are taken one at a time: all of them have the same
 * SMBASE, so their states are saved to the same place. The handler here has no gate
 * (together.asm); the order in which its CPUs come is forced by waiting for each.
 */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/deadline.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "smm/savestate.h"
#include "tests/cpuhp_host/slots.h"

#define PROTOCOL                                                                       \
    "Intel SDM vol. 3, 34.4 (state save), 34.11 (SMBASE is set by RSM), 34.13 (a map " \
    "for each CPU); the hotplug thread of August 2019: \"does something serialize\""
#define HERE \
    "smp=1 maxcpus=12 sockets=4 dies=1 cores=3 threads=1 boot=own timeout=40 host=plug,cpus "

#define CPUS        2
#define SMBASE_SIZE 0x10000U
/* Rounds of one CPU after which another one that runs must have made some. */
#define ROUNDS 100000U

extern const uint8_t together_start[], together_end[];
extern const uint8_t together_meet[], together_entered[], together_written[], together_left[],
    together_smbase[];
extern const uint8_t together_mark[], together_mark_end[], together_mark_count[];

static const uint32_t slot[CPUS] = {4, 9};
static uint32_t cpu[CPUS];             /* their numbers */
static uint32_t smbase[CPUS];          /* for the first to come, for the second */
static volatile uint32_t rounds[CPUS]; /* counted by a CPU whose register points here */
static volatile uint32_t stop;

static volatile uint32_t *field(const uint8_t *label)
{
    uint32_t offset = (uint32_t)(label - together_start);

    return (volatile uint32_t *)(uintptr_t)(DEFAULT_SMBASE + SMM_ENTRY_OFFSET + offset);
}

static volatile uint32_t *mark_of(int i)
{
    uint32_t offset = (uint32_t)(together_mark_count - together_mark);

    return (volatile uint32_t *)(uintptr_t)(smbase[i] + SMM_ENTRY_OFFSET + offset);
}

/* Counts where EDI points and never returns: another CPU may be here on the same stack. */
static uint64_t count_rounds(void *place)
{
    __asm__ volatile("1: lock incl (%0)\n"
                     "   pause\n"
                     "   cmpl $0, %1\n"
                     "   je 1b\n"
                     "2: cli\n"
                     "   hlt\n"
                     "   jmp 2b\n"
                     :
                     : "D"(place), "m"(stop)
                     : "memory");
    __builtin_unreachable();
}

static void prepare(void)
{
    uint8_t *memory = page_alloc(CPUS * SMBASE_SIZE);

    slots_begin();
    memcpy((void *)(uintptr_t)(DEFAULT_SMBASE + SMM_ENTRY_OFFSET), together_start,
           (size_t)(together_end - together_start));
    for (int i = 0; i < CPUS; i++) {
        smbase[i] = (uint32_t)(uintptr_t)memory + (uint32_t)i * SMBASE_SIZE;
        field(together_smbase)[i] = smbase[i];
        memcpy((void *)(uintptr_t)(smbase[i] + SMM_ENTRY_OFFSET), together_mark,
               (size_t)(together_mark_end - together_mark));
        slots_plug(slot[i]);
        slots_control(slot[i], CPUHP_INSERT);
        cpu[i] = smp_start_one((uint32_t)cpuhp_arch_id(slot[i]));
        REQUIRE_TRUE("starts", cpu[i] != UINT32_MAX, "INIT-SIPI-SIPI starts the new CPU");
        smp_call_start(cpu[i], count_rounds, (void *)&rounds[i]);
        REQUIRE_TRUE("runs", WAIT_FOR(rounds[i] > 0, PATIENCE_MS), "it is at work");
    }
}

/* CPU i takes an SMI; all wait in the handler until meet have come. */
static void first_smi(int i, uint32_t meet)
{
    *field(together_meet) = meet;
    apic_send_smi(smp_apic_id(cpu[i]));
    REQUIRE_TRUE("entered", WAIT_FOR(*field(together_entered) == (uint32_t)i + 1, PATIENCE_MS),
                 "an SMI takes the CPU to the default SMBASE (SDM vol. 3, 34.11)");
}

static void expect_left(uint32_t count)
{
    REQUIRE_TRUE("left", WAIT_FOR(*field(together_left) == count, PATIENCE_MS),
                 "the handler comes to its RSM");
}

static bool counted(int i, uint32_t more)
{
    uint32_t before = rounds[i];

    return WAIT_FOR(rounds[i] - before >= more, PATIENCE_MS);
}

/* The next SMI of each CPU finds it at SMBASE number want[i]. */
static void expect_smbases(const int *want, const char *sentence)
{
    uint32_t count[CPUS] = {0};

    for (int i = 0; i < CPUS; i++) {
        CONTEXT("CPU in slot %u", slot[i]);
        count[want[i]]++;
        apic_send_smi(smp_apic_id(cpu[i]));
        (void)WAIT_FOR(*mark_of(want[i]) == count[want[i]], PATIENCE_MS);
        for (int k = 0; k < CPUS; k++)
            EXPECT_EQ("smbase", *mark_of(k), count[k], sentence);
        EXPECT_EQ("default", *field(together_entered), CPUS,
                  "and not at the default one any more (SDM vol. 3, 34.11)");
    }
    CONTEXT_CLEAR();
    stop = 1;
}

TEST(hotplug, released_in_turn, "two new CPUs at the default SMBASE, one after the other, are fine",
     SPEC(PROTOCOL), NEEDS(HERE))
{
    prepare();
    for (int i = 0; i < CPUS; i++) {
        first_smi(i, (uint32_t)i + 1);
        expect_left((uint32_t)i + 1);
        EXPECT_TRUE("resumes", counted(i, 2), "RSM takes it back to its own work");
    }
    for (int i = 0; i < CPUS; i++)
        EXPECT_TRUE("both-work", counted(i, 2), "both are at their own work");
    expect_smbases((const int[]){0, 1}, "each one is at the SMBASE that it was given");
}

TEST(hotplug, released_together,
     "two new CPUs at the default SMBASE at once: the first is lost, as its state is overwritten",
     SPEC(PROTOCOL), NEEDS(HERE))
{
    uint32_t before;

    prepare();
    for (int i = 0; i < CPUS; i++)
        first_smi(i, CPUS);
    expect_left(CPUS);
    before = rounds[0];
    EXPECT_TRUE("second", counted(1, ROUNDS), "the one that came second goes on with its work");
    EXPECT_EQ("first", rounds[0], before,
              "so does the one that came first: its own work, its own registers are lost");
    expect_smbases((const int[]){1, 1}, "both are at the SMBASE that was written last");
}
