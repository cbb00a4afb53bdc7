/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state in which the handler is entered, whatever mode the SMI interrupts. */
#include "firmware/smm.h"
#include "hw/cpu.h"
#include "kernel/test.h"
#include "tests/entry/scene.h"

#define SPEC_ENTRY SPEC("Intel SDM vol. 3, Table 34-4, 34.5.1; AMD APM vol. 2, Table 10-3")

static void check_code(const struct witness_report *w)
{
    EXPECT_EQ("eip", w->eip, w->eip_expected, "EIP is 8000h");
    EXPECT_EQ("eflags", w->flags, EFLAGS_ONE, "EFLAGS is 00000002h");
    EXPECT_EQ("cs", w->cs, w->smbase >> 4 & 0xffff, "the CS selector is SMBASE >> 4");
}

static void check_data(const struct witness_report *w)
{
    static const char *const name[] = {"ES", "CS", "SS", "DS", "FS", "GS"};
    const uint16_t selector[] = {w->es, 0, w->ss, w->ds, w->fs, w->gs};

    for (unsigned int i = 0; i < SEG_COUNT; i++) {
        test_context("%s", name[i]);
        EXPECT_EQ("selectors", selector[i], 0, "the selectors of the data segments are 0");
        EXPECT_EQ("reach", w->by[i], WITNESS_TARGET,
                  "base 0 (CS: SMBASE) and 4 GiB limit: memory is read through each segment");
        EXPECT_TRUE("writable", w->wrote[i], "and written through the data segments");
    }
}

static void check_control(const struct scene_state *s, const struct witness_report *w)
{
    EXPECT_EQ("cr0", w->cr0, (uint32_t)s->cr0 & ~(CR0_PE | CR0_EM | CR0_TS | CR0_PG),
              "CR0: PE, EM, TS and PG cleared, the others unmodified");
    EXPECT_EQ("cr2", w->cr2, (uint32_t)s->cr2, "CR2 is unmodified");
    EXPECT_EQ("cr3", w->cr3, (uint32_t)s->cr3, "CR3 is unmodified");
    EXPECT_EQ("cr4", w->cr4, 0, "CR4 is 0");
    if (witness_map_is_amd64())
        EXPECT_EQ("efer", w->efer, 0, "EFER is 0 (AMD APM, which QEMU follows)");
    EXPECT_EQ("dr7", w->dr7, DR7_RESET, "DR7 is 00000400h");
    for (unsigned int i = 0; i < 4; i++)
        EXPECT_EQ("dr", w->dr[i], (uint32_t)s->dr[i], "DR0 to DR3 are unmodified");
    EXPECT_EQ("gdtr.base", w->gdtr_base, (uint32_t)s->gdtr_base, "GDTR is unmodified");
    EXPECT_EQ("gdtr.limit", w->gdtr_limit, s->gdtr_limit, "GDTR is unmodified");
}

static void check_smi(const struct scene_result *r, const struct witness_report *w)
{
    check_code(w);
    check_control(&r->loaded, w);
    if (r->leave != WITNESS_REAL) {
        EXPECT_EQ("ldtr", w->ldtr, r->loaded.ldtr.selector, "LDTR is unmodified");
        EXPECT_EQ("tr", w->tr, r->loaded.tr.selector, "TR is unmodified");
    }
    check_data(w);
}

static void check(enum scene_mode mode)
{
    for (unsigned int i = 0; i < SCENE_VARIANTS; i++) {
        struct scene_result r;

        /* The second SMI interrupts a CPU that has been in SMM before. */
        scene_play(mode, SCENE_SMI, i, WITNESS_PROTECTED, NULL, &r);
        for (unsigned int n = 0; n < 2; n++) {
            CONTEXT("%s, values %u, SMI %u", scene_mode_name(mode), i, n + 1);
            REQUIRE_EQ("taken", r.smi[n].count, 1, "the SMI is taken at SMBASE + 8000h, once");
            check_smi(&r, &r.smi[n]);
        }
    }
    CONTEXT_CLEAR();
}

TEST(entry, real, "the state in SMM after real mode", SPEC_ENTRY, NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_REAL);
}

TEST(entry, v86, "the state in SMM after virtual-8086 mode", SPEC_ENTRY, NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_V86);
}

TEST(entry, protected, "the state in SMM after protected mode without paging", SPEC_ENTRY,
     NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_PROTECTED);
    check(SCENE_PROTECTED_USER);
    check(SCENE_PROTECTED_16);
}

TEST(entry, paged, "the state in SMM after 32-bit and PAE paging", SPEC_ENTRY, NEEDS(""))
{
    REQUIRE_SMM();
    check(SCENE_PAGED);
    check(SCENE_PAGED_USER);
    check(SCENE_PAE);
    check(SCENE_PAE_USER);
}

TEST(entry, compat, "the state in SMM after compatibility mode", SPEC_ENTRY, NEEDS("arch=x86_64"))
{
    REQUIRE_SMM();
    check(SCENE_COMPAT);
    check(SCENE_COMPAT_USER);
}

TEST(entry, long, "the state in SMM after 64-bit mode", SPEC_ENTRY, NEEDS("arch=x86_64"))
{
    REQUIRE_SMM();
    check(SCENE_LONG);
    check(SCENE_LONG_USER);
}
