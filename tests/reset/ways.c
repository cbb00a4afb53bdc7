/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every way to reset the machine, each with CPUs in SMM, asleep and busy, and with events that
 * wait. RST_CNT, port 92h, the keyboard controller and shutdown all are full resets on QEMU, by
 * its own account (hw/isa/lpc_ich9.c, pckbd.c, port92.c); on hardware some only are INIT.
 */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "hw/smi_features.h"
#include "kernel/host.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/stop.h"
#include "kernel/test.h"
#include "tests/block/events.h"
#include "tests/block/inside.h"
#include "tests/negotiation/features.h"
#include "tests/reset/after.h"

#define CPUS 4
#define HERE "firmware=virgin boot=own accel=tcg smp=4 machine>=pc-q35-2.9 host=qom-get"
#define SPECS                                                                              \
    "ICH9 datasheet, RST_CNT, PORT92, RCIN#; Intel SDM vol. 3, Table 9-1, 34.11; Q35 MCH " \
    "datasheet, SMRAM; QEMU 50de920b37"

#define PORT_92          0x92
#define PORT_92_INIT_NOW BIT(0)
#define PORT_92_A20      BIT(1)
#define KBC_DATA         0x60
#define KBC_COMMAND      0x64
#define KBC_WRITE_OUTPUT 0xd1
#define KBC_OUTPUT_RUN   BIT(0) /* 0: reset */
#define KBC_OUTPUT_A20   BIT(1)
#define KBC_PULSE        0xf0 /* bits 3:0: lines of the output port not to pulse */
#define KBC_PULSE_RESET  0xfe
#define PM1_EN_SOME      0x0420 /* RTC_EN, GBL_EN: no event of these is waiting */
#define PM1_CNT_SOME     (PM1_CNT_SCI_EN | PM1_CNT_SLP_TYP(5))
#define MARK             0x7e5e7001U

static volatile uint32_t inside, busy;

static uint64_t SMM_CODE stay(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    inside = 1;
    while (*(volatile uint32_t *)arg)
        cpu_pause();
    return 0;
}

static uint64_t spin(void *arg)
{
    (void)arg;
    cli();
    busy = 1;
    while (busy)
        cpu_pause();
    return 0;
}

/* Everything that a reset has to undo. */
static void prepare(void)
{
    REQUIRE_SMM();
    firmware_lock_smram();
    for (uint32_t n = 0; n < CPUS; n++)
        smm_trigger_on(n, SMM_CMD_PING, 0);
    inside = 1;
    inside_start(1, stay, (void *)(uintptr_t)&inside);
    REQUIRE_TRUE("inside", WAIT_FOR(smm_report_of(smp_apic_id(1))->inside, PATIENCE_MS),
                 "CPU 1 is in SMM");
    apic_send_smi(smp_apic_id(1));
    apic_send_nmi(smp_apic_id(1));
    apic_send_init(smp_apic_id(1));
    REQUIRE_TRUE("asleep", smp_park(2), "CPU 2 sleeps with interrupts off");
    smp_call_start(3, spin, NULL);
    REQUIRE_TRUE("busy", WAIT_FOR(busy, PATIENCE_MS), "CPU 3 spins with interrupts off");
    EXPECT_EQ("negotiated", features_answer(FW_SMI_BROADCAST), 1, "broadcast is in force");
    CONTEXT_CLEAR();
    ich9_smi_en_write(0xffffffff & ~(SMI_EN_SWSMI_TMR_EN | SMI_EN_PERIODIC_EN | SMI_EN_APMC_EN));
    ich9_pm_write16(PM1_EN, PM1_EN_SOME);
    ich9_pm_write16(PM1_CNT, PM1_CNT_SOME);
    ich9_pm_write8(GPE0_EN, 0xff);
    test_set_word(0, MARK + test_boot());
}

static void check(void)
{
    EXPECT_EQ("memory", test_word(0), MARK + test_boot() - 1, "memory is kept");
    EXPECT_EQ("requested", features_requested(), 0, "nothing is requested");
    EXPECT_EQ("in-force", features_in_force(), 0, "and nothing in force");
    EXPECT_EQ("smram", mch_read8(MCH_SMRAM), SMRAM_DEFAULT, "SMRAM is 02h, not locked");
    EXPECT_EQ("esmramc", mch_read8(MCH_ESMRAMC), ESMRAMC_DEFAULT, "ESMRAMC is 38h");
    EXPECT_EQ("pm1-en", ich9_pm_read16(PM1_EN), 0, "PM1_EN is 0");
    EXPECT_BITS("pm1-cnt", ich9_pm_read16(PM1_CNT), PM1_CNT_SOME, 0, "PM1_CNT is 0");
    EXPECT_EQ("gpe0-en", ich9_pm_read8(GPE0_EN), 0, "GPE0_EN is 0");
    EXPECT_BITS("init-now", inb(PORT_92), PORT_92_INIT_NOW, 0, "INIT_NOW is 0");
    EXPECT_EQ("rst-cnt", inb(RST_CNT), 0, "RST_CNT is 0");
    after_reset_bsp();
    after_reset_cpus(CPUS);
}

#define RESETS 2 /* one that has done its work may have left something for the next */

/* Resets the machine in this way, again and again; returns behind the last time. */
static void reset_by(void (*way)(void))
{
    if (test_boot() > 1)
        check();
    if (test_boot() > RESETS)
        return;
    prepare();
    test_announce_reset();
    way();
    if (!WAIT_FOR(false, PATIENCE_MS))
        ERROR("this does not reset the machine");
}

static void by_hard(void)
{
    outb(RST_CNT, RST_CNT_SYS_RST);
    outb(RST_CNT, RST_CNT_SYS_RST | RST_CNT_RST_CPU);
}

static void by_full(void)
{
    outb(RST_CNT, RST_CNT_FULL_RST | RST_CNT_SYS_RST);
    outb(RST_CNT, RST_CNT_FULL_RST | RST_CNT_SYS_RST | RST_CNT_RST_CPU);
}

/* On hardware an INIT. */
static void by_soft(void)
{
    outb(RST_CNT, 0);
    outb(RST_CNT, RST_CNT_RST_CPU);
}

static void by_port_92(void)
{
    outb(PORT_92, inb(PORT_92) | PORT_92_INIT_NOW);
}

/* With another line at the same time, too. */
static void by_keyboard(void)
{
    outb(KBC_COMMAND, test_boot() == 1 ? KBC_PULSE_RESET : KBC_PULSE_RESET & ~BIT(3));
}

static void write_output_port(uint8_t value)
{
    outb(KBC_COMMAND, KBC_WRITE_OUTPUT);
    outb(KBC_DATA, value);
}

static void by_output_port(void)
{
    write_output_port(KBC_OUTPUT_A20);
}

/* No interrupt table: the exception, the one about that, and shutdown. */
static void by_triple_fault(void)
{
    static const struct {
        uint16_t limit;
        unsigned long base;
    } __attribute__((packed)) none = {0, 0};

    __asm__ volatile("lidt %0; ud2" : : "m"(none) : "memory");
}

static void by_host(void)
{
    host_do("reset");
}

static uint64_t SMM_CODE hard_in_smm(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    events_send(&(struct provoke){.smi = 1, .nmi = 1});
    ich9_reset();
}

static void in_smm(void)
{
    /* Of all SMIs only the one by APM_CNT goes to everybody. */
    ich9_smi_en_write(ich9_smi_en() | SMI_EN_APMC_EN);
    smm_mailbox.run_armed = 0;
    smm_run_on(0, hard_in_smm, NULL, true);
}

TEST(reset, hard, "a hard reset brings every CPU and every lock back", SPEC(SPECS), NEEDS(HERE))
{
    reset_by(by_hard);
}

TEST(reset, full, "so does a full reset", SPEC(SPECS), NEEDS(HERE))
{
    reset_by(by_full);
}

TEST(reset, soft, "so does a soft reset, a full reset on QEMU", SPEC(SPECS), NEEDS(HERE))
{
    reset_by(by_soft);
}

TEST(reset, port_92, "so does INIT_NOW, a full reset on QEMU", SPEC(SPECS), NEEDS(HERE))
{
    reset_by(by_port_92);
}

TEST(reset, keyboard, "so does the keyboard controller, a full reset on QEMU", SPEC(SPECS),
     NEEDS(HERE))
{
    reset_by(by_keyboard);
}

TEST(reset, output_port, "so does the keyboard controller's output port, bit 0 written 0",
     SPEC(SPECS "; IBM PC AT Technical Reference, 8042 output port"), NEEDS(HERE))
{
    reset_by(by_output_port);
}

TEST(reset, triple_fault, "so does shutdown, a full reset on QEMU", SPEC(SPECS), NEEDS(HERE))
{
    reset_by(by_triple_fault);
}

TEST(reset, host, "so does the host's", SPEC(SPECS), NEEDS(HERE " host=reset"))
{
    reset_by(by_host);
}

TEST(reset, in_smm, "so does one from inside SMM, with an SMI and an NMI behind it", SPEC(SPECS),
     NEEDS(HERE))
{
    reset_by(in_smm);
}

/* QEMU's main loop resets the machine, and also answers the host: behind an answer there is no
 * reset to come. */
static bool goes_on(void)
{
    char answer[160];

    return host_request(answer, sizeof(answer), "cpus");
}

/* Every command to pulse lines but that of bit 0, and the other bits of port 92h. A reset that is
 * not announced fails the test. */
TEST(reset, none, "pulses of other lines and other bits of port 92h reset nothing",
     SPEC("IBM PC AT Technical Reference, 8042: commands F0h to FFh, bit 0 is the reset line; ICH9 "
          "datasheet, PORT92: INIT_NOW"),
     NEEDS("firmware=virgin boot=own smm=any host=cpus"))
{
    for (uint8_t lines = 1; lines < 16; lines += 2) {
        outb(KBC_COMMAND, KBC_PULSE | lines);
        (void)inb(KBC_COMMAND);
    }
    write_output_port(KBC_OUTPUT_RUN | KBC_OUTPUT_A20);
    EXPECT_TRUE("keyboard", goes_on(), "the keyboard controller pulses other lines only");
    for (unsigned int value = 0; value < 0x100; value += 2)
        outb(PORT_92, (uint8_t)(PORT_92_A20 | value));
    EXPECT_TRUE("port-92", goes_on(), "INIT_NOW alone resets");
}
