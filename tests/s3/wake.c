/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the firmware finds when it wakes: the platform as after a reset, memory as it was. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cmos.h"
#include "hw/cpu.h"
#include "hw/cpuhp.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/host.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/block/inside.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/negotiation/features.h"
#include "tests/reset/after.h"
#include "tests/s3/s3.h"
#include "tests/s3/states.h"
#include "tests/smi/count.h"

#define HERE "firmware=virgin boot=own accel=tcg host=wakeup "
#define CPUS 3
/* The second time may find what the first one has left. */
#define SLEEPS 2

#define PM1_STS_RTC BIT(10)

/* Each time anew. */
static void check_woken(void)
{
    uint16_t status = ich9_pm_read16(PM1_STS);

    EXPECT_BITS("wak", status, PM1_STS_WAK, PM1_STS_WAK, "WAK_STS is set");
    /* QEMU lets a wake-up by the host look like one by the power button (hw/acpi/core.c). */
    EXPECT_BITS("source", status, PM1_STS_RTC, 0, "it was not the RTC");
    EXPECT_EQ("pm1-en", ich9_pm_read16(PM1_EN), 0, "PM1_EN is 0");
    EXPECT_BITS("slp-en", ich9_pm_read16(PM1_CNT), PM1_CNT_SLP_EN, 0, "SLP_EN reads 0");
    ich9_pm_write16(PM1_STS, PM1_STS_WAK);
    EXPECT_BITS("clears", ich9_pm_read16(PM1_STS), PM1_STS_WAK, 0, "writing 1 clears WAK_STS");
    EXPECT_EQ("rst-cnt", inb(RST_CNT), 0, "RST_CNT is 0");
    EXPECT_EQ("shutdown", cmos_read(CMOS_SHUTDOWN), CMOS_SHUTDOWN_S3,
              "the CMOS tells the firmware that this is a resume");
}

TEST(s3, wake_status, "after a wake-up WAK_STS is set, and PM1 else as after a reset",
     SPEC(S3 "ICH9 datasheet, PM1_STS: WAK_STS, RST_CNT; edk2 and QEMU: CMOS 0Fh"),
     NEEDS(HERE "smm=any"))
{
    CONTEXT("boot %u", test_boot());
    if (test_boot() == 1)
        EXPECT_BITS("before", ich9_pm_read16(PM1_STS), PM1_STS_WAK, 0, "WAK_STS is clear before");
    else
        check_woken();
    CONTEXT_CLEAR();
    if (test_boot() <= SLEEPS) {
        outb(RST_CNT, RST_CNT_SYS_RST);
        cmos_write(CMOS_SHUTDOWN, 0);
        ich9_pm_write16(PM1_EN, 0);
        s3_suspend();
    }
}

/* In so many seconds, or up to one less. */
static void set_alarm(uint8_t seconds)
{
    uint8_t now;

    (void)WAIT_FOR(!(cmos_read(CMOS_REG_A) & CMOS_REG_A_UIP), PATIENCE_MS);
    now = cmos_read(CMOS_SECONDS);
    now = (uint8_t)(((now >> 4) * 10 + (now & 0xf) + seconds) % 60);
    cmos_write(CMOS_SECONDS_ALARM, (uint8_t)((now / 10) << 4 | now % 10));
    cmos_write(CMOS_MINUTES_ALARM, CMOS_ALARM_ANY);
    cmos_write(CMOS_HOURS_ALARM, CMOS_ALARM_ANY);
    (void)cmos_read(CMOS_REG_C);
}

TEST(s3, wake_rtc, "the alarm of the RTC wakes the machine, and RTC_STS says so",
     SPEC(S3 "4.8.2.4 Real Time Clock Alarm; ICH9 datasheet, PM1_STS: RTC_STS, WAK_STS; MC146818A"),
     NEEDS("firmware=virgin boot=own accel=tcg smm=any"))
{
    uint16_t status;

    if (test_boot() == 1) {
        set_alarm(3); /* one that came before we sleep would not wake */
        cmos_write(CMOS_REG_B, cmos_read(CMOS_REG_B) | CMOS_REG_B_AIE);
        ich9_pm_write16(PM1_EN, PM1_STS_RTC);
        s3_sleep();
    }
    status = ich9_pm_read16(PM1_STS);
    EXPECT_BITS("wak", status, PM1_STS_WAK, PM1_STS_WAK, "WAK_STS is set");
    EXPECT_BITS("source", status, PM1_STS_RTC | PM1_STS_PWRBTN, PM1_STS_RTC, "it was the RTC");
    cmos_write(CMOS_REG_B, cmos_read(CMOS_REG_B) & (uint8_t)~CMOS_REG_B_AIE);
    ich9_pm_write16(PM1_STS, PM1_STS_RTC);
    EXPECT_BITS("clears", ich9_pm_read16(PM1_STS), PM1_STS_WAK | PM1_STS_RTC, PM1_STS_WAK,
                "writing 1 clears RTC_STS, and nothing else");
}

#define PATTERN_BYTES (4U << 20)

static uint32_t word(uint32_t at)
{
    return at * 0x9e3779b1U ^ 0x53330001U;
}

TEST(s3, memory, "memory is kept, SMRAM's as well, which then is ordinary memory",
     SPEC(S3 "Q35 MCH datasheet, SMRAM, ESMRAMC: defaults after reset"), NEEDS(HERE))
{
    uint32_t base = mch_low_ram_top() - PATTERN_BYTES, bad = 0, boot = test_boot();

    CONTEXT("boot %u", boot);
    if (boot > 1) {
        for (uint32_t at = base; at < base + PATTERN_BYTES; at += 4)
            bad += mmio_read32(at) != word(at) + boot - 1;
        EXPECT_EQ("kept", bad, 0, "every word below the end of low RAM is there");
        EXPECT_EQ("smram", mch_read8(MCH_SMRAM), SMRAM_DEFAULT, "SMRAM is 02h");
        EXPECT_EQ("esmramc", mch_read8(MCH_ESMRAMC), ESMRAMC_DEFAULT, "ESMRAMC is 38h");
    }
    if (boot <= SLEEPS) {
        for (uint32_t at = base; at < base + PATTERN_BYTES; at += 4)
            mmio_write32(at, word(at) + boot);
        mch_write8(MCH_ESMRAMC, ESMRAMC_T_EN | ESMRAMC_TSEG_SZ_2M);
        mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_LCK);
        EXPECT_EQ("hidden", mmio_read32(base + PATTERN_BYTES - 4), 0xffffffff,
                  "TSEG is hidden before");
        s3_suspend();
    }
    CONTEXT_CLEAR();
}

TEST(s3, negotiation, "the negotiation starts over, whatever was in force",
     SPEC(S3 "QEMU commit 50de920b37: until reset; edk2 replays it on resume"),
     NEEDS(HERE "host=qom-get machine>=pc-q35-2.9 smp=2"))
{
    uint64_t supported = features_require();
    bool again = test_boot() == 2;

    CONTEXT("boot %u", test_boot());
    EXPECT_EQ("requested", features_requested(), 0, "nothing is requested");
    EXPECT_EQ("in-force", features_in_force(), 0, "nothing is in force");
    REQUIRE_SMM();
    smi_count_start();
    smm_trigger_on(0, SMM_CMD_PING, 0);
    smi_count_check(SMI_CPU(0));
    EXPECT_EQ("refused", features_answer(BIT_64(63)), 0, "an invalid set is refused");
    EXPECT_EQ("accepted", features_answer(again ? FW_SMI_BROADCAST : supported), 1,
              "a valid set is accepted, be it another one than before");
    CONTEXT("boot %u", test_boot());
    smi_count_start();
    smm_trigger_on(0, SMM_CMD_PING, 0);
    smi_count_check(SMI_ALL_CPUS);
    CONTEXT_CLEAR();
    if (!again)
        s3_suspend();
    EXPECT_EQ("set", features_in_force(), FW_SMI_BROADCAST, "and it is that one");
}

static uint64_t SMM_CODE stay(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    *(volatile uint32_t *)arg = 1;
    while (*(volatile uint32_t *)arg)
        cpu_pause();
    return 0;
}

TEST(s3, cpus, "every CPU wakes with SMBASE 30000h and no SMI behind it, one that was in SMM too",
     SPEC(S3 "Intel SDM vol. 3, 34.11; vol. 4, MSR_SMI_COUNT; 9.1"), NEEDS(HERE "smp=3"))
{
    static volatile uint32_t inside;

    if (test_boot() > 1)
        after_reset_cpus(CPUS);
    if (test_boot() <= SLEEPS) {
        REQUIRE_SMM();
        inside_start(1, stay, (void *)(uintptr_t)&inside);
        REQUIRE_TRUE("inside", WAIT_FOR(inside, PATIENCE_MS), "CPU 1 is in SMM");
        apic_send_smi(smp_apic_id(1)); /* latched there */
        s3_suspend();
    }
}

TEST(s3, plugged, "plugged CPUs are the machine's over S3, with no event but those not cleared",
     SPEC(S3 "QEMU docs/specs/acpi_cpu_hotplug"), NEEDS(SPARSE HERE "smm=any host=plug,cpus"))
{
    uint8_t flags[SPARSE_SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED, [4] = CPUHP_ENABLED};

    if (test_boot() == 1) {
        slots_begin();
        slots_plug(4);
        slots_control(4, CPUHP_INSERT);
        s3_suspend();
    }
    REQUIRE_TRUE("modern", cpuhp_modern_enable(), "the modern interface is there");
    slots_expect("flags", flags, SPARSE_SLOTS, "the plugged CPU is there, no event is pending");
    slots_expect_host("host", flags, SPARSE_SLOTS, "the host's list agrees");
    slots_expect_number("number", 3, "firmware counts it");
    REQUIRE_TRUE("starts", smp_start_all() && smp_cpus() == 3, "it starts with the others");
    EXPECT_NE("apic-id", smp_find(sparse_id(4)), UINT32_MAX, "with its APIC id");
}

static uint8_t s3_state(void)
{
    uint8_t states[SLEEP_STATES];

    sleep_states_read(states);
    return states[3];
}

#define STATES "QEMU hw/acpi/core.c, etc/system-states: bit 7 offers the state, 6:0 its SLP_TYP"

TEST(s3, offered, "the firmware is offered S3, with its sleep type", SPEC(STATES), NEEDS("smm=any"))
{
    EXPECT_EQ("s3", s3_state(), 0x81, "S3 is there, SLP_TYP 1");
}

TEST(s3, not_offered, "with disable_s3 it is not", SPEC(STATES "; property disable_s3"),
     NEEDS("smm=any global=ICH9-LPC.disable_s3=1"))
{
    EXPECT_EQ("s3", s3_state(), 0x01, "S3 is not offered");
}
