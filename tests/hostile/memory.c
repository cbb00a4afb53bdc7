/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An operating system that prepares the memory at the default SMBASE for the CPU that
 * is to come, or keeps the CPU from the firmware.
 */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpuhp.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "smm/pen.h"
#include "smm/relocate.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"
#include "tests/hotplug/scenario.h"
#include "tests/hotplug/steps.h"

#define PROTOCOL                                                                         \
    "the hotplug threads of August 2019 (an OS that writes to 38000h); QEMU f404220e27 " \
    "(locked SMRAM at the default SMBASE); Intel SDM vol. 3, 34.2, 34.11"
#define HERE                                                              \
    "host=plug,cpus boot=own group=scenario timeout=40 smp=2 maxcpus=12 " \
    "sockets=4 dies=1 cores=3 threads=1 "
#define SLOT 4U
#define ID   5U
/* Where the trap counts those that it catches. */
#define TRAP_COUNT (DEFAULT_SMBASE + 0x7ff0)

static const struct smm_hotplug_report *const report = &smm_mailbox.hotplug;

static volatile uint8_t *memory(void)
{
    return (volatile uint8_t *)(uintptr_t)DEFAULT_SMBASE;
}

/* At 38000h, in 16-bit code: LOCK INC DWORD [CS:7FF0h], then a CPU that never comes back. */
static const uint8_t trap[] = {0xf0, 0x2e, 0x66, 0xff, 0x06, 0xf0, 0x7f, 0xf4, 0xeb, 0xfd};

static uint8_t garbage(uint32_t offset)
{
    if (offset >= TRAP_COUNT - DEFAULT_SMBASE && offset < TRAP_COUNT - DEFAULT_SMBASE + 4)
        return 0;
    if (offset >= SMM_ENTRY_OFFSET && offset < SMM_ENTRY_OFFSET + sizeof(trap))
        return trap[offset - SMM_ENTRY_OFFSET];
    return (uint8_t)(0xa5 ^ offset * 13);
}

static void write_garbage(void)
{
    for (uint32_t i = 0; i < SMM_SCRATCH_SIZE; i++)
        memory()[i] = garbage(i);
}

/* window: nothing of it has arrived; else all of it is still there. */
static void expect_garbage(const char *id, bool window, const char *sentence)
{
    for (uint32_t i = 0; i < SMM_SCRATCH_SIZE; i++) {
        uint8_t want = window ? 0xff : garbage(i);

        if (memory()[i] != want) {
            FAIL_CHECK(id, sentence, "at %#x: got %#x, wanted %#x", DEFAULT_SMBASE + i, memory()[i],
                       want);
            return;
        }
    }
    EXPECT_TRUE(id, true, sentence);
}

static void prepare(enum smm_default_smbase mode, bool broadcast)
{
    struct scenario s = {.mode = mode, .broadcast = broadcast};

    scenario_prepare(&s);
}

static void plug(void)
{
    slots_plug(SLOT);
    EXPECT_TRUE("sci", os_wait_sci(1), "an SCI tells of the new CPU");
    os_gpe_done();
}

static void expect_taken_in(bool broadcast)
{
    uint32_t n;

    apm_write(APM_CNT_CPU_HOTPLUG, 0);
    EXPECT_EQ("rendezvous", report->arrived, report->expected, "all registered CPUs meet");
    REQUIRE_EQ("added", report->added, 1, "the firmware finds the new CPU");
    EXPECT_EQ("first-smi", report->cpu[0].relocated, 1,
              "its first SMI is the firmware's: it is relocated");
    EXPECT_EQ("pen", report->cpu[0].in_pen, 1, "and it leaves SMM for the pen");
    os_acknowledge_insert(SLOT);
    n = smp_start_one(ID);
    REQUIRE_TRUE("starts", n != UINT32_MAX, "INIT-SIPI-SIPI brings it into the OS afterwards");
    step_new_cpu_in_smm(n, broadcast);
}

TEST(hostile, garbage_behind_lock,
     "what the OS writes to the locked default SMBASE does not meet the new CPU", SPEC(PROTOCOL),
     NEEDS(HERE))
{
    prepare(SMM_DEFAULT_WINDOW, true);
    write_garbage();
    expect_garbage("dropped", true, "writes are dropped, reads give FFh (QEMU f404220e27)");
    plug();
    write_garbage();
    expect_taken_in(true);
    expect_garbage("still", true, "nothing of it has arrived since");
}

TEST(hostile, garbage_borrowed,
     "a trap at 38000h is put aside while the new CPU comes, and is there again afterwards",
     SPEC(PROTOCOL), NEEDS(HERE))
{
    prepare(SMM_DEFAULT_BORROWED, false);
    plug();
    write_garbage();
    expect_taken_in(false);
    expect_garbage("returned", false, "the OS has its memory back, the trap has caught nobody");
}

static volatile uint32_t writes, stop;

/* An AP of the OS that sets the trap again and again. */
static uint64_t keep_writing(void *arg)
{
    (void)arg;
    while (!stop) {
        for (uint32_t i = 0; i < sizeof(trap); i++)
            memory()[SMM_ENTRY_OFFSET + i] = trap[i];
        writes++;
    }
    return 0;
}

/* The AP writes before, and behind, everything that happens in between. */
static void expect_writing(const char *id, const char *sentence)
{
    uint32_t before = writes;

    REQUIRE_TRUE(id, WAIT_FOR(writes - before >= 2, PATIENCE_MS), sentence);
}

static void while_writing(enum smm_default_smbase mode, bool broadcast)
{
    prepare(mode, broadcast);
    write_garbage();
    plug();
    smp_call_start(1, keep_writing, NULL);
    expect_writing("writing", "an AP writes its trap to 38000h, in a loop");
    apm_write(APM_CNT_CPU_HOTPLUG, 0);
    expect_writing("writing-on", "it goes on with it when the command is done");
    stop = 1;
    REQUIRE_TRUE("stops", smp_call_wait(1, NULL), "and ends when it is told to");
    EXPECT_EQ("rendezvous", report->arrived, 2, "it was in SMM meanwhile, as every CPU");
    REQUIRE_EQ("added", report->added, 1, "the firmware finds the new CPU");
    EXPECT_EQ("first-smi", report->cpu[0].relocated, 1,
              "its first SMI is the firmware's: it is relocated");
    EXPECT_EQ("pen", report->cpu[0].in_pen, 1, "and it leaves SMM for the pen");
    expect_garbage("memory", mode == SMM_DEFAULT_WINDOW,
                   "the memory is as the OS could make it, the trap has caught nobody");
}

TEST(hostile, writer_behind_lock, "an AP that writes to 38000h all the time does not matter",
     SPEC(PROTOCOL), NEEDS(HERE))
{
    while_writing(SMM_DEFAULT_WINDOW, true);
}

TEST(hostile, writer_borrowed, "nor where the memory is only borrowed, as the AP is in SMM then",
     SPEC(PROTOCOL), NEEDS(HERE))
{
    while_writing(SMM_DEFAULT_BORROWED, false);
}

TEST(hostile, hidden_from_firmware,
     "a CPU whose event the OS takes away runs the firmware's code in SMM, though not relocated",
     SPEC(PROTOCOL), NEEDS(HERE))
{
    uint32_t before[SMP_MAX_CPUS] = {0};
    uint32_t n;

    prepare(SMM_DEFAULT_WINDOW, true);
    plug();
    write_garbage();
    os_acknowledge_insert(SLOT);
    n = smp_start_one(ID);
    REQUIRE_TRUE("starts", n != UINT32_MAX, "the OS starts the CPU for itself");
    for (int i = 0; i < 3; i++) {
        step_count_smis(before);
        apm_write(APM_CNT_CPU_HOTPLUG, 0);
        EXPECT_EQ("added", report->added, 0, "the firmware finds no new CPU");
        step_smi_counts(before, smp_cpus(), "once",
                        "every CPU takes the SMI once, this one at the default SMBASE, and "
                        "comes back");
    }
    expect_garbage("window", true, "the handler there is still the one behind the lock");
    smp_forget(n);
    slots_control(SLOT, CPUHP_EJECT);
    EXPECT_EQ("gone", slots_flags(SLOT), 0, "the OS can eject it itself");
    step_count_smis(before);
    apm_write(APM_CNT_CPU_HOTPLUG, 0);
    step_smi_counts(before, smp_cpus(), "others", "which the others do not notice");
}
