/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a CPU waits for and what it watches, over a migration. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/memory.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "smm/default_smbase.h"
#include "smm/relocate.h"
#include "tests/block/events.h"
#include "tests/migrate/migrate.h"
#include "tests/rsm/db.h"

#define HERE "host=migrate boot=own accel=tcg "

static uint32_t touch(void)
{
    rsm_db.count = 0;
    rsm_db_touch();
    return rsm_db.count;
}

TEST(migrate, breakpoints,
     "breakpoints that are armed are so on the other side, and can be taken off",
     SPEC(MIGRATION "Intel SDM vol. 3, 17.2"), NEEDS(HERE "smm=any"))
{
    rsm_db_begin(0);
    rsm_db_arm();
    EXPECT_EQ("before", touch(), 2, "execution and writing are #DB");
    migrate();
    EXPECT_EQ("behind", touch(), 2, "on the other side they are");
    write_dr7(DR7_RESET);
    EXPECT_EQ("off", touch(), 0, "and are not when DR7 says so");
    rsm_db_end();
}

#define PORT_UNUSED 0x80         /* POST codes: read without effect */
#define DR7_IO0     (0x2U << 16) /* DR0: I/O, one byte; needs CR4.DE */

TEST(migrate, breakpoint_io, "an I/O breakpoint that is armed is so on the other side",
     SPEC(MIGRATION "Intel SDM vol. 3, 17.2.4"), NEEDS(HERE "smm=any"))
{
    unsigned long cr4 = read_cr4();

    rsm_db_begin(0);
    write_cr4(cr4 | CR4_DE);
    write_dr0(PORT_UNUSED);
    write_dr7(DR7_RESET | DR7_G0 | DR7_IO0);
    inb(PORT_UNUSED);
    EXPECT_EQ("before", rsm_db.count, 1, "reading the port is #DB");
    migrate();
    inb(PORT_UNUSED);
    EXPECT_EQ("behind", rsm_db.count, 2, "on the other side it is");
    write_dr7(DR7_RESET);
    inb(PORT_UNUSED);
    EXPECT_EQ("off", rsm_db.count, 2, "and is not when DR7 says so");
    write_cr4(cr4);
    rsm_db_end();
}

TEST(migrate, gif, "with GIF 0 an SMI and an NMI are held on the other side too, until STGI",
     SPEC(MIGRATION "AMD APM vol. 2, Table 15-10"), NEEDS(HERE "cpu=max"))
{
    uint32_t before, held, nmi;

    REQUIRE_SMM();
    if (!cpu_has_svm())
        SKIP("the CPU model has no SVM");
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
    events_begin();
    before = (uint32_t)rdmsr(MSR_SMI_COUNT);
    clgi();
    events_send(&(struct provoke){.smi = 1, .nmi = 1});
    migrate();
    held = (uint32_t)rdmsr(MSR_SMI_COUNT);
    nmi = events.count[EVENT_NMI];
    stgi();
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(uint64_t)EFER_SVME);
    events_end();
    EXPECT_EQ("smi.held", held, before, "the SMI is held");
    EXPECT_EQ("smi.taken", rdmsr(MSR_SMI_COUNT), before + 1, "and taken after STGI, once");
    EXPECT_EQ("nmi.held", nmi, 0, "the NMI is held");
    EXPECT_EQ("nmi.delivered", events.count[EVENT_NMI], 1, "and delivered after STGI, once");
}

TEST(migrate, first_smi, "a count of one SMI is that on the other side",
     SPEC(MIGRATION "Intel SDM vol. 4, MSR_SMI_COUNT (34h)"), NEEDS(HERE "firmware=virgin"))
{
    memset((void *)(uintptr_t)DEFAULT_SMBASE, 0, SMM_SAVE_OFFSET + SMM_SAVE_SIZE);
    relocate_install(DEFAULT_SMBASE); /* with its gate closed: it does nothing but count */
    ich9_smi_en_write(ich9_smi_en() | SMI_EN_APMC_EN | SMI_EN_GBL_SMI_EN);
    REQUIRE_EQ("none", rdmsr(MSR_SMI_COUNT), 0, "no SMI has been taken since the reset");
    smm_trigger_on(0, SMM_CMD_PING, 0);
    EXPECT_EQ("before", rdmsr(MSR_SMI_COUNT), 1, "MSR_SMI_COUNT is 1");
    migrate();
    EXPECT_EQ("behind", rdmsr(MSR_SMI_COUNT), 1, "it is 1 on the other side");
    smm_trigger_on(0, SMM_CMD_PING, 0);
    EXPECT_EQ("on", rdmsr(MSR_SMI_COUNT), 2, "and counts on");
}
