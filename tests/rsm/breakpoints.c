/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Breakpoints around SMM. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/io.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/entry/scene.h"
#include "tests/rsm/db.h"

#define DR7_WRITE0 (0xdU << 16) /* DR0: writes to four bytes */
#define DR6_B0     BIT(0)

static uint32_t watched;

static uint64_t SMM_CODE touch(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    ++*(volatile uint32_t *)arg;
    return 0;
}

static struct smm_run_result touch_in_smm(void)
{
    rsm_db_begin(0);
    write_dr0((uintptr_t)&watched);
    write_dr7(DR7_RESET | DR7_G0 | DR7_WRITE0);
    return smm_run_on(smp_self(), touch, &watched, true);
}

TEST(rsm, breakpoint_inside, "breakpoints of the interrupted code do not trigger in SMM",
     SPEC("Intel SDM vol. 3, 34.5.1, 34.6, Table 34-4: DR7 is 400h"), NEEDS(""))
{
    struct smm_run_result r;

    REQUIRE_SMM();
    r = touch_in_smm();
    rsm_db_end();
    EXPECT_TRUE("inside", r.done && !r.caught, "no #DB where the handler writes the watched word");
    EXPECT_EQ("outside", rsm_db.count, 0, "nor after RSM");
}

TEST(rsm, breakpoint_outside, "RSM brings DR7 back, and the breakpoints with it",
     SPEC("Intel SDM vol. 3, 34.4.1: DR7 is saved; 34.6"), NEEDS(""))
{
    REQUIRE_SMM();
    touch_in_smm();
    EXPECT_EQ("before", rsm_db.count, 0, "no #DB before the watched word is written");
    *(volatile uint32_t *)&watched = 1;
    EXPECT_EQ("once", rsm_db.count, 1, "writing it after RSM triggers the breakpoint, once");
    EXPECT_BITS("dr6", rsm_db.dr6, 0xf, DR6_B0, "and it is breakpoint 0");
    write_dr7(DR7_RESET);
    *(volatile uint32_t *)&watched = 2;
    EXPECT_EQ("off", rsm_db.count, 1, "DR7 = 400h turns it off");
    rsm_db_end();
}

static uint64_t SMM_CODE write_dr7_in_smm(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    write_dr7(DR7_RESET | 0xffff0000); /* other types and lengths, none enabled */
    return 0;
}

TEST(rsm, dr7_written,
     "a handler may write DR7: RSM brings the interrupted code's breakpoints back",
     SPEC("Intel SDM vol. 3, 34.6: debug facilities may be used in SMM; 34.4.1: DR7 is saved"),
     NEEDS("boot=own"))
{
    REQUIRE_SMM();
    for (int i = 0; i < 3; i++) {
        rsm_db_begin(0);
        write_dr0((uintptr_t)&watched);
        write_dr7(DR7_RESET | DR7_G0 | DR7_WRITE0);
        smm_run(write_dr7_in_smm, NULL);
        EXPECT_EQ("dr7", read_dr7(), DR7_RESET | DR7_G0 | DR7_WRITE0, "DR7 is as before the SMI");
        *(volatile uint32_t *)&watched = 1;
        EXPECT_EQ("once", rsm_db.count, 1, "and the breakpoint triggers, once");
        rsm_db_end();
        *(volatile uint32_t *)&watched = 2;
        EXPECT_EQ("off", rsm_db.count, 1, "until it is turned off");
    }
}

#define PORT_UNUSED 0x80         /* POST codes: read and written without effect */
#define DR7_IO0     (0x2U << 16) /* DR0: I/O, one byte; needs CR4.DE */

static uint64_t SMM_CODE read_port(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return inb(PORT_UNUSED);
}

TEST(rsm, breakpoint_io, "an I/O breakpoint does not trigger in SMM, and does so again after RSM",
     SPEC("Intel SDM vol. 3, 34.5.1, 34.4.1: DR7 and CR4 are saved; 17.2.4"), NEEDS(""))
{
    unsigned long cr4 = read_cr4();
    struct smm_run_result r;

    REQUIRE_SMM();
    rsm_db_begin(0);
    write_cr4(cr4 | CR4_DE);
    write_dr0(PORT_UNUSED);
    write_dr7(DR7_RESET | DR7_G0 | DR7_IO0);
    inb(PORT_UNUSED);
    EXPECT_EQ("before", rsm_db.count, 1, "it triggers before the SMI, once");
    r = smm_run_on(smp_self(), read_port, NULL, true);
    EXPECT_TRUE("inside", r.done && !r.caught, "no #DB where the handler reads the port");
    EXPECT_EQ("not_yet", rsm_db.count, 1, "nor directly after RSM");
    inb(PORT_UNUSED);
    EXPECT_EQ("after", rsm_db.count, 2, "after RSM it triggers, once");
    write_cr4(cr4);
    rsm_db_end();
}

TEST(rsm, dr7_gd, "RSM restores DR7 whether or not the handler has left DR7.GD set",
     SPEC("Intel SDM vol. 3, 17.2.4: GD is about MOV to and from debug registers; 34.4.1"),
     NEEDS("boot=own"))
{
    struct scene_result r;

    REQUIRE_SMM();
    scene_play(SCENE_REAL, SCENE_SMI, 0, WITNESS_GUARDED, NULL, &r);
    EXPECT_EQ("taken", r.smi[0].count, 1, "the SMI is taken");
    EXPECT_EQ("no_db", r.vector, SCENE_DONE, "RSM goes on with the interrupted code, not to #DB");
    if (r.vector == SCENE_DONE)
        EXPECT_EQ("dr7", r.dr7, r.loaded.dr7, "DR7 is the interrupted code's");
}
