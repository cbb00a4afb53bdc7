/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a PCI bus master and the host see of SMRAM: nothing. */
#include "firmware/smm.h"
#include "hw/mch.h"
#include "kernel/host.h"
#include "kernel/memory.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/smram/access.h"
#include "tests/smram/edu.h"

#define MIB  0x100000U
#define HALF 32U /* bytes on each side of a border */

/* Never 0, FFh or text. */
static uint8_t pattern(uint32_t at)
{
    return (uint8_t)(0x80 | (at * 29 % 0x7f));
}

/* A border between ordinary memory and SMRAM that must look like FFh. */
struct border {
    const char *name;
    uint32_t at;
    bool smram_above; /* SMRAM begins there; else it ends there */
};

static bool in_smram(const struct border *b, uint32_t at)
{
    return (at >= b->at) == b->smram_above;
}

static uint8_t *memory(uint32_t at)
{
    return (uint8_t *)(uintptr_t)at;
}

static void lay(const struct border *b)
{
    for (uint32_t at = b->at - HALF; at < b->at + HALF; at++)
        *memory(at) = pattern(at);
}

/* What SMM finds there. */
static uint64_t SMM_CODE copy_out(struct smm_cpu *cpu, void *arg)
{
    uint8_t *to = arg;
    uint32_t from = 0;

    (void)cpu;
    memcpy(&from, to, sizeof(from));
    memcpy(to, (const void *)(uintptr_t)from, (size_t)HALF * 2);
    return 0;
}

static void read_in_smm(const struct border *b, uint8_t *bytes)
{
    uint32_t from = b->at - HALF;

    memcpy(bytes, &from, sizeof(from));
    smm_run(copy_out, bytes);
}

/* TSEG of 8 MiB and the default SMBASE, if it can be locked. */
static uint32_t lock(struct border *borders)
{
    uint32_t n = 0;
    bool window;

    REQUIRE_SMM();
    window = mch_smbase_window_probe() == SMBASE_WINDOW_OPEN;
    borders[n++] = (struct border){"start of TSEG", mch_low_ram_top() - 8 * MIB, true};
    if (window) {
        borders[n++] = (struct border){"start of the default SMBASE", SMRAM_WINDOW_BASE, true};
        borders[n++] = (struct border){"end of the default SMBASE",
                                       SMRAM_WINDOW_BASE + SMRAM_WINDOW_SIZE, false};
    }
    mch_write8(MCH_ESMRAMC, ESMRAMC_TSEG_SZ_8M);
    for (uint32_t i = 0; i < n; i++)
        lay(&borders[i]);
    mch_write8(MCH_ESMRAMC, ESMRAMC_TSEG_SZ_8M | ESMRAMC_T_EN);
    mch_write8(MCH_SMRAM, SMRAM_C_BASE_SEG | SMRAM_G_SMRAME | SMRAM_D_LCK);
    if (window)
        mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    return n;
}

static void check_bytes(const char *id, const struct border *b, const uint8_t *got,
                        const char *sentence)
{
    uint8_t want[2 * HALF];

    for (uint32_t i = 0; i < 2 * HALF; i++) {
        uint32_t at = b->at - HALF + i;

        want[i] = in_smram(b, at) ? 0xff : pattern(at);
    }
    CONTEXT("%s, %u bytes at %#x", b->name, 2 * HALF, b->at - HALF);
    EXPECT_MEM(id, got, want, sizeof(want), sentence);
    CONTEXT_CLEAR();
}

#define BUS_MASTERS                                                                         \
    "QEMU bafc90bdc5: TSEG is hidden from bus masters; f404220e27; Q35 MCH datasheet, SMM " \
    "space: never for PCI Express or DMI"

TEST(smram, pci_bus_master, "a PCI bus master reads ones from SMRAM and changes nothing there",
     SPEC(BUS_MASTERS), NEEDS("firmware=virgin boot=own device=edu"))
{
    struct border borders[3];
    uint32_t count = lock(borders);
    static uint8_t buf[2 * HALF], forged[2 * HALF];

    edu_init();
    /* All reads into one buffer of the device, which then tells. */
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE_TRUE("read", edu_read(borders[i].at - HALF, 0, 2 * HALF), "the transfer ends");
        REQUIRE_TRUE("tell", edu_write((uint32_t)(uintptr_t)buf, 0, 2 * HALF), "so does the next");
        check_bytes("read-dma", &borders[i], buf, "the device read RAM, and ones where SMRAM is");
    }
    memset(forged, 0x5a, sizeof(forged));
    REQUIRE_TRUE("load", edu_read((uint32_t)(uintptr_t)forged, 0, 2 * HALF), "the transfer ends");
    for (uint32_t i = 0; i < count; i++) {
        const struct border *b = &borders[i];
        uint8_t want[2 * HALF];

        REQUIRE_TRUE("write", edu_write(b->at - HALF, 0, 2 * HALF), "the transfer ends");
        read_in_smm(b, buf);
        for (uint32_t j = 0; j < 2 * HALF; j++)
            want[j] = in_smram(b, b->at - HALF + j) ? pattern(b->at - HALF + j) : 0x5a;
        CONTEXT("%s, %u bytes at %#x", b->name, 2 * HALF, b->at - HALF);
        EXPECT_MEM("write-dma", buf, want, sizeof(want),
                   "the device has written the RAM beside SMRAM and nothing more");
    }
    CONTEXT_CLEAR();
}

TEST(smram, host_view, "the host's view of physical memory shows ones where SMRAM is",
     SPEC(BUS_MASTERS), NEEDS("firmware=virgin boot=own host=peek"))
{
    struct border borders[3];
    uint32_t count = lock(borders);
    uint8_t bytes[2 * HALF];

    for (uint32_t i = 0; i < count; i++) {
        host_peek(borders[i].at - HALF, bytes, 2 * HALF);
        check_bytes("peek", &borders[i], bytes, "the host reads RAM, and ones where SMRAM is");
    }
}
