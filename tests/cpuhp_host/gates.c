/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU refuses to plug or unplug a CPU behind the back of a firmware that has all
 * CPUs meet in SMM but never said that it can deal with CPUs that come or go.
 */
#include "hw/cpuhp.h"
#include "hw/fw_cfg.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/smi_features.h"
#include "kernel/host.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"

#define GATES "QEMU c5be7517d6 (device_add), b48ad7c02b (device_del)"
#define HERE  SPARSE "host=plug,unplug,cpus "

#define NO_PLUG   "cpu hotplug with SMI wasn't enabled by firmware"
#define NO_UNPLUG "cpu hot-unplug with SMI wasn't enabled by firmware"

static void negotiate(uint64_t features)
{
    uint64_t supported = 0;
    uint8_t ok = 0;

    if (!smi_features_supported(&supported) || (supported & features) != features)
        SKIP("the machine type offers SMI features %#llx only", (unsigned long long)supported);
    REQUIRE_TRUE("negotiate", smi_features_request(features, &ok) && ok == 1,
                 "the features are accepted and in force (QEMU 50de920b37)");
}

static void expect_quiet(const uint8_t *flags, uint32_t cpus)
{
    slots_expect("unchanged", flags, SPARSE_SLOTS, "what is refused leaves no event behind");
    slots_expect_scan("unchanged-scan", flags, SPARSE_SLOTS);
    EXPECT_EQ("no-gpe", ich9_pm_read8(GPE0_STS), 0, "nor a GPE");
    slots_expect_host("host", flags, SPARSE_SLOTS, "nor a CPU in the host's list");
    slots_expect_number("number", cpus, "nor one in the number of CPUs");
}

TEST(cpuhp_host, gate_broadcast,
     "broadcast without CPU hotplug: device_add and device_del are refused", SPEC(GATES),
     NEEDS(HERE "qemu>=5.2"))
{
    uint8_t flags[SPARSE_SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED};

    slots_begin();
    negotiate(FW_SMI_BROADCAST);
    slots_refused("plug-refused", "GenericError", NO_PLUG, "plug", 4,
                  "QEMU refuses the plug and says that the firmware did not enable it");
    slots_refused("unplug-refused", "GenericError", NO_UNPLUG, "unplug", 1,
                  "QEMU refuses the unplug and says that the firmware did not enable it");
    expect_quiet(flags, 2);
}

TEST(cpuhp_host, gate_legacy, "the same while the legacy registers are in force", SPEC(GATES),
     NEEDS(HERE "qemu>=5.2 qemu<11.0"))
{
    uint8_t flags[SPARSE_SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED};

    if (!host_init())
        ERROR("there is no host on COM2");
    negotiate(FW_SMI_BROADCAST);
    slots_refused("plug-refused", "GenericError", NO_PLUG, "plug", 4,
                  "QEMU refuses the plug and says that the firmware did not enable it");
    EXPECT_EQ("bitmap", inb(CPUHP_BASE), 3, "the bitmap has the boot CPUs only");
    REQUIRE_TRUE("modern", cpuhp_modern_enable(), "the modern interface can be switched on");
    expect_quiet(flags, 2);
}

TEST(cpuhp_host, gate_hotplug, "with CPU hotplug but not unplug: only device_del is refused",
     SPEC(GATES), NEEDS(HERE "qemu>=5.2"))
{
    uint8_t flags[SPARSE_SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED};

    slots_begin();
    negotiate(FW_SMI_BROADCAST | FW_SMI_CPU_HOTPLUG);
    slots_plug(4);
    slots_control(4, CPUHP_INSERT);
    ich9_pm_write8(GPE0_STS, GPE0_CPU_HOTPLUG);
    flags[4] = CPUHP_ENABLED;
    slots_refused("unplug-refused", "GenericError", NO_UNPLUG, "unplug", 4,
                  "QEMU refuses the unplug and says that the firmware did not enable it");
    slots_refused("unplug-refused", "GenericError", NO_UNPLUG, "unplug", 1, "for every CPU");
    expect_quiet(flags, 3);
}

/* Both are accepted and leave their events. */
static void expect_open(void)
{
    uint8_t flags[SPARSE_SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED};

    slots_plug(3);
    slots_unplug(3);
    slots_unplug(1);
    flags[1] = CPUHP_ENABLED | CPUHP_REMOVE;
    flags[3] = CPUHP_ENABLED | CPUHP_INSERT | CPUHP_REMOVE;
    slots_expect("events", flags, SPARSE_SLOTS, "device_add and device_del leave their events");
}

TEST(cpuhp_host, gate_unplug, "with CPU hotplug and unplug negotiated, both are accepted",
     SPEC(GATES), NEEDS(HERE "qemu>=6.0"))
{
    slots_begin();
    negotiate(FW_SMI_BROADCAST | FW_SMI_CPU_HOTPLUG | FW_SMI_CPU_UNPLUG);
    expect_open();
}

TEST(cpuhp_host, gate_nothing, "without any negotiation both are accepted", SPEC(GATES),
     NEEDS(HERE))
{
    slots_begin();
    expect_open();
}

TEST(cpuhp_host, gate_requested, "features that are requested but not validated refuse nothing",
     SPEC(GATES "; 50de920b37: requested-features has no direct effect"), NEEDS(HERE))
{
    uint64_t features = FW_SMI_BROADCAST;
    struct fw_cfg_file file;

    slots_begin();
    if (!fw_cfg_find(FW_SMI_FILE_REQUESTED, &file))
        SKIP("the machine type offers no SMI features");
    REQUIRE_EQ("requested", (uint32_t)fw_cfg_dma_write(file.key, &features, sizeof(features)), 0,
               "requested-features can be written");
    expect_open();
}

TEST(cpuhp_host, gate_after_reset, "a reset takes the refusals back together with the features",
     SPEC(GATES "; 50de920b37: the features are locked until reset"),
     NEEDS(HERE "firmware=virgin qemu>=5.2"))
{
    if (test_boot() == 1) {
        slots_begin();
        negotiate(FW_SMI_BROADCAST);
        slots_refused("plug-refused", "GenericError", NO_PLUG, "plug", 4, "refused at first");
        test_announce_reset();
        ich9_reset();
    }
    cpuhp_modern_enable();
    expect_open();
}
