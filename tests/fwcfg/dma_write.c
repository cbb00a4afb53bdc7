/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing through the DMA interface of fw_cfg, on the one file of 8 bytes that every Q35 machine
 * since 2.9 lets the guest write without a direct effect: etc/smi/requested-features.
 */
#include "hw/fw_cfg.h"
#include "hw/io.h"
#include "hw/smi_features.h"
#include "kernel/test.h"
#include "lib/string.h"

#define FILE_SIZE 8U

static const uint8_t base[FILE_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8};

/* The key of the file; also gives it a known content. */
static uint16_t writable_file(void)
{
    struct fw_cfg_file file;

    if (!fw_cfg_has_dma() || !fw_cfg_find(FW_SMI_FILE_REQUESTED, &file))
        SKIP("the machine type has no file that can be written (pc-q35-2.9 is the first)");
    REQUIRE_EQ("size", file.size, FILE_SIZE, "the file takes 64 bits");
    REQUIRE_EQ("prepare", fw_cfg_dma_write(file.key, base, sizeof(base)), 0,
               "the file can be written");
    return file.key;
}

static void expect_content(uint16_t key, const uint8_t *wanted)
{
    uint8_t content[FILE_SIZE];

    fw_cfg_select(key);
    fw_cfg_read(content, sizeof(content));
    EXPECT_MEM("content", content, wanted, sizeof(content), "the file holds what it should");
}

static void put_zeros(uint16_t key)
{
    static const uint8_t zeros[FILE_SIZE];

    fw_cfg_dma_write(key, zeros, sizeof(zeros));
}

TEST(fwcfg, dma_write, "a write inside the item is done, at the current offset",
     SPEC("QEMU docs/specs/fw_cfg, \"Guest-side DMA Interface\""), NEEDS("machine>=pc-q35-2.9"))
{
    static const uint8_t wanted[FILE_SIZE] = {1, 2, 3, 4, 0xaa, 0xbb, 0xcc, 8};
    static uint8_t patch[] = {0xaa, 0xbb, 0xcc};
    uint16_t key = writable_file();

    CONTEXT("whole item");
    expect_content(key, base);

    CONTEXT("3 bytes at offset 4");
    EXPECT_EQ("skip",
              fw_cfg_dma(FW_CFG_DMA_KEY(key) | FW_CFG_DMA_SELECT | FW_CFG_DMA_SKIP, NULL, 4), 0,
              "skipping succeeds");
    EXPECT_EQ("write", fw_cfg_dma(FW_CFG_DMA_WRITE, patch, sizeof(patch)), 0, "the write succeeds");
    EXPECT_EQ("offset", inb(FW_CFG_DATA), 8, "the offset moves on behind it");
    expect_content(key, wanted);
    CONTEXT_CLEAR();
    put_zeros(key);
}

TEST(fwcfg, dma_write_beyond, "a write that does not fit the item is dropped entirely",
     SPEC("QEMU docs/specs/fw_cfg, \"Guest-side DMA Interface\": truncated writes"),
     NEEDS("machine>=pc-q35-2.9"))
{
    static const struct {
        uint32_t offset;
        uint32_t len;
    } writes[] = {{0, 9}, {0, 4096}, {4, 5}, {7, 2}, {8, 1}, {100, 1}, {1, 0xffffffff}};
    static uint8_t data[4096];
    uint16_t key = writable_file();

    memset(data, 0xee, sizeof(data));
    for (unsigned int i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
        CONTEXT("%u bytes at offset %u", writes[i].len, writes[i].offset);
        EXPECT_EQ("skip",
                  fw_cfg_dma(FW_CFG_DMA_KEY(key) | FW_CFG_DMA_SELECT | FW_CFG_DMA_SKIP, NULL,
                             writes[i].offset),
                  0, "skipping succeeds");
        EXPECT_EQ("refused", fw_cfg_dma(FW_CFG_DMA_WRITE, data, writes[i].len), FW_CFG_DMA_ERROR,
                  "the error bit, and it alone, is set");
        expect_content(key, base);
    }
    CONTEXT_CLEAR();
    put_zeros(key);
}

TEST(fwcfg, dma_write_read_only, "a write to a read-only item is refused",
     SPEC("QEMU docs/specs/fw_cfg, \"Guest-side DMA Interface\""), NEEDS("smm=any"))
{
    static const char data[] = {'x', 'x', 'x', 'x'};
    char text[sizeof(data)];

    if (!fw_cfg_has_dma())
        SKIP("the machine type has no fw_cfg DMA (pc-q35-2.7 is the first that has)");
    EXPECT_EQ("refused", fw_cfg_dma_write(FW_CFG_SIGNATURE, data, sizeof(data)), FW_CFG_DMA_ERROR,
              "the error bit is set");
    fw_cfg_select(FW_CFG_SIGNATURE);
    fw_cfg_read(text, sizeof(text));
    EXPECT_MEM("unchanged", text, "QEMU", sizeof(text), "the item is what it was");
}
