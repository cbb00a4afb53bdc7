/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/smi_features.h"

#include "hw/fw_cfg.h"

/* Looks up a file that must be size bytes long. */
static bool find_sized(const char *name, uint32_t size, uint16_t *key)
{
    struct fw_cfg_file file;

    if (!fw_cfg_find(name, &file) || file.size != size)
        return false;
    *key = file.key;
    return true;
}

static bool read_mask(const char *name, uint64_t *mask)
{
    uint16_t key;

    if (!find_sized(name, sizeof(*mask), &key))
        return false;
    fw_cfg_select(key);
    fw_cfg_read(mask, sizeof(*mask));
    return true;
}

bool smi_features_supported(uint64_t *mask)
{
    return read_mask(FW_SMI_FILE_SUPPORTED, mask);
}

uint64_t smi_features_requested(void)
{
    uint64_t mask = 0;

    return read_mask(FW_SMI_FILE_REQUESTED, &mask) ? mask : 0;
}

bool smi_features_request(uint64_t mask, uint8_t *ok)
{
    uint16_t requested;
    uint16_t features_ok;

    if (!find_sized(FW_SMI_FILE_REQUESTED, sizeof(mask), &requested) ||
        !find_sized(FW_SMI_FILE_OK, sizeof(*ok), &features_ok))
        return false;
    if (fw_cfg_dma_write(requested, &mask, sizeof(mask)) != 0)
        return false;
    fw_cfg_select(features_ok);
    fw_cfg_read(ok, sizeof(*ok));
    return true;
}
