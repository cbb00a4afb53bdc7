/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU offers to the firmware, by machine type and by property. */
#include "hw/fw_cfg.h"
#include "hw/smi_features.h"
#include "kernel/test.h"

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

TEST(negotiation, offers_none, "machine types up to 2.8 know no negotiation",
     SPEC("QEMU commit b8bab8eb69: broadcast SMI from pc-q35-2.9 on"), NEEDS("machine<pc-q35-2.9"))
{
    expect_absent();
}

TEST(negotiation, offers_broadcast, "machine types 2.9 to 5.1 offer broadcast",
     SPEC("QEMU commits b8bab8eb69 and 00dc02d284"),
     NEEDS("machine>=pc-q35-2.9 machine<pc-q35-5.2"))
{
    expect_supported(FW_SMI_BROADCAST);
}

TEST(negotiation, offers_hotplug, "machine type 5.2 offers broadcast and CPU hotplug",
     SPEC("QEMU commits 00dc02d284 and 7ed3e1ebcb"),
     NEEDS("machine>=pc-q35-5.2 machine<pc-q35-6.0"))
{
    expect_supported(FW_SMI_BROADCAST | FW_SMI_CPU_HOTPLUG);
}

TEST(negotiation, offers_unplug, "machine types from 6.0 on offer CPU hot-unplug too",
     SPEC("QEMU commit 7ed3e1ebcb"), NEEDS("machine>=pc-q35-6.0"))
{
    expect_supported(FW_SMI_BROADCAST | FW_SMI_CPU_HOTPLUG | FW_SMI_CPU_UNPLUG);
}

TEST(negotiation, property_hotplug_off, "features switched off by property are not offered",
     SPEC("QEMU commits 50de920b37 and 00dc02d284: supported = device properties"),
     NEEDS("machine>=pc-q35-2.9 global=ICH9-LPC.x-smi-cpu-hotplug=off "
           "global=ICH9-LPC.x-smi-cpu-hotunplug=off"))
{
    expect_supported(FW_SMI_BROADCAST);
}

TEST(negotiation, property_all_off, "without any feature there are no negotiation files",
     SPEC("QEMU hw/isa/lpc_ich9.c, ich9_lpc_pm_init(): as before 2.9"),
     NEEDS("global=ICH9-LPC.x-smi-broadcast=off global=ICH9-LPC.x-smi-cpu-hotplug=off "
           "global=ICH9-LPC.x-smi-cpu-hotunplug=off"))
{
    expect_absent();
}
