/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/reset/after.h"

#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "smm/default_smbase.h"
#include "smm/relocate.h"

#define VECTOR_NMI 2
#define VECTOR_UD  6

#define APIC_BASE_RESET UINT64_C(0xfee00800) /* Intel SDM vol. 3, 10.4.4 */

/* arg: uint64_t for IA32_APIC_BASE */
static uint64_t read_count(void *arg)
{
    *(uint64_t *)arg = rdmsr(MSR_APIC_BASE);
    return rdmsr(MSR_SMI_COUNT);
}

void after_reset_cpus(uint32_t cpus)
{
    struct relocate_context *context = relocate_context_at(DEFAULT_SMBASE);
    uint64_t count = 0, base = 0;

    EXPECT_BITS("smi-en", ich9_smi_en(), ~SMI_EN_EOS, 0, "SMI_EN is 0, EOS apart");
    REQUIRE_TRUE("aps", smp_start_all(), "all APs wait for SIPI, and start");
    memset((void *)(uintptr_t)DEFAULT_SMBASE, 0, SMM_SAVE_OFFSET + SMM_SAVE_SIZE);
    relocate_install(DEFAULT_SMBASE); /* with its gate closed: it only counts */
    ich9_smi_en_write(SMI_EN_APMC_EN | SMI_EN_GBL_SMI_EN);
    for (uint32_t n = 0; n < cpus; n++) {
        CONTEXT("CPU %u", n);
        REQUIRE_TRUE("runs", smp_call(n, read_count, &base, &count), "the CPU runs, outside SMM");
        EXPECT_EQ("apic-base", base, APIC_BASE_RESET | (n ? 0 : APIC_BASE_BSP),
                  "its APIC is on, at FEE00000h, with the BSP flag on the boot CPU");
        EXPECT_EQ("count", count, 0, "MSR_SMI_COUNT is 0");
        REQUIRE_TRUE("returns", smm_trigger_on(n, SMM_CMD_PING, 0), "its first SMI comes back");
        EXPECT_EQ("smbase", context->entered, n + 1, "it was taken at SMBASE 30000h, by it alone");
    }
    CONTEXT_CLEAR();
}

static volatile uint32_t nmis;

static void on_nmi(struct trap_frame *frame)
{
    (void)frame;
    nmis++;
}

static void rsm(void *arg)
{
    (void)arg;
    __asm__ volatile("rsm");
}

void after_reset_bsp(void)
{
    struct trap_caught trap;

    EXPECT_BITS("bsp", rdmsr(MSR_APIC_BASE), APIC_BASE_BSP | APIC_BASE_EXTD, APIC_BASE_BSP,
                "it is the BSP, in xAPIC mode");
    EXPECT_EQ("no-smi", rdmsr(MSR_SMI_COUNT), 0, "it has taken no SMI");
    trap = trap_catch(rsm, NULL);
    EXPECT_TRUE("outside", trap.caught && trap.vector == VECTOR_UD, "it is not in SMM: RSM is #UD");
    nmis = 0;
    irq_set_handler(VECTOR_NMI, on_nmi);
    __asm__ volatile("nop; jmp 1f; 1:" : : : "memory");
    EXPECT_EQ("no-nmi", nmis, 0, "no NMI is left");
    apic_enable();
    apic_send_nmi(smp_apic_id(0));
    __asm__ volatile("nop; jmp 1f; 1:" : : : "memory");
    EXPECT_EQ("nmi", nmis, 1, "and NMIs are not blocked");
    irq_set_handler(VECTOR_NMI, NULL);
}
