/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The instruction behind STI, with and without an SMI there. */
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/test.h"
#include "tests/block/events.h"

extern const uint8_t block_shadow_in[], block_shadow_out[], block_shadow_smi[], block_shadow_end[];

TEST(block, shadow, "an interrupt that waits for STI comes behind the instruction that follows it",
     SPEC("Intel SDM vol. 2, STI; vol. 3, 6.8.1"), NEEDS(""))
{
    REQUIRE_SMM();
    events_begin();
    events_send(&(struct provoke){.intr = 1});
    EXPECT_EQ("pending", events.count[EVENT_INTR], 0, "it waits while IF is 0");
    __asm__ volatile(".globl block_shadow_in, block_shadow_out\n"
                     "sti; block_shadow_in: nop; block_shadow_out: nop; jmp 1f; 1: nop; cli"
                     :
                     :
                     : "memory");
    events_end();
    EXPECT_EQ("once", events.count[EVENT_INTR], 1, "it is delivered, once");
    EXPECT_EQ("behind", events.ip[EVENT_INTR], (uintptr_t)block_shadow_out,
              "after one more instruction");
}

TEST(block, shadow_smi, "an SMI from the instruction behind STI neither loses nor doubles anything",
     SPEC("Intel SDM vol. 3, 34.2: whether the shadow holds an SMI is not stated; Table 6-2"),
     NEEDS(""))
{
    uint64_t count;

    REQUIRE_SMM();
    events_begin();
    events_send(&(struct provoke){.intr = 1});
    count = rdmsr(MSR_SMI_COUNT);
    __asm__ volatile(".globl block_shadow_smi, block_shadow_end\n"
                     "sti; block_shadow_smi: outb %0, %1; jmp 1f; 1: nop; jmp 2f; 2: nop;"
                     "block_shadow_end: cli"
                     :
                     : "a"((uint8_t)SMM_CMD_PING), "i"(APM_CNT)
                     : "memory");
    events_end();
    EXPECT_EQ("smi", rdmsr(MSR_SMI_COUNT), count + 1, "the SMI is taken, once");
    EXPECT_EQ("once", events.count[EVENT_INTR], 1, "the interrupt is delivered, once");
    EXPECT_RANGE("behind", events.ip[EVENT_INTR], (uintptr_t)block_shadow_smi + 1,
                 (uintptr_t)block_shadow_end, "behind the instruction that follows STI");
}
