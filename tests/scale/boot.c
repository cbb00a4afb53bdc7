/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machines that boot with many CPUs: each goes through SMM alone, and every way to
 * reach one reaches that one. More than 255 need x2APIC, which TCG has since QEMU 9.0.
 */
#include <stddef.h>

#include "firmware/hotplug.h"
#include "firmware/smm.h"
#include "hw/deadline.h"
#include "hw/ich9.h"
#include "hw/smi_features.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/steps.h"
#include "tests/scale/ids.h"
#include "tests/scale/remap.h"
#include "tests/scale/roads.h"

#define MANY                                                                                 \
    "Intel SDM vol. 3, 34.11, 34.13 (SMBASE), 10.6 (IPIs), 10.12 (x2APIC); QEMU 5ce45c7a2b " \
    "(broadcast), 3c23402d40 (SMI to the writing CPU)"
/* The kernel's word size does not matter to what reaches whom: one architecture has to do. */
#define ONCE  "arch=x86_64 boot=own thread=single timeout=60 "
#define LARGE "boot=own group=large mem=512 "

static uint64_t SMM_CODE count_inside(struct smm_cpu *cpu, void *arg)
{
    uint32_t *inside = arg;

    (void)cpu;
    *inside = 0;
    for (uint32_t i = 0; i < smm_state.cpus; i++)
        *inside += smm_mailbox.cpu[i].inside;
    return 0;
}

/* All CPUs wait in SMM while the monarch works. */
static void check_meeting(void)
{
    static uint32_t inside;
    struct smm_sync *s = &smm_mailbox.sync;
    uint32_t done = s->done;

    s->pull_in = false;
    s->sure = smp_cpus();
    s->patience_ms = SETTLE_MS;
    s->work = count_inside;
    s->argument = &inside;
    s->mode = SMM_SYNC_TRADITIONAL;
    smm_trigger_on(smp_self(), SMM_CMD_PING, 0);
    REQUIRE_TRUE("meeting", WAIT_FOR(s->done != done, 4 * PATIENCE_MS), "the monarch gets to work");
    EXPECT_EQ("joined", s->joined, smp_cpus(), "all CPUs have come into SMM before");
    EXPECT_EQ("inside", inside, smp_cpus(), "and none has left");
}

/* Boot, relocation, and SMIs to the writing CPU, to one and to all. */
static void boot_many(uint32_t cpus, bool x2apic)
{
    uint64_t supported = 0;

    REQUIRE_SMM();
    REQUIRE_EQ("cpus", smp_cpus(), cpus, "all CPUs have started, no other");
    slots_expect_number("number", cpus, "fw_cfg and the CMOS count them");
    if (x2apic)
        roads_x2apic();
    step_boot_cpus_relocated();
    ids_check();
    step_smi_reach(false);
    roads_check_each(false);
    if (x2apic)
        roads_check_each(true);
    roads_check_all();
    roads_check_shorthands();
    roads_check_nobody();
    if (!smi_features_supported(&supported) || !(supported & FW_SMI_BROADCAST)) {
        SKIP_CHECK("broadcast", "the machine type offers no broadcast SMI");
        return;
    }
    REQUIRE_TRUE("broadcast", firmware_negotiate(FW_SMI_BROADCAST), "broadcast is negotiated");
    step_smi_reach(true);
    check_meeting();
}

TEST(scale, boot_64, "64 CPUs: each has its SMBASE, and every SMI and IPI reaches whom it is for",
     SPEC(MANY), NEEDS(ONCE "smp=64"))
{
    boot_many(64, false);
    /* Each side of the boundary between the words of a bitmap of APIC ids. */
    roads_restart(smp_find(31));
    roads_restart(smp_find(32));
    roads_restart(smp_find(63));
}

TEST(scale, boot_65_sparse, "the same where sockets of 13 CPUs leave gaps in the APIC ids",
     SPEC(MANY "; 8.9.1: whole bits a field"), NEEDS(ONCE "smp=65 sockets=5 cores=13"))
{
    boot_many(65, false);
    roads_restart(smp_find(0x4c));
}

TEST(scale, boot_64_x2apic, "the same in x2APIC mode, by logical ids too: four clusters",
     SPEC(MANY), NEEDS(ONCE "smp=64 cpu=max qemu>=9.0"))
{
    boot_many(64, true);
    roads_restart(smp_find(63));
}

TEST(scale, boot_255, "255 CPUs, as many as xAPIC mode has ids for", SPEC(MANY),
     NEEDS(LARGE "smp=255 sockets=255 cores=1 timeout=180"))
{
    boot_many(255, false);
}

TEST(scale, boot_288,
     "288 CPUs: the highest ids need x2APIC mode, and remapping for a device's SMI",
     SPEC(MANY "; VT-d 5.1.4"),
     NEEDS(LARGE "smp=288 sockets=9 cores=32 cpu=max qemu>=9.0 accel=tcg timeout=240 "
                 "device=intel-iommu,intremap=on,eim=on"))
{
    boot_many(288, true);
    remap_check_each();
}

TEST(scale, boot_1024, "1024 CPUs", SPEC(MANY),
     NEEDS(LARGE "smp=1024 cpu=max qemu>=9.0 machine>=pc-q35-9.0 timeout=900"))
{
    boot_many(1024, true);
}
