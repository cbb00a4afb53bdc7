/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts and exceptions in a handler that stays in big real mode (vectors.asm). */
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"

/* Below 1 MiB, where nothing else lies: SMBASE + 8000h is 60000h. */
#define SMBASE 0x58000U
#define TABLE  0x62000U

extern const uint8_t block_vectors[], block_vectors_end[], block_vectors_table[],
    block_vectors_apic[], block_vectors_apic_id[], block_vectors_home[], block_vectors_seen[],
    block_vectors_finished[];

static uint64_t SMM_CODE set_smbase(struct smm_cpu *cpu, void *arg)
{
    smm_save_set(smm_cpu_save(cpu), SMM_REG_SMBASE, (uintptr_t)arg);
    return 0;
}

static uint8_t *at(const uint8_t *label)
{
    return (uint8_t *)(uintptr_t)(SMBASE + SMM_ENTRY_OFFSET + (uint32_t)(label - block_vectors));
}

TEST(block, real_mode_vectors,
     "INT n, exceptions and interrupts use a real-mode table in a handler in real mode",
     SPEC("Intel SDM vol. 3, 34.6; AMD APM vol. 2, 10.3.3"), NEEDS(""))
{
    volatile uint8_t *seen = at(block_vectors_seen);
    struct smm_cpu_report *report;
    unsigned long cr0 = read_cr0(), cr4 = read_cr4();
    uint32_t entries;

    REQUIRE_SMM();
    report = smm_report_of(smp_apic_id(0));
    memset((void *)(uintptr_t)TABLE, 0, 0x400);
    memcpy(at(block_vectors), block_vectors, (uint32_t)(block_vectors_end - block_vectors));
    *(uint32_t *)at(block_vectors_table) = TABLE;
    *(uint32_t *)at(block_vectors_apic) = (uint32_t)(rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDRESS);
    *(uint32_t *)at(block_vectors_apic_id) = apic_id();
    *(uint32_t *)at(block_vectors_home) = report->smbase;
    smm_run(set_smbase, (void *)(uintptr_t)SMBASE);
    entries = report->entries;
    write_cr4(cr4 | CR4_OSFXSR);
    write_cr0(cr0 | CR0_MP | CR0_EM | CR0_TS);
    apm_write(SMM_CMD_PING, 0);
    write_cr0(cr0);
    write_cr4(cr4);
    EXPECT_EQ("int", seen[0], 1, "INT n reaches its handler, and IRET returns from there");
    EXPECT_EQ("ud", seen[1], 1, "#UD does");
    EXPECT_EQ("intr", seen[2], 1, "a maskable interrupt does, once IF is set");
    EXPECT_EQ("sse", seen[3], 1, "with CR4 = 0 an SSE instruction is #UD, whatever was before");
    EXPECT_EQ("x87", seen[4], 0, "with EM and TS cleared an x87 instruction is not #NM");
    EXPECT_EQ("nmi.held", seen[5], 0, "an NMI in SMM is held");
    EXPECT_EQ("nmi.iret", seen[6], 1, "until the first IRET, in real mode as well");
    EXPECT_EQ("nmi.open", seen[7], 3, "the next one comes at once, and one more behind it");
    EXPECT_EQ("nmi.nested", seen[8], 0,
              "but not in its handler: delivery blocks NMIs until IRET, in SMM too (6.7.1)");
    EXPECT_EQ("finished", *(volatile uint8_t *)at(block_vectors_finished), 1,
              "the SMI handler comes to its RSM");
    EXPECT_EQ("elsewhere", report->entries, entries, "all of it at an SMBASE below 1 MiB");
    apm_write(SMM_CMD_PING, 0);
    EXPECT_EQ("home", report->entries, entries + 1, "and the next SMI is taken at the old one");
}
