/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nothing that raises an SMI on other machines does on one without SMM. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/ioapic.h"
#include "hw/smi_features.h"
#include "kernel/alarm.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/smi/line.h"
#include "tests/smm_off/smm_off.h"

TEST(smm_off, idle,
     "a machine without SMM has taken no SMI before and behind the start of its CPUs",
     SPEC(OFF_SPEC), NEEDS(OFF_NEEDS))
{
    off_begin();
    off_check_none();
}

TEST(smm_off, apm_cnt, "no command at APM_CNT is an SMI", SPEC(OFF_SPEC), NEEDS(OFF_NEEDS))
{
    off_begin();
    for (unsigned int command = 0; command < 256; command++)
        apm_write((uint8_t)command, 0);
    off_check_none();
}

/* On one CPU: several that took it would share the default SMBASE. */
TEST(smm_off, apm_cnt_broadcast, "nor is one with broadcast negotiated", SPEC(OFF_SPEC),
     NEEDS(OFF_NEEDS_ONE "machine>=pc-q35-2.9"))
{
    uint8_t ok;

    off_begin();
    if (!smi_features_request(FW_SMI_BROADCAST, &ok) || ok != 1)
        SKIP("the machine does not negotiate broadcast without SMM");
    apm_write(0, 0);
    off_check_none();
}

TEST(smm_off, enables, "nor with any of the enables in SMI_EN", SPEC(OFF_SPEC), NEEDS(OFF_NEEDS))
{
    off_begin();
    ich9_smi_en_write(~(SMI_EN_SWSMI_TMR_EN | SMI_EN_PERIODIC_EN));
    EXPECT_BITS("set", ich9_smi_en(), SMI_EN_APMC_EN | SMI_EN_GBL_SMI_EN,
                SMI_EN_APMC_EN | SMI_EN_GBL_SMI_EN, "both enables of APM_CNT are set");
    apm_write(0, 0);
    off_check_none();
}

static void send(uint32_t dest, uint32_t low)
{
    REQUIRE_TRUE("sent", apic_icr(dest, low | APIC_DM_SMI | APIC_ICR_ASSERT), "the IPI is sent");
}

TEST(smm_off, ipi, "no interprocessor message with delivery mode SMI is one", SPEC(OFF_SPEC),
     NEEDS(OFF_NEEDS))
{
    off_begin();
    CONTEXT("to the other CPU");
    send(smp_apic_id(1), 0);
    off_check_none();
    CONTEXT("to itself");
    send(smp_apic_id(0), 0);
    off_check_none();
    CONTEXT("all excluding self");
    send(0, APIC_ICR_OTHERS);
    off_check_none();
    CONTEXT_CLEAR();
}

TEST(smm_off, ioapic, "no message of the I/O APIC with delivery mode SMI is one", SPEC(OFF_SPEC),
     NEEDS(OFF_NEEDS "accel=tcg"))
{
    off_begin();
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        CONTEXT("to CPU %u", n);
        line_prepare();
        ioapic_set_rte(LINE_IRQ, IOAPIC_RTE_DEST(smp_apic_id(n)) | APIC_DM_SMI);
        line_raise();
        ioapic_set_rte(LINE_IRQ, IOAPIC_RTE_MASKED);
        line_lower(); /* before anything is printed: the line is COM1's */
        off_check_none();
    }
    CONTEXT_CLEAR();
}

TEST(smm_off, lint1, "LINT1 is none, whatever the local vector table says", SPEC(OFF_SPEC),
     NEEDS(OFF_NEEDS "accel=tcg host=nmi"))
{
    off_begin();
    apic_write(APIC_LVT_LINT1, APIC_DM_SMI);
    host_do("nmi");
    off_check_none();
}

TEST(smm_off, tco, "a write to TCO_DAT_IN is none, whatever TCO_EN says", SPEC(OFF_SPEC),
     NEEDS(OFF_NEEDS))
{
    off_begin();
    ich9_smi_en_write(SMI_EN_GBL_SMI_EN | SMI_EN_TCO_EN);
    ich9_pm_write8(TCO_DAT_IN, 1);
    off_check_none();
}

TEST(smm_off, tco_timeout, "the timeout of the watchdog is none", SPEC(OFF_SPEC),
     NEEDS(OFF_NEEDS "icount=6 global=ICH9-LPC.noreboot=on"))
{
    off_begin();
    alarm_init();
    ich9_smi_en_write(SMI_EN_GBL_SMI_EN | SMI_EN_TCO_EN);
    ich9_pm_write16(TCO1_CNT, 0);
    ich9_pm_write16(TCO_RLD, 1);
    alarm_sleep(4000000);
    EXPECT_BITS("timeout", ich9_pm_read16(TCO1_STS), TCO1_STS_TIMEOUT, TCO1_STS_TIMEOUT,
                "the time is over");
    ich9_pm_write16(TCO1_CNT, TCO1_CNT_TMR_HLT);
    off_check_none();
}

TEST(smm_off, timers, "neither the software nor the periodic timer of SMI_EN raises one",
     SPEC(OFF_SPEC), NEEDS(OFF_NEEDS "icount=6 machine>=pc-q35-9.2"))
{
    off_begin();
    alarm_init();
    ich9_write16(ICH9_GEN_PMCON_1, GEN_PMCON_1_PER_SMI_SEL); /* 8 s */
    ich9_smi_en_write(SMI_EN_GBL_SMI_EN | SMI_EN_SWSMI_TMR_EN);
    alarm_sleep(2000);
    ich9_smi_en_write(SMI_EN_GBL_SMI_EN | SMI_EN_PERIODIC_EN);
    alarm_sleep(9000000);
    ich9_smi_en_write(0);
    off_check_none();
}
