/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of views: what each combination of SMRAM's control bits shows to whom. */
#include "firmware/smm.h"
#include "hw/mch.h"
#include "kernel/test.h"
#include "tests/smram/views.h"

#define MIB 0x100000U

#define COMBINATIONS                                                                           \
    "Q35 MCH datasheet, SMRAM (9Dh), ESMRAMC (9Eh), SMM space combinations; QEMU 64130fa4a1, " \
    "bafc90bdc5"

/* Every combination that the manuals speak about; Intel's TSEG sizes take turns. */
static void all_combinations(void)
{
    static const struct {
        uint8_t sz;
        uint32_t mib;
    } sizes[] = {{ESMRAMC_TSEG_SZ_1M, 1}, {ESMRAMC_TSEG_SZ_2M, 2}, {ESMRAMC_TSEG_SZ_8M, 8}};

    REQUIRE_SMM();
    for (uint32_t bits = 0; bits < 16; bits++) {
        struct smram_state s = {.g = bits & 1, .h = bits & 2, .t = bits & 4, .open = bits & 8};

        views_place_tseg(&s, sizes[bits / 2 % 3].sz, sizes[bits / 2 % 3].mib * MIB);
        views_open();
        views_lay(&s);
        views_set(&s);
        views_check(&s, false);
        views_open();
        views_restore();
    }
}

TEST(smram, combinations,
     "every combination of G_SMRAME, H_SMRAME, T_EN and D_OPEN shows SMRAM to "
     "those who may see it, beside a VGA device",
     SPEC(COMBINATIONS), NEEDS("firmware=virgin boot=own vga=std"))
{
    all_combinations();
}

TEST(smram, combinations_without_vga,
     "the same without a VGA device, except for the A-segment "
     "where it is closed",
     SPEC(COMBINATIONS), NEEDS("firmware=virgin boot=own"))
{
    all_combinations();
}
