/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMIs that come out of instructions of a special kind: string output, the one behind MOV SS. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "smm/savestate.h"
#include "tests/smi/count.h"

#define BYTES 8U

/* What the SMIs have interrupted, one after the other. */
static struct {
    uint32_t count;
    struct {
        uint64_t ip, cx, si;
    } at[BYTES];
} seen;

static uint64_t SMM_CODE note(struct smm_cpu *cpu, void *arg)
{
    const union smm_save *save = smm_cpu_save(cpu);
    uint32_t n = seen.count;

    (void)arg;
    if (n < BYTES) {
        seen.at[n].ip = smm_save_get(save, SMM_REG_IP);
        seen.at[n].cx = smm_save_get(save, SMM_REG_CX);
        seen.at[n].si = smm_save_get(save, SMM_REG_SI);
    }
    seen.count = n + 1;
    smm_mailbox.run_armed = 1; /* for the next one */
    return 0;
}

extern const uint8_t smi_outs_here[], smi_outs_next[];

/* REP OUTSB of BYTES bytes to APM_CNT; where RSI and RCX end. */
static void __attribute__((noinline))
output_string(const uint8_t *bytes, bool backwards, unsigned long *si, unsigned long *cx)
{
    *si = (unsigned long)(backwards ? bytes + BYTES - 1 : bytes);
    *cx = BYTES;
    if (backwards)
        __asm__ volatile("std" : : : "cc");
    __asm__ volatile(".globl smi_outs_here, smi_outs_next\n"
                     "smi_outs_here: rep outsb\n"
                     "smi_outs_next: jmp 1f; 1: cld"
                     : "+S"(*si), "+c"(*cx)
                     : "d"(APM_CNT)
                     : "memory", "cc");
}

static void check_string(bool backwards)
{
    uint8_t bytes[BYTES];
    unsigned long start, si, cx;

    for (uint32_t i = 0; i < BYTES; i++)
        bytes[i] = (uint8_t)(SMM_CMD_RUN);
    bytes[backwards ? 0 : BYTES - 1] = SMM_CMD_PING;
    start = (unsigned long)(backwards ? bytes + BYTES - 1 : bytes);
    seen.count = 0;
    smi_count_start();
    smm_run_arm(0, note, NULL, false);
    output_string(bytes, backwards, &si, &cx);
    smm_mailbox.run_armed = 0;
    EXPECT_EQ("cx", cx, 0, "RCX ends at 0");
    EXPECT_EQ("si", si, backwards ? start - BYTES : start + BYTES, "and RSI behind the bytes");
    EXPECT_EQ("last", inb(APM_CNT), SMM_CMD_PING, "the last byte is written last");
    EXPECT_RANGE("smis", seen.count, 1, BYTES, "every byte may be an SMI, and one is at least");
    EXPECT_EQ("counted", smi_count_of(0), seen.count, "MSR_SMI_COUNT counts as many");
    for (uint32_t i = 0; i < seen.count && i < BYTES; i++) {
        uint64_t done = BYTES - seen.at[i].cx;
        uint64_t last = i ? BYTES - seen.at[i - 1].cx : 0;

        CONTEXT("%s, SMI %u", backwards ? "backwards" : "forwards", i);
        EXPECT_RANGE("iteration", done, last + 1, BYTES, "it comes behind an iteration of its own");
        EXPECT_EQ("boundary", seen.at[i].si, backwards ? start - done : start + done,
                  "RSI is where RCX says");
        EXPECT_TRUE("ip",
                    seen.at[i].ip == (uintptr_t)smi_outs_here ||
                        (done == BYTES && seen.at[i].ip == (uintptr_t)smi_outs_next),
                    "RIP is at the instruction as long as something is left to do");
    }
    CONTEXT_CLEAR();
}

TEST(smi, string_output, "SMIs by REP OUTSB come between iterations, and each byte is written once",
     SPEC("Intel SDM vol. 3, 34.7.1: an SMI is taken behind a successful iteration; 34.3.1"),
     NEEDS(""))
{
    REQUIRE_SMM();
    check_string(false);
    check_string(true);
}

static struct {
    uint32_t count;
    uint64_t ip;
} interrupt;

static void on_interrupt(struct trap_frame *frame)
{
    interrupt.count++;
    interrupt.ip = frame->ip;
    apic_eoi();
}

static uint64_t SMM_CODE send_interrupt(struct smm_cpu *cpu, void *arg)
{
    seen.at[0].ip = smm_save_get(smm_cpu_save(cpu), SMM_REG_IP);
    (void)arg;
    (void)apic_icr(cpu->apic_id, APIC_DM_FIXED | APIC_ICR_ASSERT | VECTOR_TEST);
    return 0;
}

extern const uint8_t smi_ss_behind[], smi_ss_end[];

TEST(smi, ss_shadow, "an SMI behind MOV SS is taken once, SS is kept, and nothing held for longer",
     SPEC("Intel SDM vol. 3, 34.2: SMI may be blocked for one instruction after MOV SS; 6.8.3"),
     NEEDS(""))
{
    unsigned long before, after;

    REQUIRE_SMM();
    irq_set_handler(VECTOR_TEST, on_interrupt);
    interrupt.count = 0;
    smi_count_start();
    smm_run_arm(0, send_interrupt, NULL, false);
    __asm__ volatile(".globl smi_ss_behind, smi_ss_end\n\t"
                     "mov %%ss, %[before]; sti; nop; mov %[before], %%ss\n\t"
                     "outb %%al, %[port]\n"
                     "smi_ss_behind: nop; nop\n"
                     "smi_ss_end: jmp 1f; 1: cli; mov %%ss, %[after]"
                     : [before] "=&r"(before), [after] "=&r"(after)
                     : "a"((uint8_t)SMM_CMD_RUN), [port] "i"(APM_CNT)
                     : "memory", "cc");
    smm_mailbox.run_armed = 0;
    smi_count_check(SMI_CPU(0));
    EXPECT_EQ("ss", after, before, "SS is what was loaded");
    EXPECT_RANGE("smi", seen.at[0].ip, (uintptr_t)smi_ss_behind, (uintptr_t)smi_ss_end,
                 "the SMI comes behind the OUT");
    EXPECT_EQ("interrupt", interrupt.count, 1, "an interrupt that waits for RSM is taken, once");
    EXPECT_EQ("where", interrupt.ip, seen.at[0].ip, "directly behind RSM: the shadow is over");
    irq_set_handler(VECTOR_TEST, NULL);
}
