/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RSM to virtual-8086 mode with another IOPL than the SMI found there. */
#include <stddef.h>

#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/entry/scene.h"

#define VECTOR_GP 13
#define IOPL_STEP (EFLAGS_IOPL & -EFLAGS_IOPL)

/*
 * The scene raises its second SMI by OUT, which the I/O map allows at any IOPL (Intel SDM
 * vol. 1, 18.5.2); PUSHF behind it is #GP with IOPL below 3 (vol. 3, 20.2.7).
 */
TEST(rsm, v86_iopl, "RSM goes to virtual-8086 mode with every IOPL that the save area says",
     SPEC("Intel SDM vol. 3, 34.3.2, Table 34-1: EFLAGS is writable; AMD APM vol. 2, 10.4"),
     NEEDS(""))
{
    REQUIRE_SMM();
    for (uint32_t iopl = 0; iopl < 4; iopl++) {
        uint32_t flags = EFLAGS_ONE | EFLAGS_VM | EFLAGS_CF | IOPL_STEP * iopl;
        struct witness_edit edits[2] = {{.length = 4}, {.length = 0}};
        struct scene_result r;

        edits[0].offset = witness_map_is_amd64() ? offsetof(union smm_save, amd64.rflags)
                                                 : offsetof(union smm_save, legacy.eflags);
        memcpy(edits[0].value, &flags, sizeof(flags));
        scene_play(SCENE_V86, SCENE_SMI, 1, WITNESS_PROTECTED, edits, &r);
        CONTEXT("IOPL %u", iopl);
        EXPECT_EQ("second", r.smi[1].count, 1, "the interrupted code goes on to its second SMI");
        EXPECT_BITS("flags", smm_save_get(&r.smi[1].save, SMM_REG_FLAGS),
                    EFLAGS_VM | EFLAGS_IOPL | EFLAGS_CF, flags & ~(uint32_t)EFLAGS_ONE,
                    "in virtual-8086 mode, with that IOPL");
        EXPECT_EQ("ip", smm_save_get(&r.smi[1].save, SMM_REG_IP) & ~UINT64_C(0xffff), 0,
                  "at an IP of 16 bits");
        EXPECT_EQ("end", r.vector, iopl == 3 ? SCENE_DONE : VECTOR_GP,
                  "and PUSHF is #GP unless IOPL is 3");
    }
    CONTEXT_CLEAR();
}
