/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The traditional fw_cfg interface: SMI negotiation and every table the firmware installs come
 * through it. */
#include "hw/fw_cfg.h"
#include "hw/io.h"
#include "hw/smi_features.h"
#include "kernel/test.h"
#include "lib/string.h"

#define SIGNATURE      "QEMU"
#define SIGNATURE_SIZE 4U

TEST(fwcfg, signature, "item 0 is \"QEMU\", followed by zeros, and starts over when selected again",
     SPEC("QEMU docs/specs/fw_cfg, \"Signature\", \"Data Register\" and \"Selector Register\""),
     NEEDS("smm=any"))
{
    static const char zeros[8];
    char text[SIGNATURE_SIZE];
    char behind[sizeof(zeros)];

    fw_cfg_select(FW_CFG_SIGNATURE);
    fw_cfg_read(text, sizeof(text));
    EXPECT_MEM("signature", text, SIGNATURE, sizeof(text), "the signature reads QEMU");

    fw_cfg_read(behind, sizeof(behind));
    EXPECT_MEM("behind", behind, zeros, sizeof(zeros),
               "reads behind the end of an item give 0 (\"Data Register\")");

    fw_cfg_select(FW_CFG_SIGNATURE);
    EXPECT_EQ("first", inb(FW_CFG_DATA), 'Q', "a selection starts at offset 0");
    fw_cfg_select(FW_CFG_SIGNATURE);
    EXPECT_EQ("again", inb(FW_CFG_DATA), 'Q', "so does a second one of the same item");
}

TEST(fwcfg, data_port_is_read_only, "writes to the data port change no item",
     SPEC("QEMU docs/specs/fw_cfg, \"Selector Register\": ignored as of QEMU 2.4"),
     NEEDS("smm=any"))
{
    /* Bit 14 selects the same item for writing; up to QEMU 2.3 that had an effect. */
    static const uint16_t keys[] = {FW_CFG_SIGNATURE, FW_CFG_SIGNATURE | 0x4000};

    for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        char text[SIGNATURE_SIZE];

        CONTEXT("key %#x", keys[i]);
        fw_cfg_select(keys[i]);
        outb(FW_CFG_DATA, 'x');
        EXPECT_EQ("offset", inb(FW_CFG_DATA), SIGNATURE[0], "a write does not move the offset");
        for (unsigned int n = 0; n < SIGNATURE_SIZE; n++)
            outb(FW_CFG_DATA, 'x');
        fw_cfg_select(keys[i]);
        fw_cfg_read(text, sizeof(text));
        EXPECT_MEM("unchanged", text, SIGNATURE, sizeof(text), "the item is still what it was");
    }
    CONTEXT_CLEAR();
}

TEST(fwcfg, revision, "the feature bitmap tells the truth about both interfaces",
     SPEC("QEMU docs/specs/fw_cfg, \"Revision / feature bitmap\" and \"Signature\""),
     NEEDS("smm=any"))
{
    uint32_t features = fw_cfg_version();
    char text[8];

    EXPECT_BITS("port", features, FW_CFG_ID_PORT, FW_CFG_ID_PORT,
                "bit 0, the traditional interface, is always set");
    for (unsigned int i = 0; i < sizeof(text); i++)
        text[i] = (char)inb((uint16_t)(FW_CFG_DMA_HIGH + i));
    EXPECT_EQ("dma", memcmp(text, "QEMU CFG", sizeof(text)) == 0, (features & FW_CFG_ID_DMA) != 0,
              "the DMA address register reads QEMU CFG if and only if bit 1 is set");
    if (features & FW_CFG_ID_DMA) {
        EXPECT_EQ("high", inl(FW_CFG_DMA_HIGH), __builtin_bswap32(FW_CFG_DMA_SIGNATURE >> 32),
                  "the register is big endian: its upper half comes first");
        EXPECT_EQ("low", inl(FW_CFG_DMA_LOW), __builtin_bswap32((uint32_t)FW_CFG_DMA_SIGNATURE),
                  "and its lower half second");
        for (unsigned int i = 0; i < sizeof(text); i += 2) {
            uint16_t two = inw((uint16_t)(FW_CFG_DMA_HIGH + i));

            memcpy(text + i, &two, sizeof(two));
        }
        EXPECT_MEM("words", text, "QEMU CFG", sizeof(text), "words of it read the same");
    }
}

TEST(fwcfg, architecture, "bit 15 of a key leads to other items, those of the architecture",
     SPEC("QEMU docs/specs/fw_cfg, \"Selector Register\": bit 15"), NEEDS("smm=any"))
{
    static const uint16_t keys[] = {FW_CFG_SIGNATURE, FW_CFG_ID, FW_CFG_FILE_DIR};
    char generic[SIGNATURE_SIZE], other[SIGNATURE_SIZE];

    for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        CONTEXT("key %#x", keys[i]);
        fw_cfg_select(keys[i]);
        fw_cfg_read(generic, sizeof(generic));
        fw_cfg_select(keys[i] | FW_CFG_ARCH);
        fw_cfg_read(other, sizeof(other));
        EXPECT_TRUE("differs", memcmp(generic, other, sizeof(other)) != 0,
                    "they have not the contents of the generic one");
    }
    CONTEXT_CLEAR();
}

TEST(fwcfg, no_item, "a key that no item has reads as zeros, by port and by DMA",
     SPEC("QEMU docs/specs/fw_cfg, \"Data Register\": behind the end of the data, 00h"),
     NEEDS("smm=any"))
{
    static const uint16_t keys[] = {FW_CFG_INVALID, 0x3fff, 0xbfff, 0x001a, 0x801a};
    static const char zeros[SIGNATURE_SIZE];
    char text[SIGNATURE_SIZE];

    for (unsigned int i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        CONTEXT("key %#x", keys[i]);
        memset(text, 0x5a, sizeof(text));
        fw_cfg_select(keys[i]);
        fw_cfg_read(text, sizeof(text));
        EXPECT_MEM("port", text, zeros, sizeof(text), "the port gives zeros");
        if (!fw_cfg_has_dma())
            continue;
        memset(text, 0x5a, sizeof(text));
        EXPECT_EQ("succeeds", fw_cfg_dma_read(keys[i], text, sizeof(text)), 0,
                  "a DMA read is done");
        EXPECT_MEM("dma", text, zeros, sizeof(text), "and gives zeros");
    }
    CONTEXT_CLEAR();
}

TEST(fwcfg, directory, "the file directory is well formed",
     SPEC("QEMU docs/specs/fw_cfg, \"File Directory\""), NEEDS("smm=any"))
{
    static uint8_t key_seen[0x4000 / 8];
    uint32_t count = fw_cfg_file_count();
    struct fw_cfg_file file;

    EXPECT_NE("count", count, 0, "a machine has files");
    memset(key_seen, 0, sizeof(key_seen));
    for (uint32_t i = 0; i < count; i++) {
        uint16_t key;
        bool seen;

        CONTEXT("entry %u", i);
        REQUIRE_TRUE("entry", fw_cfg_file_at(i, &file), "every entry up to the count can be read");
        CONTEXT("entry %u, %s", i, file.name);
        key = file.key & 0x3fff;
        seen = key_seen[key / 8] >> key % 8 & 1;
        EXPECT_RANGE("key", key, FW_CFG_FILE_FIRST, 0x3fff, "files have keys from 20h on");
        EXPECT_TRUE("unique", !seen, "no two files have the same key");
        EXPECT_RANGE("name", strlen(file.name), 1, FW_CFG_NAME_MAX - 1, "the file has a name");
        key_seen[key / 8] |= (uint8_t)(1U << key % 8);
    }
    CONTEXT_CLEAR();
}

TEST(fwcfg, directory_sorted, "the file directory and the keys in it are in the order of the names",
     SPEC("QEMU 2.6, \"Sort the fw_cfg file list\": a stable order for guests and migration"),
     NEEDS("machine>=pc-q35-2.6 smm=any"))
{
    uint32_t count = fw_cfg_file_count();
    struct fw_cfg_file file, before;

    for (uint32_t i = 0; i < count; i++) {
        CONTEXT("entry %u", i);
        REQUIRE_TRUE("entry", fw_cfg_file_at(i, &file), "every entry up to the count can be read");
        EXPECT_EQ("key", file.key, FW_CFG_FILE_FIRST + i, "keys are given in the order of entries");
        if (i)
            EXPECT_TRUE("order", strcmp(before.name, file.name) < 0,
                        "names go up, none is there twice");
        before = file;
    }
    CONTEXT_CLEAR();
}

TEST(fwcfg, contents, "the keys of the directory lead to the files that it names",
     SPEC("QEMU docs/specs/fw_cfg, \"File Directory\"; ACPI 6.3, 5.2.5.3: \"RSD PTR \""),
     NEEDS("smm=any"))
{
    static const uint8_t zeros[4];
    struct fw_cfg_file file;
    uint8_t start[8], behind[sizeof(zeros)];

    if (!fw_cfg_find("etc/acpi/rsdp", &file))
        SKIP("the machine has no etc/acpi/rsdp");
    fw_cfg_select(file.key);
    fw_cfg_read(start, sizeof(start));
    EXPECT_MEM("rsdp", start, "RSD PTR ", sizeof(start), "etc/acpi/rsdp is the RSDP");
    EXPECT_RANGE("rsdp-size", file.size, 20, 36, "of the size of one");
    for (uint32_t left = file.size - sizeof(start); left; left--)
        (void)inb(FW_CFG_DATA);
    fw_cfg_read(behind, sizeof(behind));
    EXPECT_MEM("rsdp-end", behind, zeros, sizeof(zeros), "nothing is behind its size");
    if (!fw_cfg_find(FW_SMI_FILE_REQUESTED, &file))
        return;
    EXPECT_EQ("requested", file.size, 8, FW_SMI_FILE_REQUESTED " is 64 bits");
    REQUIRE_TRUE("supported", fw_cfg_find(FW_SMI_FILE_SUPPORTED, &file), "supported-features, too");
    EXPECT_EQ("supported-size", file.size, 8, FW_SMI_FILE_SUPPORTED " is 64 bits");
    REQUIRE_TRUE("ok", fw_cfg_find(FW_SMI_FILE_OK, &file), "and features-ok is there");
    EXPECT_EQ("ok-size", file.size, 1, FW_SMI_FILE_OK " is 8 bits");
}
