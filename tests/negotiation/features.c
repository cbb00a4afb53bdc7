/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/negotiation/features.h"

#include "hw/fw_cfg.h"
#include "kernel/host.h"
#include "kernel/machine.h"
#include "kernel/test.h"
#include "lib/parse.h"

#define BROADCAST FW_SMI_BROADCAST
#define HOTPLUG   (FW_SMI_BROADCAST | FW_SMI_CPU_HOTPLUG)
#define UNPLUG    (FW_SMI_BROADCAST | FW_SMI_CPU_HOTPLUG | FW_SMI_CPU_UNPLUG)

static const struct {
    uint32_t since;
    uint64_t mask;
} offers[] = {
    {MACHINE_VERSION(6, 0), UNPLUG},
    {MACHINE_VERSION(5, 2), HOTPLUG},
    {MACHINE_VERSION(2, 9), BROADCAST},
    {MACHINE_VERSION(0, 0), 0},
};

uint64_t features_of_machine(void)
{
    unsigned int i = 0;

    if (!machine.type_version)
        SKIP("SMBIOS names no machine type of QEMU's own");
    while (machine.type_version < offers[i].since)
        i++;
    return offers[i].mask;
}

bool features_valid(uint64_t mask, uint64_t supported)
{
    if (mask & ~supported)
        return false;
    if (mask & (FW_SMI_CPU_HOTPLUG | FW_SMI_CPU_UNPLUG) && !(mask & FW_SMI_BROADCAST))
        return false;
    return !(mask & FW_SMI_CPU_UNPLUG) || mask & FW_SMI_CPU_HOTPLUG;
}

uint64_t features_require(void)
{
    uint64_t supported;

    if (!smi_features_supported(&supported))
        SKIP("the machine type knows no negotiation");
    return supported;
}

uint8_t features_answer(uint64_t mask)
{
    uint8_t ok = 0xff;

    CONTEXT("request %#llx", (unsigned long long)mask);
    REQUIRE_TRUE("transfer", smi_features_request(mask, &ok), "the request can be made");
    return ok;
}

uint16_t features_key(const char *name)
{
    struct fw_cfg_file file;

    CONTEXT("%s", name);
    REQUIRE_TRUE("file", fw_cfg_find(name, &file), "the file is there");
    CONTEXT_CLEAR();
    return file.key;
}

uint64_t features_requested(void)
{
    struct fw_cfg_file file;

    REQUIRE_TRUE("requested-file", fw_cfg_find(FW_SMI_FILE_REQUESTED, &file),
                 "etc/smi/requested-features is there");
    return smi_features_requested();
}

uint64_t features_in_force(void)
{
    static char answer[64];
    uint64_t mask;

    if (!host_request(answer, sizeof(answer), "qom-get type:ICH9-LPC x-smi-negotiated-features") ||
        !parse_u64(answer, NULL, &mask))
        ERROR("the host cannot read x-smi-negotiated-features: %s", answer);
    return mask;
}
