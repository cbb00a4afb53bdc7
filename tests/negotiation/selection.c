/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * It is the selection of features-ok that validates a request, by whichever interface of fw_cfg and
 * from wherever it is done; neither the request itself nor a look at the other files does.
 */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "hw/fw_cfg.h"
#include "kernel/test.h"
#include "tests/negotiation/features.h"

#define PROMISE "QEMU commit 50de920b37: "
#define HERE    "machine>=pc-q35-2.9 firmware=virgin boot=own host=qom-get "

static void request(uint64_t mask)
{
    uint16_t key = features_key(FW_SMI_FILE_REQUESTED);

    REQUIRE_EQ("request", (unsigned int)fw_cfg_dma_write(key, &mask, sizeof(mask)), 0,
               "requested-features can be written");
}

TEST(negotiation, select_requested, "a request puts nothing in force, nor does reading it back",
     SPEC(PROMISE "requested-features has no direct effect"), NEEDS(HERE))
{
    static const char *const others[] = {FW_SMI_FILE_SUPPORTED, FW_SMI_FILE_REQUESTED};
    uint64_t supported = features_require();
    uint64_t mask;

    request(supported);
    EXPECT_EQ("request-alone", features_in_force(), 0, "the request alone puts nothing in force");
    for (unsigned int i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        uint16_t key = features_key(others[i]);

        CONTEXT("%s", others[i]);
        fw_cfg_select(key);
        fw_cfg_read(&mask, sizeof(mask));
        EXPECT_EQ("content-port", mask, supported, "the port reads it");
        mask = 0;
        EXPECT_EQ("dma", (unsigned int)fw_cfg_dma_read(key, &mask, sizeof(mask)), 0,
                  "DMA reads it");
        EXPECT_EQ("content-dma", mask, supported, "to the same end");
        EXPECT_EQ("others", features_in_force(), 0, "selecting another file puts nothing in force");
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("still-open", features_answer(supported), 1, "the negotiation was open all the time");
    EXPECT_EQ("in-force", features_in_force(), supported, "and the set is in force now");
}

TEST(negotiation, select_by_port, "selecting features-ok through the port validates, read or not",
     SPEC(PROMISE "selecting features-ok validates"), NEEDS(HERE))
{
    uint64_t supported = features_require();
    uint16_t key = features_key(FW_SMI_FILE_OK);
    uint8_t ok[4];

    request(BIT_64(40));
    fw_cfg_select(key);
    EXPECT_EQ("refused", features_in_force(), 0, "an invalid set is not put in force");
    request(supported);
    EXPECT_EQ("not-yet", features_in_force(), 0, "nor is a valid one before the selection");
    fw_cfg_select(key);
    EXPECT_EQ("selected", features_in_force(), supported, "the selection puts it in force, unread");
    fw_cfg_read(ok, sizeof(ok));
    EXPECT_MEM("read", ok, "\1\0\0\0", sizeof(ok), "features-ok is one byte, 1");
    request(0);
    fw_cfg_select(key);
    fw_cfg_read(ok, 1);
    EXPECT_EQ("again", ok[0], 1, "a second selection validates nothing: it is still 1");
    EXPECT_EQ("stays", features_in_force(), supported, "and the first set still in force");
}

TEST(negotiation, select_to_write, "with bit 14 of the key it validates, too",
     SPEC(PROMISE "selecting features-ok validates; docs/specs/fw_cfg: bit 14 is ignored"),
     NEEDS(HERE))
{
    uint64_t supported = features_require();

    request(supported);
    fw_cfg_select(features_key(FW_SMI_FILE_OK) | FW_CFG_WRITE);
    EXPECT_EQ("selected", features_in_force(), supported, "the selection puts the set in force");
}

TEST(negotiation, select_by_dma, "selecting features-ok by DMA validates, with and without reading",
     SPEC(PROMISE "selecting features-ok validates; docs/specs/fw_cfg: SELECT by DMA"), NEEDS(HERE))
{
    uint64_t supported = features_require();
    uint16_t key = features_key(FW_SMI_FILE_OK);
    uint8_t ok = 0xff;

    request(BIT_64(40));
    EXPECT_EQ("transfer", (unsigned int)fw_cfg_dma_read(key, &ok, 1), 0, "features-ok can be read");
    EXPECT_EQ("refused", ok, 0, "an invalid set is refused");
    request(supported);
    EXPECT_EQ("select", (unsigned int)fw_cfg_dma(FW_CFG_DMA_KEY(key) | FW_CFG_DMA_SELECT, NULL, 0),
              0, "a selection without a transfer is no error");
    EXPECT_EQ("selected", features_in_force(), supported, "it puts the set in force");
    EXPECT_EQ("read-on", (unsigned int)fw_cfg_dma(FW_CFG_DMA_READ, &ok, 1), 0,
              "features-ok can be read on");
    EXPECT_EQ("ok", ok, 1, "and says so");
    EXPECT_EQ("again", (unsigned int)fw_cfg_dma_read(key, &ok, 1), 0, "as it does when read anew");
    EXPECT_EQ("ok-again", ok, 1, "it stays 1");
}

TEST(negotiation, every_refusal,
     "no refused set is in force for the host, and each may be followed "
     "by another one",
     SPEC(PROMISE "failure leaves features-ok 0 and the negotiation open"), NEEDS(HERE))
{
    uint64_t supported = features_require();

    for (uint64_t mask = 0; mask < 16; mask++) {
        if (features_valid(mask, supported))
            continue;
        EXPECT_EQ("refused", features_answer(mask), 0, "an invalid set is refused");
        EXPECT_EQ("nothing", features_in_force(), 0, "and nothing is in force");
        EXPECT_EQ("kept", features_requested(), mask, "the request can still be read");
    }
    EXPECT_EQ("broadcast", features_answer(FW_SMI_BROADCAST), 1, "less than offered is accepted");
    EXPECT_EQ("in-force", features_in_force(), FW_SMI_BROADCAST,
              "and exactly that is in force, not all that is offered");
    EXPECT_EQ("too-late", features_answer(supported), 1, "more cannot be had any more");
    EXPECT_EQ("stays", features_in_force(), FW_SMI_BROADCAST, "until a reset");
    CONTEXT_CLEAR();
}

/* Ordinary memory, as devices cannot reach the stack of an SMI handler. */
struct smm_request {
    struct fw_cfg_dma descriptor;
    uint64_t mask;
    uint32_t control; /* the descriptor's after the transfer */
    uint16_t requested_key, ok_key;
    uint8_t ok;
};

static uint64_t SMM_CODE negotiate_in_smm(struct smm_cpu *cpu, void *arg)
{
    struct smm_request *r = arg;

    (void)cpu;
    r->descriptor.control = __builtin_bswap32(FW_CFG_DMA_KEY(r->requested_key) | FW_CFG_DMA_SELECT |
                                              FW_CFG_DMA_WRITE);
    r->descriptor.length = __builtin_bswap32(sizeof(r->mask));
    r->descriptor.address = __builtin_bswap64((uintptr_t)&r->mask);
    __asm__ volatile("" : : : "memory");
    r->control = fw_cfg_dma_raw((uintptr_t)&r->descriptor, &r->descriptor.control);
    fw_cfg_select(r->ok_key);
    fw_cfg_read(&r->ok, sizeof(r->ok));
    return r->ok;
}

static uint64_t answer_in_smm(uint64_t mask)
{
    static struct smm_request r;

    r.requested_key = features_key(FW_SMI_FILE_REQUESTED);
    r.ok_key = features_key(FW_SMI_FILE_OK);
    r.mask = mask;
    r.ok = 0xff;
    r.control = FW_CFG_DMA_ERROR;
    smm_run(negotiate_in_smm, &r);
    CONTEXT("request %#llx in SMM", (unsigned long long)mask);
    REQUIRE_EQ("transfer", r.control, 0, "the request can be made");
    return r.ok;
}

TEST(negotiation, in_smm, "an SMI handler negotiates under the same rule, in the same state",
     SPEC(PROMISE "selecting features-ok validates, success locks the features"), NEEDS(HERE))
{
    uint64_t supported = features_require();

    REQUIRE_SMM();
    EXPECT_EQ("refused-outside", features_answer(BIT_64(63)), 0, "an invalid set is refused");
    EXPECT_EQ("refused", answer_in_smm(BIT_64(62)), 0, "in SMM too");
    EXPECT_EQ("nothing", features_in_force(), 0, "nothing is in force");
    EXPECT_EQ("requested", features_requested(), BIT_64(62), "SMM's request is seen outside");
    EXPECT_EQ("accepted", answer_in_smm(supported), 1, "a valid set is accepted in SMM");
    EXPECT_EQ("in-force", features_in_force(), supported, "and is in force");
    EXPECT_EQ("locked-outside", features_answer(FW_SMI_BROADCAST), 1, "features-ok stays 1");
    EXPECT_EQ("locked", answer_in_smm(BIT_64(63)), 1, "in SMM too");
    EXPECT_EQ("stays", features_in_force(), supported, "and the set stays in force");
    CONTEXT_CLEAR();
}
