/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The save area apart from registers: its place, its revision, what is left in it. */
#include "firmware/smm.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/entry/scene.h"
#include "tests/save/fields.h"

TEST(save, place, "the save area is SMBASE + FE00h to FFFFh, and nothing beside it is written",
     SPEC("AMD APM vol. 2, 10.2.2; Intel SDM vol. 3, 34.4"), NEEDS(""))
{
    REQUIRE_SMM();
    for (unsigned int mode = 0; scene_mode_exists(mode); mode++) {
        struct scene_result r;

        scene_play(mode, SCENE_SMI, 0, WITNESS_REAL, NULL, &r);
        CONTEXT("%s", scene_mode_name(mode));
        for (unsigned int i = 0; i < 2; i++) {
            REQUIRE_EQ("taken", r.smi[i].count, 1, "both SMIs are taken");
            EXPECT_EQ("beside", r.smi[i].written_outside, 0,
                      "512 bytes below and above are untouched after entry and RSM");
        }
    }
    CONTEXT_CLEAR();
}

TEST(save, revision, "the revision identifier names the map and what it supports, on every CPU",
     SPEC("Intel SDM vol. 3, 34.9; AMD APM vol. 2, 10.2.4; QEMU's map: SMBASE relocation, no I/O "
          "restart"),
     NEEDS("smp=2"))
{
    REQUIRE_SMM();
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        uint32_t revision;

        CONTEXT("CPU %u", n);
        REQUIRE_TRUE("taken", smm_trigger_on(n, SMM_CMD_PING, 0), "an SMI comes back");
        revision = smm_report_of(smp_apic_id(n))->revision;
#ifdef __x86_64__
        EXPECT_BITS("map", revision, 0xffff, SMM_REV_AMD64, "a 64-bit CPU has the AMD64 map");
#else
        EXPECT_TRUE("map", (revision & 0xffff) == 0 || (revision & 0xffff) == SMM_REV_AMD64,
                    "it is the legacy map or the AMD64 map");
#endif
        EXPECT_BITS("relocation", revision, SMM_REV_SMBASE, SMM_REV_SMBASE,
                    "SMBASE relocation is supported");
        EXPECT_BITS("io_restart", revision, SMM_REV_IO_RESTART, 0,
                    "I/O instruction restart is not, as QEMU has it");
        EXPECT_BITS("reserved", revision, 0xfffc0000, 0, "the reserved bits are 0");
    }
    CONTEXT_CLEAR();
}

TEST(save, high_halves, "64-bit fields of the AMD64 map are written in full",
     SPEC("AMD APM vol. 2, Table 10-1: quadwords; 10.4: CR0, DR6 and DR7 bits 63:32 set are fatal"),
     NEEDS("arch=x86_64"))
{
    const struct smm_save64 *save;
    struct scene_result r;

    REQUIRE_SMM();
    scene_play(SCENE_LONG, SCENE_SMI, 0, WITNESS_REAL, NULL, &r);
    save = &r.smi[0].save.amd64;
    REQUIRE_EQ("taken", r.smi[0].count, 1, "the SMI is taken");
    EXPECT_EQ("rflags", save->rflags >> 32, 0, "the upper half of RFLAGS is saved as 0");
    EXPECT_EQ("cr0", save->cr0 >> 32, 0, "the upper half of CR0 is saved as 0");
    EXPECT_EQ("cr4", save->cr4 >> 32, 0, "the upper half of CR4 is saved as 0");
    EXPECT_EQ("dr6", save->dr6 >> 32, 0, "the upper half of DR6 is saved as 0");
    EXPECT_EQ("dr7", save->dr7 >> 32, 0, "the upper half of DR7 is saved as 0");
}

TEST(save, not_halted, "the auto-HALT field's bit 0 is 0 when the SMI has not interrupted HLT",
     SPEC("Intel SDM vol. 3, 34.10, Table 34-7; AMD APM vol. 2, 10.3.7"), NEEDS(""))
{
    const union smm_save *save;
    struct scene_result r;

    REQUIRE_SMM();
    scene_play(SCENE_PROTECTED, SCENE_SMI, 0, WITNESS_REAL, NULL, &r);
    save = &r.smi[0].save;
    REQUIRE_EQ("taken", r.smi[0].count, 1, "the SMI is taken");
    EXPECT_BITS("field", smm_save_is_amd64(save) ? save->amd64.auto_halt : save->legacy.auto_halt,
                1, 0, "the CPU clears it, whatever the memory held before");
}
