/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address bit 20 while A20 is masked: masked outside SMM, never in it, and nothing that was looked
 * up on one side is used on the other. */
#include "firmware/smm.h"
#include "hw/io.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/tlb/modes.h"

#define MIB 0x100000U

#define A20_ON        2U
#define A20_OFF       0U
#define A20_OFF_RESET 1U /* port 92h, INIT_NOW */

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

static const struct mode flat = {"32-bit protected mode", KIND_32, PAGING_NONE, false, 0};

/* In SMM paging is turned on: neither the walk nor what it leads to loses bit 20. */
TEST(tlb, a20_paging_in_smm, "masking A20 has no effect on paging in SMM either", SPEC(A20),
     NEEDS("boot=own"))
{
    static const struct mode paged = {"32-bit paging, 4 KiB", KIND_32, PAGING_32_4K, false, 0};
    uint32_t inside, before, tables;
    struct steps s = {.outer_count = 0};
    struct pair p;

    REQUIRE_SMM();
    p = make_pair();
    modes_init();
    mode_take_smbase(smp_self());
    *p.low = LOW_VALUE;
    *p.high = HIGH_VALUE;
    tables = mode_page_tables(&paged, (const uint32_t[]){MODES_CODE, (uint32_t)(uintptr_t)p.low,
                                                         (uint32_t)(uintptr_t)p.high});
    steps_outer(&s, STEP_A20, 0, A20_OFF);
    before = steps_outer(&s, STEP_READ, (uint32_t)(uintptr_t)p.high, 0);
    steps_outer(&s, STEP_SMI, 0, SMM_CMD_PING);
    steps_inner(&s, STEP_PAGING, 0, tables);
    inside = steps_inner(&s, STEP_READ, (uint32_t)(uintptr_t)p.high, 0);
    steps_inner(&s, STEP_WRITE, (uint32_t)(uintptr_t)p.high, FROM_SMM);
    steps_inner(&s, STEP_NO_PAGING, 0, 0);
    steps_outer(&s, STEP_A20, 0, A20_ON);
    REQUIRE_TRUE("returns", mode_run(smp_self(), &flat, 0, &s), "the CPU comes back");
    EXPECT_EQ("before", s.outer[before].value, LOW_VALUE, "outside, port 92h masks A20");
    EXPECT_EQ("read", s.inner[inside].value, HIGH_VALUE, "with paging in SMM it is not masked");
    EXPECT_EQ("write", *p.high, FROM_SMM, "nor for what is written");
    EXPECT_EQ("write-low", *p.low, LOW_VALUE, "which does not go to the other address");
}

/* The handler turns A20 on or off, which has its effect behind RSM. */
static void check_changed(const struct pair *p, uint32_t outside, uint32_t inside)
{
    uint32_t high = (uint32_t)(uintptr_t)p->high;
    uint32_t before, in_smm, after;
    struct steps s = {.outer_count = 0};

    *p->low = LOW_VALUE;
    *p->high = HIGH_VALUE;
    steps_outer(&s, STEP_A20, 0, outside);
    before = steps_outer(&s, STEP_READ, high, 0);
    steps_outer(&s, STEP_SMI, 0, SMM_CMD_PING);
    steps_inner(&s, STEP_READ, high, 0);
    steps_inner(&s, STEP_A20, 0, inside);
    in_smm = steps_inner(&s, STEP_READ, high, 0);
    after = steps_outer(&s, STEP_READ, high, 0);
    steps_outer(&s, STEP_A20, 0, A20_ON);
    CONTEXT("%s, A20 %s, in SMM %s, 4 bytes at %#x", flat.name, outside ? "on" : "off",
            inside ? "on" : "off", high);
    REQUIRE_TRUE("returns", mode_run(smp_self(), &flat, 0, &s), "the CPU comes back");
    EXPECT_EQ("before", s.outer[before].value, outside ? HIGH_VALUE : LOW_VALUE,
              "before the SMI, port 92h decides");
    EXPECT_EQ("in-smm", s.inner[in_smm].value, HIGH_VALUE, "A20 is not masked in SMM");
    EXPECT_EQ("behind", s.outer[after].value, inside ? HIGH_VALUE : LOW_VALUE,
              "behind RSM, what the handler has written to port 92h is in force");
    CONTEXT_CLEAR();
}

TEST(tlb, a20_changed_in_smm, "what SMM does to A20 takes effect when it ends", SPEC(A20),
     NEEDS("boot=own"))
{
    struct pair p;

    REQUIRE_SMM();
    p = make_pair();
    modes_init();
    mode_take_smbase(smp_self());
    for (uint32_t i = 0; i < 4; i++)
        check_changed(&p, i & 1 ? A20_ON : A20_OFF, i & 2 ? A20_ON : A20_OFF);
}

/* Where a CPU waits for the reset: jmp to itself, below 1 MiB as A20 is masked. */
#define WAIT_HERE 0x1f000U

static void reset_while_masked(bool in_smm)
{
    struct steps s = {.outer_count = 0};

    REQUIRE_SMM();
    modes_init();
    mode_take_smbase(smp_self());
    mmio_write16(WAIT_HERE, 0xfeeb);
    steps_outer(&s, STEP_A20, 0, A20_OFF);
    if (in_smm) {
        steps_outer(&s, STEP_SMI, 0, SMM_CMD_PING);
        steps_inner(&s, STEP_A20, 0, A20_OFF_RESET);
        steps_inner(&s, STEP_EXECUTE, WAIT_HERE, 0);
    } else {
        steps_outer(&s, STEP_A20, 0, A20_OFF_RESET);
        steps_outer(&s, STEP_EXECUTE, WAIT_HERE, 0);
    }
    test_announce_reset();
    (void)mode_run(smp_self(), &flat, 0, &s);
    ERROR("the machine was not reset");
}

/* The first instruction behind a reset is at FFFFFFF0h, and so is bit 20. */
TEST(
    tlb, a20_reset, "a reset ends the masking of A20, whether it comes outside SMM or inside",
    SPEC("ICH9 datasheet, PORT92 (92h): ALT_A20_GATE, INIT_NOW; Intel SDM vol. 3, 9.1.4: the first "
         "instruction is at FFFFFFF0h"),
    NEEDS("firmware=virgin boot=own"))
{
    volatile uint32_t *low = (volatile uint32_t *)(uintptr_t)(64 * MIB);
    volatile uint32_t *high = (volatile uint32_t *)(uintptr_t)(65 * MIB);

    CONTEXT("boot %u", test_boot());
    *low = LOW_VALUE;
    *high = HIGH_VALUE;
    EXPECT_EQ("low", *low, LOW_VALUE, "addresses that differ in bit 20 are two places");
    EXPECT_EQ("high", *high, HIGH_VALUE, "... both of them");
    CONTEXT_CLEAR();
    if (test_boot() < 3)
        reset_while_masked(test_boot() == 2);
}
