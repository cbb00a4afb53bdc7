/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DMA interface of fw_cfg: reading, skipping and its address register. */
#include "hw/fw_cfg.h"
#include "hw/io.h"
#include "kernel/test.h"
#include "lib/string.h"

#define FILL 0xa5 /* neither in the items read nor 0 */

static void require_dma(void)
{
    if (!fw_cfg_has_dma())
        SKIP("the machine type has no fw_cfg DMA (pc-q35-2.7 is the first that has)");
}

/* The descriptor of a transfer, in memory order. */
static struct fw_cfg_dma descriptor_for(uint32_t control, void *buf, uint32_t len)
{
    return (struct fw_cfg_dma){
        .control = __builtin_bswap32(control),
        .length = __builtin_bswap32(len),
        .address = __builtin_bswap64((uintptr_t)buf),
    };
}

TEST(fwcfg, dma_read, "a DMA read copies what the port reads, and zeros behind the item's end",
     SPEC("QEMU docs/specs/fw_cfg, \"Guest-side DMA Interface\""), NEEDS("smm=any"))
{
    static const char wanted[] = {'Q', 'E', 'M', 'U', 0, 0, 0, 0, (char)FILL, (char)FILL};
    char buf[sizeof(wanted)];
    char more[2];

    require_dma();
    memset(buf, FILL, sizeof(buf));
    EXPECT_EQ("control", fw_cfg_dma_read(FW_CFG_SIGNATURE, buf, 8), 0,
              "all control bits are cleared: success");
    EXPECT_MEM("data", buf, wanted, sizeof(wanted),
               "the item, zeros up to the length, and not a byte more");

    EXPECT_EQ("part", fw_cfg_dma_read(FW_CFG_SIGNATURE, more, 2), 0, "a part can be read");
    EXPECT_EQ("offset", inb(FW_CFG_DATA), 'M', "and the data port goes on behind it");
    EXPECT_EQ("go-on", fw_cfg_dma(FW_CFG_DMA_READ, more, 1), 0, "a read without a selection");
    EXPECT_EQ("go-on-data", more[0], 'U', "continues at the current offset");
}

TEST(fwcfg, dma_directory, "the whole directory is the same by DMA and by port",
     SPEC("QEMU docs/specs/fw_cfg, \"Guest-side DMA Interface\""), NEEDS("smm=any"))
{
    static uint8_t by_dma[64 * 64];
    static uint8_t by_port[sizeof(by_dma)];
    uint32_t len;

    require_dma();
    len = sizeof(uint32_t) + fw_cfg_file_count() * sizeof(struct fw_cfg_file);
    if (len > sizeof(by_dma))
        len = sizeof(by_dma);
    fw_cfg_select(FW_CFG_FILE_DIR);
    fw_cfg_read(by_port, len);
    EXPECT_EQ("control", fw_cfg_dma_read(FW_CFG_FILE_DIR, by_dma, len), 0, "the read succeeds");
    EXPECT_MEM("data", by_dma, by_port, len, "both interfaces show the same bytes");
}

TEST(fwcfg, dma_select_and_skip, "selecting and skipping move the offset and copy nothing",
     SPEC("QEMU docs/specs/fw_cfg, \"Guest-side DMA Interface\""), NEEDS("smm=any"))
{
    static const char untouched[] = {(char)FILL, (char)FILL, (char)FILL, (char)FILL};
    uint32_t select = FW_CFG_DMA_KEY(FW_CFG_SIGNATURE) | FW_CFG_DMA_SELECT;
    char buf[sizeof(untouched)];

    require_dma();
    memset(buf, FILL, sizeof(buf));

    EXPECT_EQ("select", fw_cfg_dma(select, buf, sizeof(buf)), 0, "a selection alone succeeds");
    EXPECT_EQ("select-first", inb(FW_CFG_DATA), 'Q', "the item is selected, at offset 0");
    EXPECT_EQ("select-same", fw_cfg_dma(select, buf, sizeof(buf)), 0, "selected once more");
    EXPECT_EQ("select-restart", inb(FW_CFG_DATA), 'Q', "the offset is 0 again");

    EXPECT_EQ("skip", fw_cfg_dma(select | FW_CFG_DMA_SKIP, buf, 2), 0, "skipping succeeds");
    EXPECT_EQ("skip-offset", inb(FW_CFG_DATA), 'M', "the offset has moved by the length");
    EXPECT_EQ("skip-all", fw_cfg_dma(select | FW_CFG_DMA_SKIP, buf, 100), 0,
              "skipping past the end succeeds");
    EXPECT_EQ("skip-behind", inb(FW_CFG_DATA), 0, "and leaves nothing to read");
    EXPECT_MEM("buffer", buf, untouched, sizeof(buf), "the buffer was never written");
}

TEST(fwcfg, dma_precedence, "a read takes precedence over a write, and both over a skip",
     SPEC("QEMU docs/specs/fw_cfg, \"Guest-side DMA Interface\", control bits"), NEEDS("smm=any"))
{
    uint32_t select = FW_CFG_DMA_KEY(FW_CFG_SIGNATURE) | FW_CFG_DMA_SELECT;
    char buf[4];

    require_dma();
    memset(buf, FILL, sizeof(buf));
    EXPECT_EQ(
        "read",
        fw_cfg_dma(select | FW_CFG_DMA_READ | FW_CFG_DMA_WRITE | FW_CFG_DMA_SKIP, buf, sizeof(buf)),
        0, "write is only done \"and not bit 1\": this is a read, which succeeds");
    EXPECT_MEM("read-data", buf, "QEMU", sizeof(buf), "and delivers the item");

    EXPECT_EQ("write", fw_cfg_dma(select | FW_CFG_DMA_WRITE | FW_CFG_DMA_SKIP, buf, sizeof(buf)),
              FW_CFG_DMA_ERROR,
              "skip is only done with \"neither bit 1 nor bit 4\": this is a write, to a "
              "read-only item");
}

TEST(fwcfg, dma_address, "the DMA address register is 0 again after every operation",
     SPEC("QEMU docs/specs/fw_cfg, \"Guest-side DMA Interface\": 0 at startup and after an "
          "operation"),
     NEEDS("smm=any"))
{
    struct fw_cfg_dma descriptor;
    char buf[4];

    require_dma();
    /* An operation whose descriptor no memory backs: only its address matters. */
    fw_cfg_dma_raw(UINT64_C(0x7fff) << 32, NULL);

    memset(buf, 0, sizeof(buf));
    descriptor = descriptor_for(
        FW_CFG_DMA_KEY(FW_CFG_SIGNATURE) | FW_CFG_DMA_SELECT | FW_CFG_DMA_READ, buf, sizeof(buf));
    __asm__ volatile("" : : "r"(&descriptor), "r"(buf) : "memory");
    outl(FW_CFG_DMA_LOW, __builtin_bswap32((uint32_t)(uintptr_t)&descriptor));
    __asm__ volatile("" : : : "memory");
    EXPECT_EQ("control", descriptor.control, 0,
              "one write of the lower half starts the operation below 4 GiB");
    EXPECT_MEM("data", buf, "QEMU", sizeof(buf), "which delivers the item");
}

TEST(fwcfg, dma_high_address, "the upper half of the DMA address is part of it",
     SPEC("QEMU docs/specs/fw_cfg, \"Guest-side DMA Interface\": two 32-bit writes, upper first"),
     NEEDS("smm=any"))
{
    static const char untouched[] = {(char)FILL, (char)FILL, (char)FILL, (char)FILL};
    struct fw_cfg_dma descriptor;
    char buf[sizeof(untouched)];

    require_dma();
    for (unsigned int bit = 12; bit < 15; bit++) {
        CONTEXT("address bit %u", bit + 32);
        memset(buf, FILL, sizeof(buf));
        descriptor = descriptor_for(FW_CFG_DMA_KEY(FW_CFG_SIGNATURE) | FW_CFG_DMA_SELECT |
                                        FW_CFG_DMA_READ,
                                    buf, sizeof(buf));
        __asm__ volatile("" : : "r"(&descriptor), "r"(buf) : "memory");
        fw_cfg_dma_raw(BIT_64(bit + 32) | (uintptr_t)&descriptor, NULL);
        __asm__ volatile("" : : : "memory");
        EXPECT_MEM("data", buf, untouched, sizeof(buf),
                   "the operation of the descriptor at the lower half alone is not done");
    }
    CONTEXT_CLEAR();
}

/* The files that QEMU adds are sorted by name and not by size. */
static bool find_large(uint32_t size, struct fw_cfg_file *file)
{
    for (uint32_t i = 0; i < fw_cfg_file_count(); i++)
        if (fw_cfg_file_at(i, file) && file->size >= size)
            return true;
    return false;
}

TEST(fwcfg, dma_large, "offsets and lengths above 64 KiB are the same by DMA and by port",
     SPEC("QEMU docs/specs/fw_cfg, \"Guest-side DMA Interface\": a length of 32 bits"),
     NEEDS("smm=any"))
{
    enum { BEFORE = 0x10000 - 16, LENGTH = 0x10000 + 16 };
    static uint8_t by_dma[LENGTH], by_port[LENGTH];
    struct fw_cfg_file file;

    require_dma();
    if (!find_large(LENGTH, &file))
        SKIP("no file is larger than 64 KiB");
    fw_cfg_select(file.key);
    fw_cfg_read(by_port, LENGTH);
    memset(by_dma, FILL, LENGTH);
    EXPECT_EQ("whole", fw_cfg_dma_read(file.key, by_dma, LENGTH), 0, "a long read succeeds");
    EXPECT_MEM("whole-data", by_dma, by_port, LENGTH, "both interfaces show the same bytes");
    memset(by_dma, FILL, LENGTH);
    EXPECT_EQ(
        "skip",
        fw_cfg_dma(FW_CFG_DMA_KEY(file.key) | FW_CFG_DMA_SELECT | FW_CFG_DMA_SKIP, by_dma, BEFORE),
        0, "so does a long skip");
    for (unsigned int at = BEFORE; at < LENGTH; at += 16)
        EXPECT_EQ("on", fw_cfg_dma(FW_CFG_DMA_READ, by_dma + at, 16), 0, "and the reads behind it");
    EXPECT_MEM("skip-data", by_dma + BEFORE, by_port + BEFORE, LENGTH - BEFORE,
               "offsets go on over 64 KiB");
}
