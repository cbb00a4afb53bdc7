/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMI features over a migration: requested, half way there, in force. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/fw_cfg.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/host.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/migrate/migrate.h"
#include "tests/negotiation/features.h"
#include "tests/smi/count.h"

#define RULE "QEMU commits 50de920b37: nonzero state is migrated, locked until reset; 5ce45c7a2b"
#define HERE "machine>=pc-q35-2.9 firmware=virgin boot=own host=migrate,qom-get "

#define REQUEST UINT64_C(0x8a7b6c5d4e3f2110)

static void write_request(uint64_t mask)
{
    REQUIRE_EQ("request", fw_cfg_dma_write(features_key(FW_SMI_FILE_REQUESTED), &mask, 8), 0,
               "the request can be written");
}

static uint8_t select_ok(void)
{
    uint8_t ok = 0xff;

    fw_cfg_select(features_key(FW_SMI_FILE_OK));
    fw_cfg_read(&ok, sizeof(ok));
    return ok;
}

TEST(migrate, requested, "in the middle of a negotiation the request is kept and nothing in force",
     SPEC(MIGRATION RULE), NEEDS(HERE))
{
    uint64_t supported = features_require();

    migrate();
    EXPECT_EQ("none", features_requested(), 0, "before any request there is none");
    write_request(REQUEST);
    migrate();
    EXPECT_EQ("kept", features_requested(), REQUEST, "a request is kept, all its bits");
    EXPECT_EQ("nothing", features_in_force(), 0, "it puts nothing in force");
    EXPECT_EQ("invalid", select_ok(), 0, "and is validated where the machine is then");
    write_request(supported);
    migrate();
    EXPECT_EQ("still-nothing", features_in_force(), 0, "a valid one does not either ...");
    EXPECT_EQ("valid", select_ok(), 1, "... until it is validated");
    EXPECT_EQ("in-force", features_in_force(), supported, "then it is in force");
}

TEST(migrate, fw_cfg, "a transfer over fw_cfg goes on where it was",
     SPEC(MIGRATION "docs/specs/fw_cfg: selector, offset, DMA address"), NEEDS(HERE))
{
    static struct fw_cfg_dma dma;
    static uint64_t got;
    uint64_t request = REQUEST;
    uint16_t key = features_key(FW_SMI_FILE_REQUESTED);

    write_request(request);
    fw_cfg_select(key);
    fw_cfg_read(&got, 3);
    migrate();
    fw_cfg_read((uint8_t *)&got + 3, 5);
    EXPECT_EQ("offset", got, REQUEST, "the next byte read is the next byte of the file");
    fw_cfg_read(&got, 1);
    EXPECT_BITS("end", got, 0xff, 0, "and behind the end it is 0");

    /* A wrong upper half is replaced by what the register holds when the lower half is written. */
    got = 0;
    dma.control = __builtin_bswap32(FW_CFG_DMA_KEY(key) | FW_CFG_DMA_SELECT | FW_CFG_DMA_READ);
    dma.length = __builtin_bswap32(8);
    dma.address = __builtin_bswap64((uintptr_t)&got);
    outl(FW_CFG_DMA_HIGH, __builtin_bswap32(1));
    migrate();
    outl(FW_CFG_DMA_LOW, __builtin_bswap32((uint32_t)(uintptr_t)&dma));
    EXPECT_EQ("dma-high", got, 0,
              "the upper half of the DMA address is kept: no transfer from here");
    dma.control = __builtin_bswap32(FW_CFG_DMA_KEY(key) | FW_CFG_DMA_SELECT | FW_CFG_DMA_READ);
    outl(FW_CFG_DMA_LOW, __builtin_bswap32((uint32_t)(uintptr_t)&dma));
    EXPECT_EQ("dma", got, REQUEST, "and it is 0 again behind a transfer");
}

static void check_in_force(uint64_t set)
{
    /* First what an empty set that is no longer locked would have to give way to. */
    static const uint64_t later[] = {FW_SMI_BROADCAST, 0, BIT_64(63)};
    bool broadcast = set & FW_SMI_BROADCAST;

    CONTEXT("set %#llx", (unsigned long long)set);
    EXPECT_EQ("in-force", features_in_force(), set, "the set is in force");
    for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        EXPECT_EQ("locked", features_answer(later[i]), 1,
                  "features-ok is 1, whatever is requested");
        EXPECT_EQ("stays", features_in_force(), set, "and the set stays in force");
    }
    CONTEXT("set %#llx", (unsigned long long)set);
    smi_count_start();
    smm_trigger_on(0, SMM_CMD_PING, 0);
    smi_count_check(broadcast ? SMI_ALL_CPUS : SMI_CPU(0));
    smm_trigger_on(2, SMM_CMD_PING, 0);
    smi_count_check(broadcast ? SMI_ALL_CPUS : SMI_CPU(2));
    CONTEXT_CLEAR();
}

TEST(migrate, features, "what was negotiated is in force and locked, each set until the next reset",
     SPEC(MIGRATION RULE), NEEDS(HERE "smp=3"))
{
    static const uint64_t sets[] = {0, FW_SMI_BROADCAST, FW_SMI_BROADCAST | FW_SMI_CPU_HOTPLUG,
                                    FW_SMI_BROADCAST | FW_SMI_CPU_HOTPLUG | FW_SMI_CPU_UNPLUG};
    uint64_t supported = features_require();
    uint64_t set;
    uint32_t boot = test_boot();

    while (boot <= 4 && !features_valid(sets[boot - 1], supported))
        boot++;
    if (boot > 4)
        return;
    set = sets[boot - 1];
    REQUIRE_SMM();
    EXPECT_EQ("accepted", features_answer(set), 1, "the set is accepted");
    migrate();
    check_in_force(set);
    migrate();
    check_in_force(set);
    if (test_boot() < 4 && features_valid(sets[test_boot()], supported)) {
        test_announce_reset();
        ich9_reset();
    }
}

TEST(migrate, features_gate, "the refusals that come with the features go on, and end with them",
     SPEC(MIGRATION "c5be7517d6, b48ad7c02b"),
     NEEDS("machine>=pc-q35-6.0 qemu>=6.0 firmware=virgin boot=own maxcpus=3 "
           "host=migrate,plug,unplug"))
{
    char answer[160];

    features_require();
    if (test_boot() == 1) {
        EXPECT_EQ("accepted", features_answer(FW_SMI_BROADCAST), 1, "broadcast alone is accepted");
        migrate();
        EXPECT_TRUE("refused", !host_request(answer, sizeof(answer), "plug 1"),
                    "device_add is refused, as CPU hotplug was not negotiated");
        test_announce_reset();
        ich9_reset();
    }
    EXPECT_EQ("hotplug", features_answer(FW_SMI_BROADCAST | FW_SMI_CPU_HOTPLUG), 1,
              "behind a reset at the destination another set is accepted");
    migrate();
    EXPECT_TRUE("plugs", host_request(answer, sizeof(answer), "plug 1"), "device_add is accepted");
    EXPECT_TRUE("not-unplugs", !host_request(answer, sizeof(answer), "unplug 1"),
                "device_del is refused, as hot-unplug was not negotiated");
}
