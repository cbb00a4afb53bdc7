/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU offers to the firmware, by machine type and by property. */
#include "hw/fw_cfg.h"
#include "hw/smi_features.h"
#include "kernel/test.h"
#include "tests/negotiation/features.h"

static void expect_supported(uint64_t wanted)
{
    uint64_t mask;

    REQUIRE_TRUE("file", smi_features_supported(&mask),
                 "etc/smi/supported-features is there, 8 bytes");
    EXPECT_EQ("mask", mask, wanted, "exactly these features are offered");
}

static void expect_absent(void)
{
    static const char *const names[] = {FW_SMI_FILE_SUPPORTED, FW_SMI_FILE_REQUESTED,
                                        FW_SMI_FILE_OK};

    REQUIRE_TRUE("fw-cfg", fw_cfg_file_count() > 0, "there is a file directory to look into");
    for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct fw_cfg_file file;

        CONTEXT("%s", names[i]);
        EXPECT_TRUE("absent", !fw_cfg_find(names[i], &file), "there is no such file");
    }
    CONTEXT_CLEAR();
}

void features_expect_offers(void)
{
    uint64_t wanted = features_of_machine();

    if (wanted)
        expect_supported(wanted);
    else
        expect_absent();
}

TEST(negotiation, offers, "every machine type offers the features of its version, no other one",
     SPEC("QEMU commits b8bab8eb69 (none before 2.9, broadcast), 00dc02d284 (5.2: CPU hotplug) and "
          "7ed3e1ebcb (6.0: CPU hot-unplug)"),
     NEEDS("boot=own"))
{
    features_expect_offers();
}

TEST(negotiation, property_hotplug_off, "features switched off by property are not offered",
     SPEC("QEMU commits 50de920b37 and 00dc02d284: supported = device properties"),
     NEEDS("machine>=pc-q35-2.9 global=ICH9-LPC.x-smi-cpu-hotplug=off "
           "global=ICH9-LPC.x-smi-cpu-hotunplug=off"))
{
    expect_supported(FW_SMI_BROADCAST);
}

TEST(negotiation, property_unplug_off, "each property switches its own feature off: hot-unplug",
     SPEC("QEMU commits 00dc02d284 and 7ed3e1ebcb: supported = device properties"),
     NEEDS("machine>=pc-q35-5.2 boot=own global=ICH9-LPC.x-smi-cpu-hotunplug=off"))
{
    expect_supported(features_of_machine() & ~FW_SMI_CPU_UNPLUG);
}

TEST(negotiation, property_broadcast_off, "each property switches its own feature off: broadcast",
     SPEC("QEMU commit 5ce45c7a2b: supported = device properties"),
     NEEDS("machine>=pc-q35-5.2 boot=own global=ICH9-LPC.x-smi-broadcast=off"))
{
    expect_supported(features_of_machine() & ~FW_SMI_BROADCAST);
}

TEST(negotiation, property_all_off, "without any feature there are no negotiation files",
     SPEC("QEMU hw/isa/lpc_ich9.c, ich9_lpc_pm_init(): as before 2.9"),
     NEEDS("global=ICH9-LPC.x-smi-broadcast=off global=ICH9-LPC.x-smi-cpu-hotplug=off "
           "global=ICH9-LPC.x-smi-cpu-hotunplug=off"))
{
    expect_absent();
}
