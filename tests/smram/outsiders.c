/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of views for those who are no CPU: a PCI bus master and the host. */
#include "firmware/smm.h"
#include "hw/mch.h"
#include "kernel/test.h"
#include "tests/smram/views.h"

#define MIB 0x100000U

/* Closed and open, each segment, each size of TSEG; mib 0: the extended one. */
static const struct {
    bool h, t, open;
    uint8_t sz;
    uint32_t mib;
} states[] = {
    {false, false, false, ESMRAMC_TSEG_SZ_1M, 1}, {false, true, false, ESMRAMC_TSEG_SZ_1M, 1},
    {true, true, false, ESMRAMC_TSEG_SZ_2M, 2},   {false, true, true, ESMRAMC_TSEG_SZ_8M, 8},
    {true, true, true, ESMRAMC_TSEG_SZ_EXT, 0},
};

static void place(struct smram_state *s, uint32_t i)
{
    uint32_t mib = states[i].mib ? states[i].mib : mch_ext_tseg_query();

    *s = (struct smram_state){
        .g = true, .h = states[i].h, .t = states[i].t, .open = states[i].open};
    if (mib)
        views_place_tseg(s, states[i].sz, mib * MIB);
    else
        views_place_tseg(s, ESMRAMC_TSEG_SZ_8M, 8 * MIB);
}

/* All states one after the other, the last one locked in the end, with the default SMBASE. */
static void all_states(enum view view)
{
    struct smram_state s;

    REQUIRE_SMM();
    for (uint32_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        place(&s, i);
        views_open();
        views_lay(&s);
        views_set(&s);
        views_check_view(&s, view, false);
        views_open();
        views_restore();
    }
    views_lay(&s);
    s.open = false;
    s.window = mch_smbase_window_probe() == SMBASE_WINDOW_OPEN;
    views_set(&s);
    mch_write8(MCH_SMRAM, views_smram(&s) | SMRAM_D_LCK);
    if (s.window)
        mch_write8(MCH_F_SMBASE, F_SMBASE_LOCKED);
    views_check_view(&s, view, true);
}

#define OUTSIDERS                                                                                  \
    "Q35 MCH datasheet, SMM space: never for PCI Express or DMI; QEMU bafc90bdc5 (TSEG is hidden " \
    "from bus masters), f404220e27"

TEST(smram, bus_master_views, "a PCI bus master sees no SMRAM in any state, at any width",
     SPEC(OUTSIDERS), NEEDS("firmware=virgin boot=own vga=std device=edu icount=6 timeout=40"))
{
    all_states(VIEW_EDU);
}

TEST(smram, host_views, "nor does the host", SPEC(OUTSIDERS),
     NEEDS("firmware=virgin boot=own vga=std host=peek timeout=40"))
{
    all_states(VIEW_HOST);
}

TEST(smram, host_views_without_vga, "nor without a VGA device, except for the closed A-segment",
     SPEC(OUTSIDERS), NEEDS("firmware=virgin boot=own host=peek timeout=40"))
{
    all_states(VIEW_HOST);
}
