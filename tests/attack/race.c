/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second processor writes while another one is relocated at the default SMBASE: over the code,
 * over what the handler keeps there, over SMBASE in the state save area. The CPU that is relocated
 * waits in SMM, at the handler's gate, until the attacker has been through all of it several times.
 */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "smm/default_smbase.h"
#include "smm/relocate.h"
#include "tests/smm/visitor.h"

#define VICTIM   1U
#define ATTACKER 2U
#define ROUNDS   3U
/* Where the attacker wants the victim's next SMI to go: ordinary memory. */
#define FORGED_SMBASE 0x06000000U
#define NOBODY        0xffffffffU

enum window { OPEN, LOCKED, LOCKED_MEANWHILE };

static struct relocate_context *const context =
    (struct relocate_context *)(uintptr_t)(DEFAULT_SMBASE + SMM_ENTRY_OFFSET +
                                           RELOCATE_CONTEXT_OFFSET);

/* What the attacker does, and sees. */
static struct {
    volatile uint32_t rounds, stop;
    volatile uint32_t seen; /* address of memory that it could read; 0: none */
    bool everything;        /* also what would stop the victim, were it written */
} attack;

static void forge(uint32_t at, uint32_t value)
{
    mmio_write32(at, value);
    if (attack.everything && mmio_read32(at) != 0xffffffff)
        attack.seen = at;
}

static uint64_t keep_forging(void *arg)
{
    uint32_t save = DEFAULT_SMBASE + SMM_SAVE_OFFSET;

    (void)arg;
    while (!attack.stop) {
        forge((uint32_t)(uintptr_t)&context->smbase, FORGED_SMBASE);
        forge(save + offsetof(struct smm_save64, smbase), FORGED_SMBASE);
        forge(save + offsetof(struct smm_save32, smbase), FORGED_SMBASE);
        for (uint32_t i = 0; i < RELOCATE_SIZE / 4 && attack.everything; i++)
            forge(DEFAULT_SMBASE + SMM_ENTRY_OFFSET + 4 * i, 0xfeebfeeb); /* jmp to itself */
        for (uint32_t i = 0; i < SMM_SAVE_SIZE / 4 && attack.everything; i++)
            forge(save + 4 * i, FORGED_SMBASE);
        attack.rounds++;
    }
    return 0;
}

static bool attacked(void)
{
    uint32_t before = attack.rounds;

    return WAIT_FOR(attack.rounds - before >= ROUNDS, PATIENCE_MS);
}

static void start_attack(bool everything)
{
    attack.everything = everything;
    smp_call_start(ATTACKER, keep_forging, NULL);
}

static uint64_t SMM_CODE read_entered(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    return ((struct relocate_context *)arg)->entered;
}

static uint64_t SMM_CODE read_relocated(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    return ((struct relocate_context *)arg)->relocated;
}

static uint64_t SMM_CODE let_in(struct smm_cpu *cpu, void *apic_id)
{
    (void)cpu;
    ((struct relocate_context *)(uintptr_t)(DEFAULT_SMBASE + SMM_ENTRY_OFFSET +
                                            RELOCATE_CONTEXT_OFFSET))
        ->apic_id = (uint32_t)(uintptr_t)apic_id;
    return 0;
}

static uint64_t ping(void *arg)
{
    (void)arg;
    apm_write(SMM_CMD_PING, 0);
    return 0;
}

/* The victim's next SMI is taken at the default SMBASE, and waits there for let_in(). */
static void prepare(uint32_t own)
{
    uint32_t default_smbase = DEFAULT_SMBASE;

    relocate_install(DEFAULT_SMBASE);
    context->apic_id = NOBODY;
    context->smbase = own;
    context->gate = RELOCATE_OPEN;
    memset((void *)(uintptr_t)(FORGED_SMBASE + SMM_ENTRY_OFFSET), 0, 0x8000);
    visitor_put(FORGED_SMBASE + SMM_ENTRY_OFFSET, own);
    REQUIRE_TRUE("moved", smm_run_on(VICTIM, visitor_move, &default_smbase, false).done,
                 "a CPU has the default SMBASE again");
}

static void relocate_under_attack(enum window window)
{
    if (window == LOCKED)
        mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    if (window != LOCKED_MEANWHILE)
        start_attack(window != OPEN);
    smp_call_start(VICTIM, ping, NULL);
    REQUIRE_TRUE("enters", WAIT_FOR(smm_run(read_entered, context) == 1, PATIENCE_MS),
                 "its SMI is taken at the default SMBASE, by the firmware's handler");
    if (window == LOCKED_MEANWHILE) {
        mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
        start_attack(true);
    }
    REQUIRE_TRUE("attacked", attacked(), "another CPU writes there all the time");
    smm_run(let_in, (void *)(uintptr_t)smp_apic_id(VICTIM));
    REQUIRE_TRUE("returns", smp_call_wait(VICTIM, NULL), "the CPU comes back from SMM");
    EXPECT_EQ("relocated", smm_run(read_relocated, context), 1, "and was relocated, once");
    REQUIRE_TRUE("attacked-still", attacked(), "the other one still writes");
    attack.stop = 1;
    REQUIRE_TRUE("stops", smp_call_wait(ATTACKER, NULL), "until it is told to stop");
}

static void race(enum window window)
{
    struct smm_cpu_report *r;
    uint32_t own, entries;
    bool forged = window == OPEN;

    REQUIRE_SMM();
    if (mch_smbase_window_probe() != SMBASE_WINDOW_OPEN && window != OPEN)
        SKIP("the machine type has no SMRAM at the default SMBASE");
    r = smm_report_of(smp_apic_id(VICTIM));
    own = r->smbase;
    prepare(own);
    relocate_under_attack(window);
    CONTEXT("CPU %u, protected mode outside SMM, 4 bytes at %#x", ATTACKER, attack.seen);
    if (window != OPEN)
        EXPECT_EQ("hidden", attack.seen, 0, "the attacker reads nothing but ones there");
    CONTEXT("CPU %u, SMBASE %#x, forged %#x", VICTIM, own, FORGED_SMBASE);
    entries = r->entries;
    REQUIRE_TRUE("back", smm_trigger_on(VICTIM, SMM_CMD_PING, 0), "the next SMI comes back, too");
    EXPECT_EQ("forged", mmio_read16(FORGED_SMBASE + VISITOR_ENTERED), forged,
              forged ? "open memory is the attacker's: its handler runs in SMM"
                     : "the attacker's handler has not run");
    EXPECT_EQ("own", r->entries - entries, !forged,
              forged ? "and not the firmware's" : "the SMI is taken where the firmware said");
    CONTEXT_CLEAR();
}

#define RACE                                                                                     \
    "QEMU f404220e27: locked SMRAM at 30000h: reads FFh, writes ignored outside SMM; Intel SDM " \
    "vol. 3, 34.11: SMBASE in the save area governs the next SMI"
#define RACE_NEEDS "boot=own smp=3 "

/* The reason for all of it: what the lock is there to prevent does happen without it. */
TEST(attack, race_open,
     "while the default SMBASE is open, a second CPU diverts one that is relocated", SPEC(RACE),
     NEEDS(RACE_NEEDS))
{
    race(OPEN);
}

TEST(attack, race_locked, "at the locked default SMBASE, a second CPU has no say in the relocation",
     SPEC(RACE), NEEDS(RACE_NEEDS "machine>=pc-q35-5.0"))
{
    race(LOCKED);
}

TEST(attack, race_locked_meanwhile,
     "nor if the default SMBASE is locked when the CPU is already in SMM there", SPEC(RACE),
     NEEDS(RACE_NEEDS "machine>=pc-q35-5.0"))
{
    race(LOCKED_MEANWHILE);
}
