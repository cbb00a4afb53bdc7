/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AMD's global interrupt flag. */
#include "hw/cpu.h"
#include "kernel/test.h"
#include "tests/block/events.h"

TEST(block, gif, "while GIF is 0 external SMIs and NMIs are held; STGI lets them through",
     SPEC("AMD APM vol. 2, Table 15-10 Effect of the GIF on Interrupt Handling, 15.22.3"),
     NEEDS("cpu=max"))
{
    uint32_t before, held, nmi;

    REQUIRE_SMM();
    if (!cpu_has_svm())
        SKIP("the CPU model has no SVM");
    for (uint32_t sent = 1; sent <= 2; sent++) {
        CONTEXT("%u sent", sent);
        wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
        events_begin();
        before = (uint32_t)rdmsr(MSR_SMI_COUNT);
        clgi();
        events_send(&(struct provoke){.smi = sent, .nmi = sent});
        held = (uint32_t)rdmsr(MSR_SMI_COUNT);
        nmi = events.count[EVENT_NMI];
        stgi();
        wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(uint64_t)EFER_SVME);
        events_end();
        EXPECT_EQ("smi.held", held, before, "no SMI is taken while GIF is 0");
        EXPECT_EQ("smi.taken", rdmsr(MSR_SMI_COUNT), before + 1, "one is taken after STGI");
        EXPECT_EQ("nmi.held", nmi, 0, "no NMI is delivered while GIF is 0");
        EXPECT_EQ("nmi.delivered", events.count[EVENT_NMI], 1, "one is delivered after STGI");
    }
}
