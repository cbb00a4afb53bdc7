/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address bit 20 while A20 is masked: masked outside SMM, never in it, and nothing that was looked
 * up on one side is used on the other. */
#include "firmware/smm.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/tlb/modes.h"

#define MIB 0x100000U

#define A20_ON  2U
#define A20_OFF 0U

#define LOW_VALUE  0x10a20a20U /* at the address with bit 20 clear */
#define HIGH_VALUE 0x20a20a20U /* ... set */
#define FROM_SMM   0x5a5a11abU

/* Two addresses that differ in bit 20 only. */
struct pair {
    volatile uint32_t *low, *high;
};

static struct pair make_pair(void)
{
    uint32_t block = (uint32_t)(uintptr_t)page_alloc(4 * MIB);
    uint32_t low = ((block + 2 * MIB - 1) & ~(2 * MIB - 1)) + 0x3450;

    return (struct pair){(volatile uint32_t *)(uintptr_t)low,
                         (volatile uint32_t *)(uintptr_t)(low + MIB)};
}

/* With A20 masked, the high address in SMM and outside, and outside before if outside_first.
 * false: A20 was not masked. */
static bool check_mode(const struct mode *m, const struct pair *p, bool outside_first)
{
    uint32_t low = (uint32_t)(uintptr_t)p->low, high = (uint32_t)(uintptr_t)p->high;
    uint32_t addresses[] = {MODES_CODE, low, high};
    uint32_t before = 0, inside, inside_low, after, end;
    struct steps s = {.outer_count = 0};

    mode_forget_page_tables();
    *p->low = LOW_VALUE;
    *p->high = HIGH_VALUE;
    steps_outer(&s, STEP_A20, 0, A20_OFF);
    if (outside_first)
        before = steps_outer(&s, STEP_READ, high, 0);
    steps_outer(&s, STEP_SMI, 0, SMM_CMD_PING);
    inside = steps_inner(&s, STEP_READ, high, 0);
    inside_low = steps_inner(&s, STEP_READ, low, 0);
    steps_inner(&s, STEP_WRITE, high, FROM_SMM);
    after = steps_outer(&s, STEP_READ, high, 0);
    steps_outer(&s, STEP_A20, 0, A20_ON);
    end = steps_outer(&s, STEP_READ, high, 0);
    CONTEXT("%s, %s, at %#x", m->name, outside_first ? "outside first" : "SMM first", high);
    REQUIRE_TRUE("returns", mode_run(smp_self(), m, mode_page_tables(m, addresses), &s),
                 "the CPU comes back from the mode");
    if (outside_first) {
        EXPECT_EQ("masked", s.outer[before].value, LOW_VALUE, "port 92h masks A20 outside SMM");
        if (s.outer[before].value != LOW_VALUE)
            return false;
    }
    EXPECT_EQ("smm", s.inner[inside].value, HIGH_VALUE, "in SMM, A20 is not masked");
    EXPECT_EQ("smm-low", s.inner[inside_low].value, LOW_VALUE, "... nor set");
    EXPECT_EQ("after", s.outer[after].value, LOW_VALUE, "behind RSM, A20 is masked as before");
    EXPECT_EQ("smm-write", *p->high, FROM_SMM, "what SMM wrote is at the address with bit 20 set");
    EXPECT_EQ("smm-write-low", *p->low, LOW_VALUE, "and not at the other one");
    EXPECT_EQ("end", s.outer[end].value, FROM_SMM, "without the mask the CPU sees it there");
    CONTEXT_CLEAR();
    return true;
}

static void check_modes(const struct mode *modes, uint32_t count)
{
    struct pair p;

    REQUIRE_SMM();
    p = make_pair();
    modes_init();
    mode_take_smbase(smp_self());
    for (uint32_t i = 0; i < count; i++) {
        if (mode_supported(&modes[i]) && check_mode(&modes[i], &p, true))
            check_mode(&modes[i], &p, false);
    }
}

#define A20                                                                          \
    "Intel SDM vol. 3, 34.5.1, 34.6: A20M# is inhibited in SMM; 34.14: SMI and RSM " \
    "invalidate mappings; ICH9 datasheet, PORT92 (92h): ALT_A20_GATE"

TEST(tlb, a20,
     "masking A20 has no effect in SMM and all of it outside, in protected mode and with "
     "4 KiB pages",
     SPEC(A20), NEEDS("boot=own"))
{
    static const struct mode modes[] = {
        {"16-bit protected mode", KIND_PROTECTED16, PAGING_NONE, false, 0},
        {"32-bit protected mode", KIND_32, PAGING_NONE, false, 0},
        {"32-bit paging, 4 KiB", KIND_32, PAGING_32_4K, false, 0},
        {"PAE paging, 4 KiB", KIND_32, PAGING_PAE_4K, false, 0},
        {"compatibility mode, 4 KiB", KIND_COMPATIBLE, PAGING_LONG_4K, false, 0},
        {"64-bit mode, 4 KiB", KIND_64, PAGING_LONG_4K, false, 0},
    };

    check_modes(modes, sizeof(modes) / sizeof(modes[0]));
}

TEST(tlb, a20_large_pages, "the same with large pages", SPEC(A20), NEEDS("boot=own"))
{
    static const struct mode modes[] = {
        {"32-bit paging, 4 MiB", KIND_32, PAGING_32_4M, false, 0},
        {"PAE paging, 2 MiB", KIND_32, PAGING_PAE_2M, false, 0},
        {"64-bit mode, 2 MiB", KIND_64, PAGING_LONG_2M, false, 0},
    };

    check_modes(modes, sizeof(modes) / sizeof(modes[0]));
}

TEST(tlb, a20_real_mode, "the same in real mode with 4 GiB segments", SPEC(A20), NEEDS("boot=own"))
{
    static const struct mode m = {"big real mode", KIND_BIG_REAL, PAGING_NONE, false, 0};

    check_modes(&m, 1);
}
