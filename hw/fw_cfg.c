/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/fw_cfg.h"

#include "hw/io.h"
#include "lib/string.h"

/* The specification permits asynchronous transfers; QEMU has finished when the write returns. */
#define DMA_POLLS 10000000U

/* An absent device reads as zeros or ones: neither may become a huge directory. */
#define MAX_FILES 0x4000U

bool fw_cfg_present(void)
{
    char signature[4];

    fw_cfg_select(FW_CFG_SIGNATURE);
    fw_cfg_read(signature, sizeof(signature));
    return memcmp(signature, "QEMU", sizeof(signature)) == 0;
}

uint32_t fw_cfg_version(void)
{
    uint32_t features;

    fw_cfg_select(FW_CFG_ID);
    fw_cfg_read(&features, sizeof(features));
    return features;
}

bool fw_cfg_has_dma(void)
{
    uint64_t signature;

    if (!fw_cfg_present() || !(fw_cfg_version() & FW_CFG_ID_DMA))
        return false;
    signature = (uint64_t)__builtin_bswap32(inl(FW_CFG_DMA_HIGH)) << 32;
    signature |= __builtin_bswap32(inl(FW_CFG_DMA_LOW));
    return signature == FW_CFG_DMA_SIGNATURE;
}

void fw_cfg_select(uint16_t key)
{
    outw(FW_CFG_SELECTOR, key);
}

void fw_cfg_read(void *buf, size_t len)
{
    uint8_t *bytes = buf;

    while (len--)
        *bytes++ = inb(FW_CFG_DATA);
}

uint32_t fw_cfg_file_count(void)
{
    uint32_t count;

    if (!fw_cfg_present())
        return 0;
    fw_cfg_select(FW_CFG_FILE_DIR);
    fw_cfg_read(&count, sizeof(count));
    count = __builtin_bswap32(count);
    return count <= MAX_FILES ? count : 0;
}

/* Reads the entry at the current offset. */
static void read_entry(struct fw_cfg_file *out)
{
    fw_cfg_read(out, sizeof(*out));
    out->size = __builtin_bswap32(out->size);
    out->key = __builtin_bswap16(out->key);
    out->reserved = __builtin_bswap16(out->reserved);
    out->name[FW_CFG_NAME_MAX - 1] = '\0';
}

bool fw_cfg_file_at(uint32_t index, struct fw_cfg_file *out)
{
    if (index >= fw_cfg_file_count())
        return false;
    /* fw_cfg_file_count() left the offset at the first entry. */
    do {
        read_entry(out);
    } while (index--);
    return true;
}

bool fw_cfg_find(const char *name, struct fw_cfg_file *out)
{
    for (uint32_t left = fw_cfg_file_count(); left; left--) {
        read_entry(out);
        if (strcmp(out->name, name) == 0)
            return true;
    }
    return false;
}

uint32_t fw_cfg_dma_raw(uint64_t descriptor_address, volatile uint32_t *control)
{
    uint32_t word = 0;

    outl(FW_CFG_DMA_HIGH, __builtin_bswap32((uint32_t)(descriptor_address >> 32)));
    outl(FW_CFG_DMA_LOW, __builtin_bswap32((uint32_t)descriptor_address));
    if (control == NULL)
        return 0;
    for (uint32_t polls = DMA_POLLS; polls; polls--) {
        word = __builtin_bswap32(*control);
        if (!(word & ~FW_CFG_DMA_ERROR))
            break;
        cpu_pause();
    }
    return word;
}

int fw_cfg_dma(uint32_t control, void *buf, uint32_t len)
{
    struct fw_cfg_dma descriptor = {
        .control = __builtin_bswap32(control),
        .length = __builtin_bswap32(len),
        .address = __builtin_bswap64((uintptr_t)buf),
    };

    /* The device reads what the pointer does not show to the compiler. */
    __asm__ volatile("" : : "r"(&descriptor), "r"(buf) : "memory");
    return (int)fw_cfg_dma_raw((uintptr_t)&descriptor, &descriptor.control);
}

int fw_cfg_dma_read(uint16_t key, void *buf, uint32_t len)
{
    return fw_cfg_dma(FW_CFG_DMA_KEY(key) | FW_CFG_DMA_SELECT | FW_CFG_DMA_READ, buf, len);
}

int fw_cfg_dma_write(uint16_t key, const void *buf, uint32_t len)
{
    return fw_cfg_dma(FW_CFG_DMA_KEY(key) | FW_CFG_DMA_SELECT | FW_CFG_DMA_WRITE, (void *)buf, len);
}
