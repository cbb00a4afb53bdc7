/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lock-once protocol of etc/smi: a firmware requests a subset of what is offered, selects
 * features-ok to have it validated, and from then on the set is in force until reset.
 *
 * A set may be validated once per boot only, so most of these tests reset the machine.
 */
#include "hw/cpu.h"
#include "hw/fw_cfg.h"
#include "hw/ich9.h"
#include "hw/smi_features.h"
#include "kernel/test.h"
#include "tests/negotiation/features.h"

static void check_refusals(uint64_t supported)
{
    for (uint64_t mask = 0; mask < 8; mask++) {
        if (!features_valid(mask, supported))
            EXPECT_EQ("refused", features_answer(mask), 0,
                      "what is not offered, hotplug without broadcast and unplug without hotplug "
                      "are refused");
    }
    for (unsigned int bit = 3; bit < 64; bit++) {
        EXPECT_EQ("unknown", features_answer(supported | BIT_64(bit)), 0,
                  "one unknown bit has the whole set refused");
        EXPECT_EQ("unknown-alone", features_answer(BIT_64(bit)), 0, "so it does by itself");
    }
    CONTEXT_CLEAR();
}

/*
 * In boot n, requests everything invalid and then the n-th valid set; resets for the next one. The
 * last boot but one leaves a request that was refused.
 */
static void check_truth_table(void)
{
    uint64_t supported = features_require();
    uint32_t wanted = test_boot();
    uint64_t mask = 8;

    if (supported == 0 || supported > 7)
        ERROR("these features, %#llx, are newer than this test", (unsigned long long)supported);
    EXPECT_EQ("initial", features_requested(), 0, "after a reset nothing is requested");
    check_refusals(supported);
    for (uint64_t candidate = 0; candidate < 8 && wanted; candidate++) {
        if (features_valid(candidate, supported)) {
            mask = candidate;
            wanted--;
        }
    }
    if (wanted > 1)
        return; /* all valid sets have had their boot, and so has the refused one */
    if (!wanted)
        EXPECT_EQ("accepted", features_answer(mask), 1,
                  "a valid set is accepted, also after refusals and in every boot anew");
    CONTEXT_CLEAR();
    test_announce_reset();
    ich9_reset();
}

TEST(negotiation, truth_table,
     "every set of features is accepted or refused by the rule; a reset starts over",
     SPEC("QEMU commits 50de920b37, 00dc02d284 and cd89134e24, smi_features_ok_callback()"),
     NEEDS("machine>=pc-q35-2.9 firmware=virgin boot=own timeout=40"))
{
    check_truth_table();
}

TEST(negotiation, truth_table_broadcast, "the same where only broadcast is offered",
     SPEC("QEMU commits 50de920b37 and 00dc02d284, smi_features_ok_callback()"),
     NEEDS("machine>=pc-q35-2.9 firmware=virgin boot=own timeout=40 "
           "global=ICH9-LPC.x-smi-cpu-hotplug=off "
           "global=ICH9-LPC.x-smi-cpu-hotunplug=off"))
{
    check_truth_table();
}

TEST(negotiation, truth_table_no_broadcast,
     "where broadcast is not offered, nothing but the empty set is accepted",
     SPEC("QEMU commits 50de920b37 and 00dc02d284, smi_features_ok_callback()"),
     NEEDS("machine>=pc-q35-5.2 firmware=virgin boot=own timeout=40 "
           "global=ICH9-LPC.x-smi-broadcast=off"))
{
    check_truth_table();
}

TEST(negotiation, supported_is_read_only, "the guest cannot change what is offered",
     SPEC("QEMU commit 50de920b37: supported-features is guest read-only"),
     NEEDS("machine>=pc-q35-2.9"))
{
    uint64_t supported = features_require();
    uint64_t all = UINT64_MAX;
    uint64_t again;
    struct fw_cfg_file file;

    REQUIRE_TRUE("file", fw_cfg_find(FW_SMI_FILE_SUPPORTED, &file),
                 "etc/smi/supported-features is there");
    EXPECT_EQ("refused", fw_cfg_dma_write(file.key, &all, sizeof(all)), FW_CFG_DMA_ERROR,
              "the write is refused");
    REQUIRE_TRUE("again", smi_features_supported(&again), "the file can still be read");
    EXPECT_EQ("unchanged", again, supported, "it holds what it held");
}

TEST(negotiation, ok_is_read_only, "the guest cannot declare its request valid",
     SPEC("QEMU commit 50de920b37: features-ok is guest read-only"),
     NEEDS("machine>=pc-q35-2.9 boot=own"))
{
    uint8_t one = 1;
    uint8_t ok = 0xff;
    struct fw_cfg_file file;

    features_require();
    EXPECT_EQ("invalid", features_answer(BIT_64(63)), 0, "an invalid set is refused");
    CONTEXT_CLEAR();
    REQUIRE_TRUE("file", fw_cfg_find(FW_SMI_FILE_OK, &file), "etc/smi/features-ok is there");
    EXPECT_EQ("refused", fw_cfg_dma_write(file.key, &one, sizeof(one)), FW_CFG_DMA_ERROR,
              "writing to it is refused");
    EXPECT_EQ("read", fw_cfg_dma_read(file.key, &ok, sizeof(ok)), 0, "it can be read by DMA");
    EXPECT_EQ("still-0", ok, 0, "and still says that nothing is in force");
}

TEST(negotiation, locked, "once accepted, a set stays in force until reset, whatever is requested",
     SPEC("QEMU commit 50de920b37: success locks the features until reset"),
     NEEDS("machine>=pc-q35-2.9 firmware=virgin boot=own host=qom-get"))
{
    static const uint64_t later[] = {0, 1, 2, 7, BIT_64(63), UINT64_MAX};
    uint64_t supported = features_require();

    if (test_boot() == 2) {
        EXPECT_EQ("reset", features_in_force(), 0, "a reset ends it");
        EXPECT_EQ("reset-requested", features_requested(), 0, "and clears the request");
        return;
    }
    EXPECT_EQ("before", features_in_force(), 0, "nothing is in force before a negotiation");
    EXPECT_EQ("refused", features_answer(BIT_64(63)), 0, "an invalid set is refused");
    EXPECT_EQ("nothing", features_in_force(), 0, "and puts nothing in force");
    EXPECT_EQ("accepted", features_answer(supported), 1, "the offered set is accepted");
    EXPECT_EQ("in-force", features_in_force(), supported, "and is in force");
    for (unsigned int i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
        EXPECT_EQ("stays-ok", features_answer(later[i]), 1, "features-ok stays 1");
        EXPECT_EQ("cosmetic", features_requested(), later[i],
                  "the request may be rewritten, to no effect");
        EXPECT_EQ("stays", features_in_force(), supported, "the accepted set stays in force");
    }
    CONTEXT_CLEAR();
    test_announce_reset();
    ich9_reset();
}

TEST(negotiation, locked_empty, "an accepted empty set is locked too",
     SPEC("QEMU commit 50de920b37: success locks the features until reset"),
     NEEDS("machine>=pc-q35-2.9 boot=own host=qom-get"))
{
    uint64_t supported = features_require();
    uint64_t offered;

    EXPECT_EQ("accepted", features_answer(0), 1, "the empty set is a valid subset");
    REQUIRE_TRUE("file", smi_features_supported(&offered), "supported-features can still be read");
    EXPECT_EQ("offered", offered, supported, "and says what is offered, not what is in force");
    EXPECT_EQ("stays-ok", features_answer(supported), 1, "features-ok stays 1");
    EXPECT_EQ("nothing", features_in_force(), 0,
              "but nothing is in force, whatever is requested now");
    CONTEXT_CLEAR();
}
