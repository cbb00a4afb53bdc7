/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What does not wake a machine from S3. */
#include <stddef.h>

#include "firmware/hotplug.h"
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/deadline.h"
#include "hw/smi_features.h"
#include "kernel/host.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "tests/reset/after.h"
#include "tests/s3/s3.h"

#define HERE       "firmware=virgin boot=own accel=tcg smp=3 host=wakeup,events "
#define CPUS       3
#define VECTOR_NMI 2
#define NMIS       0 /* test_word() */

static void check_slept(void)
{
    char events[160];

    REQUIRE_TRUE("events", host_request(events, sizeof(events), "events"), "the host tells");
    EXPECT_TRUE("asleep", strstr(events, "STILL_ASLEEP") != NULL,
                "the machine sleeps on behind it");
    after_reset_bsp();
    after_reset_cpus(CPUS);
}

static void on_nmi(struct trap_frame *frame)
{
    (void)frame;
    test_set_word(NMIS, test_word(NMIS) + 1);
}

TEST(s3, nmi_asleep, "an NMI neither wakes the machine nor is it left behind the wake-up",
     SPEC(S3 "ICH9 datasheet, \"Causes of Wake Events\": no NMI; Intel SDM vol. 3, 9.1"),
     NEEDS(HERE "host=nmi"))
{
    if (test_boot() == 1) {
        test_set_word(NMIS, 0);
        irq_set_handler(VECTOR_NMI, on_nmi);
        apic_enable();
        apic_write(APIC_LVT_LINT1, APIC_DM_NMI);
        host_do("nmi");
        REQUIRE_TRUE("delivered", WAIT_FOR(test_word(NMIS) == 1, PATIENCE_MS),
                     "an NMI by the host is delivered");
        s3_suspend_disturbed("nmi");
    }
    EXPECT_EQ("not-taken", test_word(NMIS), 1, "no CPU has taken it while the machine slept");
    check_slept();
}

TEST(s3, smi_asleep, "nor does an SMI, and is not left behind either",
     SPEC(S3 "ICH9 datasheet, \"Causes of Wake Events\": no SMI; Intel SDM vol. 3, 34.11"),
     NEEDS(HERE "machine>=pc-q35-2.9"))
{
    if (test_boot() == 1) {
        REQUIRE_SMM();
        REQUIRE_TRUE("broadcast", firmware_negotiate(FW_SMI_BROADCAST), "broadcast is in force");
        s3_suspend_disturbed("o /b 0xb2 0x10"); /* APM_CNT, by no CPU: an SMI for all */
    }
    check_slept();
}
