/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where low RAM ends is where TSEG ends; the CMOS, from which every test here takes it, must agree
 * with the memory map that the firmware gets. */
#include "hw/fw_cfg.h"
#include "hw/mch.h"
#include "kernel/test.h"

#define E820_FILE "etc/e820"
#define E820_RAM  1

/* QEMU hw/i386/e820_memory_layout.h */
struct e820_entry {
    uint64_t address;
    uint64_t length;
    uint32_t type;
} __attribute__((packed));

/* End of the RAM that starts at 0, from the memory map. */
static uint64_t low_ram_end(void)
{
    struct fw_cfg_file file;
    struct e820_entry entry;
    uint64_t end = 0;

    if (!fw_cfg_find(E820_FILE, &file))
        SKIP("the machine type has no " E820_FILE);
    REQUIRE_EQ("size", file.size % sizeof(entry), 0, "the map consists of whole entries");
    fw_cfg_select(file.key);
    for (uint32_t left = file.size / sizeof(entry); left; left--) {
        fw_cfg_read(&entry, sizeof(entry));
        if (entry.type == E820_RAM && entry.address == 0)
            end = entry.length;
    }
    return end;
}

static void check_agreement(void)
{
    EXPECT_EQ("end", mch_low_ram_top(), low_ram_end(),
              "the CMOS and the memory map name the same end of low RAM");
}

TEST(fwcfg, low_ram_256m, "CMOS and memory map agree on the end of low RAM, with 256 MiB",
     SPEC("QEMU hw/i386/pc.c, pc_cmos_init(), and etc/e820"), NEEDS("mem=256 smm=any"))
{
    check_agreement();
}

TEST(fwcfg, low_ram_split, "CMOS and memory map agree on the end of low RAM, with RAM above 4 GiB",
     SPEC("QEMU hw/i386/pc.c, pc_cmos_init(), and etc/e820"), NEEDS("mem=3072 smm=any group=large"))
{
    check_agreement();
}
