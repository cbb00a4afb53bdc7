/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No translation crosses the border between SMM and the rest: in which modes this is tried. */
#include "firmware/smm.h"
#include "kernel/test.h"
#include "tests/tlb/crossing.h"

#define FLUSH                                                                                     \
    "Intel SDM vol. 3, 34.14.1-2: SMI delivery and RSM invalidate linear mappings; AMD APM vol. " \
    "2, 15.16.1: SMI and RSM flush the TLB"
#define MACHINE "smp=2 boot=own machine>=pc-q35-5.0"

TEST(tlb, real_mode, "no translation crosses the border of SMM in real mode", SPEC(FLUSH),
     NEEDS(MACHINE))
{
    static const struct mode m = {"real mode", KIND_REAL, PAGING_NONE, false, 0};

    crossing_prepare();
    crossing_all_accesses(&m, HANDLER_PLAIN);
}

TEST(tlb, big_real_mode,
     "no translation crosses the border of SMM in real mode with 4 GiB segments", SPEC(FLUSH),
     NEEDS(MACHINE))
{
    static const struct mode m = {"big real mode", KIND_BIG_REAL, PAGING_NONE, false, 0};

    crossing_prepare();
    crossing_all_accesses(&m, HANDLER_PLAIN);
}

TEST(tlb, real_mode_handlers, "the same where the handler changes CR0 or CR4, or CR4 was not 0",
     SPEC(FLUSH), NEEDS(MACHINE))
{
    static const struct mode modes[] = {
        {"real mode", KIND_REAL, PAGING_NONE, false, 0},
        {"big real mode", KIND_BIG_REAL, PAGING_NONE, false, 0},
    };
    static const struct mode with_cr4 = {"big real mode, CR4.PSE", KIND_BIG_REAL, PAGING_NONE,
                                         false, 1 << 4};

    crossing_prepare();
    for (uint32_t i = 0; i < 2; i++) {
        crossing_all_accesses(&modes[i], HANDLER_PE);
        crossing_all_accesses(&modes[i], HANDLER_CR4);
        crossing_all_accesses(&modes[i], HANDLER_PAGING);
    }
    crossing_all_accesses(&with_cr4, HANDLER_PLAIN);
}

/* All modes, and with the first one every handler. */
static void all_modes(const struct mode *modes, uint32_t count)
{
    crossing_prepare();
    for (uint32_t h = HANDLER_PLAIN; h <= HANDLER_PAGING; h++)
        crossing_all_accesses(&modes[0], (enum handler)h);
    for (uint32_t i = 1; i < count; i++)
        crossing_all_accesses(&modes[i], HANDLER_PLAIN);
}

TEST(tlb, protected_mode, "no translation crosses the border of SMM in protected mode", SPEC(FLUSH),
     NEEDS(MACHINE))
{
    static const struct mode modes[] = {
        {"16-bit protected mode", KIND_PROTECTED16, PAGING_NONE, false, 0},
        {"32-bit protected mode", KIND_32, PAGING_NONE, false, 0},
    };

    all_modes(modes, 2);
}

TEST(tlb, paging, "no translation crosses the border of SMM with paging", SPEC(FLUSH),
     NEEDS(MACHINE))
{
    static const struct mode modes[] = {
        {"32-bit paging, 4 KiB", KIND_32, PAGING_32_4K, false, 0},
        {"32-bit paging, 4 KiB global", KIND_32, PAGING_32_4K, true, 0},
        {"32-bit paging, 4 MiB", KIND_32, PAGING_32_4M, false, 0},
        {"32-bit paging, 4 MiB global", KIND_32, PAGING_32_4M, true, 0},
        {"PAE paging, 4 KiB", KIND_32, PAGING_PAE_4K, false, 0},
        {"PAE paging, 4 KiB global", KIND_32, PAGING_PAE_4K, true, 0},
        {"PAE paging, 2 MiB", KIND_32, PAGING_PAE_2M, false, 0},
        {"PAE paging, 2 MiB global", KIND_32, PAGING_PAE_2M, true, 0},
    };

    all_modes(modes, sizeof(modes) / sizeof(modes[0]));
}

TEST(tlb, long_mode, "no translation crosses the border of SMM in long mode", SPEC(FLUSH),
     NEEDS(MACHINE " arch=x86_64 cpu=max"))
{
    static const struct mode modes[] = {
        {"compatibility mode, 4 KiB", KIND_COMPATIBLE, PAGING_LONG_4K, false, 0},
        {"compatibility mode, 2 MiB global", KIND_COMPATIBLE, PAGING_LONG_2M, true, 0},
        {"64-bit mode, 4 KiB", KIND_64, PAGING_LONG_4K, false, 0},
        {"64-bit mode, 4 KiB global", KIND_64, PAGING_LONG_4K, true, 0},
        {"64-bit mode, 2 MiB", KIND_64, PAGING_LONG_2M, false, 0},
        {"64-bit mode, 2 MiB global", KIND_64, PAGING_LONG_2M, true, 0},
        {"64-bit mode, 1 GiB", KIND_64, PAGING_LONG_1G, false, 0},
    };

    all_modes(modes, sizeof(modes) / sizeof(modes[0]));
}
