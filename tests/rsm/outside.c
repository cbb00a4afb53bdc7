/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RSM where it is not allowed. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/entry/scene.h"

#define VECTOR_UD 6

static void expect_ud(enum scene_action action)
{
    REQUIRE_SMM();
    for (unsigned int mode = 0; scene_mode_exists(mode); mode++) {
        struct scene_result r;

        scene_play(mode, action, 1, WITNESS_REAL, NULL, &r);
        CONTEXT("%s", scene_mode_name(mode));
        EXPECT_EQ("vector", r.vector, VECTOR_UD, "it is #UD in this mode");
        if (r.vector == VECTOR_UD)
            EXPECT_EQ("ip", r.where, r.action, "and a fault: the saved IP is the instruction's");
        EXPECT_EQ("no_smi", r.smi[0].count, 0, "and SMM is not entered");
    }
    CONTEXT_CLEAR();
}

TEST(rsm, outside, "RSM outside SMM is #UD, in every mode and at every privilege level",
     SPEC("Intel SDM vol. 2, RSM; AMD APM vol. 3, RSM"), NEEDS(""))
{
    expect_ud(SCENE_RSM);
}

TEST(rsm, lock_outside, "RSM with a LOCK prefix outside SMM is #UD",
     SPEC("Intel SDM vol. 2, RSM: #UD if the LOCK prefix is used"), NEEDS(""))
{
    expect_ud(SCENE_LOCK_RSM);
}

static uint64_t SMM_CODE lock_rsm(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    __asm__ volatile(".globl rsm_test_lock_rsm\nrsm_test_lock_rsm: .byte 0xf0; rsm");
    *(uint32_t *)arg = 1;
    return 0;
}

extern const uint8_t rsm_test_lock_rsm[];

static uint64_t SMM_CODE nothing(struct smm_cpu *cpu, void *arg)
{
    (void)cpu;
    (void)arg;
    return 0;
}

TEST(rsm, lock_inside, "RSM with a LOCK prefix in SMM is #UD",
     SPEC("Intel SDM vol. 2, RSM: #UD if the LOCK prefix is used"), NEEDS(""))
{
    struct smm_mailbox *m = &smm_mailbox;
    uint32_t passed = 0;
    bool caught;

    REQUIRE_SMM();
    /* Not smm_run_on(): that waits for a handler which may have left without a word. */
    m->run_apic_id = smp_apic_id(smp_self());
    m->run_function = lock_rsm;
    m->run_argument = &passed;
    m->run_catch = true;
    m->run_done = 0;
    m->run_armed = 1;
    apm_write(SMM_CMD_RUN, 0);
    caught = m->run_done && m->run_caught;
    EXPECT_TRUE("caught", caught, "it raises an exception, SMM is not left");
    if (caught) {
        EXPECT_EQ("vector", m->run_caught - 1, VECTOR_UD, "and that is #UD");
        EXPECT_EQ("ip", m->run_caught_ip, (uintptr_t)rsm_test_lock_rsm,
                  "raised by that instruction");
    }
    EXPECT_EQ("passed", passed, 0, "nothing behind it is executed");
    smm_run(nothing, NULL); /* the handler stops to wait for an exception */
}
