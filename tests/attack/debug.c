/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debug registers: breakpoints that the operating system sets do not stop SMM. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "lib/trap.h"
#include "tests/attack/target.h"

/* DR7: breakpoint 0 enabled globally; R/W and LEN fields (Intel SDM vol. 3, 17.2.4). */
#define DR7_L0      BIT(0)
#define DR7_EXECUTE (0U << 16)
#define DR7_WRITE   (1U << 16 | 3U << 18) /* 4 bytes */
#define DR7_ACCESS  (3U << 16 | 3U << 18)

/* The dispatcher, as a place in SMM's code. */
void smm_main(struct smm_cpu *cpu);

/*
 * The attacker's vectors: in SMM with paging off, an exception would go through IDTR as in real
 * mode, to four bytes each at its base.  All of them lead to code that leaves a mark and SMM.
 * Segment 0, so that it is found by a CPU that ignores CS, too.
 */
#define HOSTILE_PAGE 0x0b000U
#define HOSTILE_CODE (HOSTILE_PAGE + 0x800U)
#define HOSTILE_MARK 0xa5

/* mov al, HOSTILE_MARK; out APM_STS, al; rsm: the same in 16-, 32- and 64-bit code. */
static const uint8_t hostile_code[] = {0xb0, HOSTILE_MARK, 0xe6, APM_STS, 0x0f, 0xaa};

static void make_hostile_vectors(void)
{
    uint16_t *vectors = (uint16_t *)(uintptr_t)HOSTILE_PAGE;

    for (uint32_t v = 0; v < 256; v++) {
        vectors[2 * v] = HOSTILE_CODE;
        vectors[2 * v + 1] = 0;
    }
    memcpy((void *)(uintptr_t)HOSTILE_CODE, hostile_code, sizeof(hostile_code));
}

struct outcome {
    bool hostile;     /* the hostile code ran, in SMM, as its RSM was none else */
    uint32_t entries; /* times that our handler did */
    uint32_t dr7;     /* behind the SMI; 0: reading it was #DB, because of GD */
};

static void take_dr7(void *arg)
{
    *(uint32_t *)arg = (uint32_t)read_dr7();
}

/* An SMI with these debug registers and the hostile vectors in place; nothing else may hit. */
static struct outcome smi_with(uint32_t command, uint32_t dr0, uint32_t dr7)
{
    struct smm_cpu_report *report = smm_report_of(smp_apic_id(smp_self()));
    struct descriptor_pointer own;
    struct descriptor_pointer hostile = {.limit = 0x3ff, .base = HOSTILE_PAGE};
    unsigned long flags = irq_save();
    struct outcome o = {.entries = report->entries};

    __asm__ volatile("sidt %0" : "=m"(own));
    __asm__ volatile("lidt %0" : : "m"(hostile));
    write_dr6(DR6_RESET);
    write_dr0(dr0);
    write_dr7(dr7 | DR7_RESET);
    apm_write((uint8_t)command, 0);
    __asm__ volatile("lidt %0" : : "m"(own));
    /* The exception that GD raises clears it. */
    if (trap_catch(take_dr7, &o.dr7).caught)
        o.dr7 = 0;
    write_dr7(DR7_RESET);
    irq_restore(flags);
    o.hostile = inb(APM_STS) == HOSTILE_MARK;
    o.entries = report->entries - o.entries;
    return o;
}

static void check(const char *what, uint32_t address, uint32_t dr7)
{
    struct outcome o = smi_with(SMM_CMD_PING, address, dr7);

    CONTEXT("%s breakpoint at %#x, DR7 %#x", what, address, dr7 | DR7_RESET);
    EXPECT_TRUE("no-debug-exception", !o.hostile, "the breakpoint does not fire in SMM");
    EXPECT_EQ("handled", o.entries, 1, "the SMI handler runs to its end, once");
    EXPECT_EQ("dr7", o.dr7, dr7 | DR7_RESET, "DR7 is what it was after RSM");
    CONTEXT_CLEAR();
}

static uint32_t own_smbase(void)
{
    return smm_report_of(smp_apic_id(smp_self()))->smbase;
}

#define DEBUG                                                                             \
    "Intel SDM vol. 3, 34.4-34.6 and Table 34-4: DR7 is 400h in SMM, so breakpoints are " \
    "inhibited; AMD APM vol. 2, 10.3.3"

TEST(attack, code_breakpoints, "a breakpoint on SMM's code does not fire in SMM", SPEC(DEBUG),
     NEEDS("boot=own"))
{
    uint32_t entry;

    target_prepare();
    make_hostile_vectors();
    entry = own_smbase() + SMM_ENTRY_OFFSET;
    check("global code", entry, DR7_G0 | DR7_EXECUTE);
    check("local code", entry, DR7_L0 | DR7_EXECUTE);
    check("global code", (uint32_t)(uintptr_t)smm_main, DR7_G0 | DR7_EXECUTE);
    EXPECT_TARGET_UNTOUCHED("untouched", "SMRAM is unchanged");
}

TEST(attack, data_breakpoints, "a breakpoint on SMM's data does not fire in SMM", SPEC(DEBUG),
     NEEDS("boot=own"))
{
    uint32_t entry, save;

    target_prepare();
    make_hostile_vectors();
    entry = own_smbase() + SMM_ENTRY_OFFSET;
    save = own_smbase() + SMM_SAVE_OFFSET;
    check("access", entry + SMM_TILE_CPU_OFFSET, DR7_G0 | DR7_ACCESS);
    check("write", save + 0xfc, DR7_G0 | DR7_WRITE);
    check("access", save + 0xfc, DR7_L0 | DR7_ACCESS);
    EXPECT_TARGET_UNTOUCHED("untouched", "SMRAM is unchanged");
}

/* Returns DR7 as SMM finds it; reads and writes all of them. */
static uint64_t SMM_CODE use_debug_registers(struct smm_cpu *cpu, void *arg)
{
    unsigned long dr7 = read_dr7();

    (void)cpu;
    (void)arg;
    write_dr6(read_dr6());
    write_dr0(read_dr0());
    write_dr7(dr7);
    return dr7;
}

/* General detect: any access to a debug register is #DB (Intel SDM vol. 3, 17.2.4). */
TEST(attack, general_detect, "DR7.GD of the operating system does not reach into SMM",
     SPEC(DEBUG "; 17.2.4: GD"), NEEDS("boot=own"))
{
    struct smm_mailbox *m = &smm_mailbox;
    struct outcome o;

    target_prepare();
    make_hostile_vectors();
    m->run_apic_id = smp_apic_id(smp_self());
    m->run_function = use_debug_registers;
    m->run_catch = 1;
    m->run_done = 0;
    m->run_armed = 1;
    o = smi_with(SMM_CMD_RUN, 0, DR7_GD);
    EXPECT_TRUE("no-debug-exception", !o.hostile, "entering SMM raises no #DB");
    EXPECT_EQ("handled", o.entries, 1, "the SMI handler runs to its end, once");
    EXPECT_TRUE("used", m->run_done && !m->run_caught,
                "SMM reads and writes debug registers without #DB");
    EXPECT_BITS("dr7", m->run_result, DR7_GD, 0, "GD is clear in SMM");
    EXPECT_TRUE("gd-again", !o.dr7 || o.dr7 == (DR7_RESET | DR7_GD),
                "GD is set again behind RSM, and makes the next access #DB");
    m->run_armed = 0;
    EXPECT_TARGET_UNTOUCHED("untouched", "SMRAM is unchanged");
}
