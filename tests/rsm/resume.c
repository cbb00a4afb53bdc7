/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resuming what the SMI has interrupted: string instructions, I/O instructions. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/entry/scene.h"

#define AP     1
#define SMIS   60
#define LENGTH 0x4000U

struct bombard {
    uint32_t target; /* APIC id */
    const volatile uint32_t *entries;
    volatile uint32_t sent, done;
};

/* Each SMI is sent after the one before has been taken: none of them coalesce. */
static uint64_t bombard(void *arg)
{
    struct bombard *b = arg;

    while (b->sent < SMIS) {
        uint32_t before = *b->entries;

        apic_send_smi(b->target);
        b->sent++;
        if (!WAIT_FOR(*b->entries != before, PATIENCE_MS))
            break;
    }
    b->done = 1;
    return 0;
}

static bool copy(uint8_t *to, const uint8_t *from)
{
    unsigned long count = LENGTH;
    uint8_t *to_end = to;
    const uint8_t *from_end = from;

    __asm__ volatile("rep movsb" : "+c"(count), "+D"(to_end), "+S"(from_end) : : "memory");
    return count == 0 && to_end == to + LENGTH && from_end == from + LENGTH;
}

TEST(
    rsm, string, "a REP MOVS that SMIs interrupt is carried on, each byte once",
    SPEC("Intel SDM vol. 3, 34.3.1: SMIs are taken at instruction or iteration boundaries; 34.7.1"),
    NEEDS("smp=2"))
{
    uint8_t *from, *to;
    struct bombard b = {0};
    uint64_t before;

    REQUIRE_SMM();
    from = page_alloc(LENGTH);
    to = page_alloc(LENGTH + PAGE_SIZE);
    for (uint32_t i = 0; i < LENGTH; i++)
        from[i] = (uint8_t)(i * 31 + (i >> 8));
    b.target = smp_apic_id(smp_self());
    b.entries = &smm_report_of(b.target)->entries;
    before = rdmsr(MSR_SMI_COUNT);
    smp_call_start(AP, bombard, &b);
    do {
        memset(to, 0xcc, LENGTH + PAGE_SIZE);
        EXPECT_TRUE("registers", copy(to, from), "RCX, RSI and RDI end where they should");
        EXPECT_MEM("bytes", to, from, LENGTH, "all bytes are copied");
        EXPECT_EQ("behind", to[LENGTH], 0xcc, "and no more");
    } while (!b.done);
    if (!smp_call_wait(AP, NULL))
        ERROR("the sender of SMIs does not come to an end");
    EXPECT_EQ("all", b.sent, SMIS, "every SMI that is sent is taken");
    EXPECT_EQ("count", rdmsr(MSR_SMI_COUNT), before + SMIS, "and taken once");
}

TEST(rsm, no_io_restart,
     "without bit 16 of the revision identifier the I/O restart field is ignored",
     SPEC("Intel SDM vol. 3, 34.9, 34.12; AMD APM vol. 2, 10.3.8"), NEEDS(""))
{
    REQUIRE_SMM();
    for (unsigned int mode = 0; scene_mode_exists(mode); mode++) {
        bool amd64 = witness_map_is_amd64();
        const struct witness_edit edits[] = {
            {.offset = amd64 ? offsetof(struct smm_save64, io_restart_flag)
                             : offsetof(struct smm_save32, io_restart_flag),
             .length = 1,
             .value = {0xff}},
            {.length = 0}};
        struct scene_result r;

        scene_play(mode, SCENE_SMI, 0, WITNESS_REAL, edits, &r);
        CONTEXT("%s", scene_mode_name(mode));
        if (smm_save_get(&r.smi[0].save, SMM_REG_REVISION) & SMM_REV_IO_RESTART)
            SKIP("this CPU supports I/O instruction restart");
        EXPECT_EQ("first", r.smi[0].count, 1, "the OUT that raised the SMI is not repeated");
        EXPECT_EQ("second", r.smi[1].count, 1, "the next OUT raises the next SMI");
        EXPECT_EQ("counted", r.smi[1].smi_count, r.smi[0].smi_count + 1, "with none in between");
        EXPECT_EQ("goes_on", r.vector, SCENE_DONE, "the interrupted code goes on to its end");
    }
    CONTEXT_CLEAR();
}
