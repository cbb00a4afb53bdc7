/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/smram/access.h"

#include "firmware/smm.h"
#include "hw/fw_cfg.h"
#include "hw/io.h"
#include "hw/smi_features.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/smram/edu.h"

void access_add(struct access_list *l, uint32_t address, uint32_t width, const uint8_t *value)
{
    struct access *a = &l->access[l->count];

    if (l->count == ACCESS_MAX)
        ERROR("more than %u accesses in a list", ACCESS_MAX);
    l->count++;
    *a = (struct access){.address = address, .width = width, .write = value};
    if (value)
        memcpy(a->value, value, width);
}

/* One instruction per access.  Runs on both sides. */
static uint64_t SMM_CODE by_cpu(struct smm_cpu *cpu, void *list)
{
    struct access_list *l = list;

    (void)cpu;
    for (uint32_t i = 0; i < l->count; i++) {
        struct access *a = &l->access[i];
        uint64_t value;

        memcpy(&value, a->value, sizeof(value));
        if (a->write) {
            if (a->width == 1)
                mmio_write8(a->address, (uint8_t)value);
            else if (a->width == 2)
                mmio_write16(a->address, (uint16_t)value);
            else if (a->width == 4)
                mmio_write32(a->address, (uint32_t)value);
            else
                mmio_write64(a->address, value);
            continue;
        }
        if (a->width == 1)
            value = mmio_read8(a->address);
        else if (a->width == 2)
            value = mmio_read16(a->address);
        else if (a->width == 4)
            value = mmio_read32(a->address);
        else
            value = mmio_read64(a->address);
        memcpy(a->value, &value, sizeof(value));
    }
    return 0;
}

static uint64_t outside(void *list)
{
    return by_cpu(NULL, list);
}

static uint16_t item_key(void)
{
    static uint16_t key;
    struct fw_cfg_file item;

    if (!key) {
        if (!fw_cfg_has_dma() || !fw_cfg_find(FW_SMI_FILE_REQUESTED, &item))
            ERROR("fw_cfg has no writable item");
        key = item.key;
    }
    return key;
}

/*
 * The device's own memory is a writable item of 8 bytes: a "DMA write" moves guest memory into it,
 * a "DMA read" moves it into guest memory (QEMU docs/specs/fw_cfg).
 */
static void by_fw_cfg(struct access_list *l)
{
    uint16_t key = item_key();

    for (uint32_t i = 0; i < l->count; i++) {
        struct access *a = &l->access[i];
        void *memory = (void *)(uintptr_t)a->address;

        if (fw_cfg_dma_write(key, a->value, sizeof(a->value)))
            ERROR("fw_cfg refuses ordinary RAM");
        if (a->write) {
            a->refused = fw_cfg_dma_read(key, memory, a->width);
            continue;
        }
        a->refused = fw_cfg_dma_write(key, memory, ACCESS_BYTES);
        if (fw_cfg_dma_read(key, a->value, sizeof(a->value)))
            ERROR("fw_cfg refuses ordinary RAM");
    }
}

/* Through the device's buffer, 8 bytes of it for each access. */
static void by_edu(struct access_list *l)
{
    static uint8_t memory[ACCESS_MAX * ACCESS_BYTES];
    uint32_t buffer = (uint32_t)(uintptr_t)memory;
    bool ended = true;

    edu_init();
    for (uint32_t i = 0; i < l->count; i++)
        memcpy(memory + i * ACCESS_BYTES, l->access[i].value, ACCESS_BYTES);
    ended &= edu_read(buffer, 0, sizeof(memory));
    for (uint32_t i = 0; i < l->count; i++) {
        const struct access *a = &l->access[i];

        if (a->write)
            ended &= edu_write(a->address, i * ACCESS_BYTES, a->width);
        else
            ended &= edu_read(a->address, i * ACCESS_BYTES, a->width);
    }
    ended &= edu_write(buffer, 0, sizeof(memory));
    if (!ended)
        ERROR("a transfer of edu does not end");
    for (uint32_t i = 0; i < l->count; i++)
        memcpy(l->access[i].value, memory + i * ACCESS_BYTES, ACCESS_BYTES);
}

static void by_host(struct access_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (!l->access[i].write)
            host_peek(l->access[i].address, l->access[i].value, l->access[i].width);
    }
}

void access_run(enum view view, struct access_list *l)
{
    access_run_on(smp_self(), view, l);
}

void access_run_on(uint32_t n, enum view view, struct access_list *l)
{
    if (view == VIEW_DMA)
        by_fw_cfg(l);
    else if (view == VIEW_EDU)
        by_edu(l);
    else if (view == VIEW_HOST)
        by_host(l);
    else if (view == VIEW_OUTSIDE)
        smp_call(n, outside, l, NULL);
    else if (!smm_run_on(n, by_cpu, l, false).done)
        ERROR("an SMI on CPU %u did not reach our handler", n);
}
