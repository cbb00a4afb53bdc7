/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An SMI while the debug registers are guarded. */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "tests/entry/scene.h"

TEST(entry, dr7_gd, "DR7.GD does not keep an SMI from being taken, and no #DB comes of it",
     SPEC("Intel SDM vol. 3, Table 34-4: DR7 is 400h; 34.5.1; 17.2.4: GD is about MOV to and from "
          "debug registers"),
     NEEDS("boot=own"))
{
    struct scene_result r;
    const union smm_save *save;

    REQUIRE_SMM();
    scene_play(SCENE_REAL, SCENE_GUARDED_SMI, 0, WITNESS_REAL, NULL, &r);
    EXPECT_EQ("no_db", r.vector, SCENE_DONE,
              "no exception goes through the IDT that the interrupted code has chosen");
    if (r.vector != SCENE_DONE)
        return;
    EXPECT_EQ("taken", r.smi[0].count, 1, "the handler is entered");
    EXPECT_EQ("dr7", r.smi[0].dr7, DR7_RESET, "with DR7 = 400h");
    EXPECT_EQ("second", r.smi[1].count, 1, "and once more by the second SMI");
    for (unsigned int i = 0; i < 2; i++) {
        CONTEXT("SMI %u", i + 1);
        save = &r.smi[i].save;
        EXPECT_EQ("saved",
                  smm_save_is_amd64(save) ? save->amd64.dr7 & UINT32_MAX : save->legacy.dr7,
                  r.loaded.dr7, "the save area's DR7 has GD set (34.4.1.1; AMD Table 10-1)");
    }
    CONTEXT_CLEAR();
}
