/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An AP stands still with a value of its own in every register (frozen.asm), and the
 * host compares all of them before and after SMIs: also those parts of the segment
 * registers that no instruction shows and the 32-bit save map has no place for.
 */
#include "tests/rsm/frozen.h"
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "kernel/host.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/entry/scene_tables.h"

#define AP   1
#define SMIS 2 /* the second finds what the first has left */

/*
 * The AP's GDT, a page; system descriptors have two entries in long mode. Selectors of
 * more than eight bits, all different.
 */
#define SEL_CS      0x08
#define SEL_SS      0x10
#define SEL_LDT     0x528
#define SEL_TSS     0x638
#define SEL_ES      0x748
#define SEL_DS      0x858
#define SEL_FS      0x968
#define SEL_GS      0xa78
#define GDT_ENTRIES 512

extern uint8_t frozen_fx[512], frozen_gdtr[16], frozen_idtr[16];
extern uint16_t frozen_selectors[6];
extern uint64_t frozen_flags;
extern const uint8_t frozen_loop[];
void frozen_start(void) __attribute__((noreturn));

static char before[HOST_ANSWER_MAX], after[HOST_ANSWER_MAX];

static void set_table(uint8_t *pointer, const void *base, uint16_t limit)
{
    uintptr_t address = (uintptr_t)base;

    memcpy(pointer, &limit, sizeof(limit));
    memcpy(pointer + sizeof(limit), &address, sizeof(address));
}

/* Every attribute that may be set or clear the other way round, and other limits and flags. */
static bool other_attributes;

static void set_descriptors(uint64_t *gdt)
{
#ifdef __x86_64__
    gdt[SEL_CS / 8] = descriptor(0, 0xffffffff, ATTR_CODE | ATTR_L | ATTR_G);
#else
    gdt[SEL_CS / 8] = descriptor(0, 0xffffffff, ATTR_CODE | ATTR_D | ATTR_G | ATTR_AVL);
#endif
    gdt[SEL_SS / 8] = descriptor(0, 0xffffffff, ATTR_DATA | ATTR_D | ATTR_G);
    if (other_attributes) {
        gdt[SEL_LDT / 8] = descriptor(0x00897a6b, 0x9fed, ATTR_LDT);
        gdt[SEL_TSS / 8] = descriptor(0x00fedcba, 0x7654, ATTR_TSS);
        gdt[SEL_ES / 8] = descriptor(0x8a9bcde1, 0x000fedcb,
                                     ATTR_DATA | ATTR_D | ATTR_AVL | ATTR_DPL(2));
        gdt[SEL_DS / 8] = descriptor(0x97531fed, 0x87654fff, ATTR_DATA_RO | ATTR_G | ATTR_D);
        gdt[SEL_FS / 8] = descriptor(0x13577531, 0xedcbafff,
                                     ATTR_CODE | ATTR_G | ATTR_AVL | ATTR_DPL(3));
        gdt[SEL_GS / 8] = descriptor(0x2468aced, 0x000f4321,
                                     ATTR_DATA | ATTR_DOWN | ATTR_D | ATTR_DPL(1));
        return;
    }
    gdt[SEL_LDT / 8] = descriptor(0x00345678, 0xabcfff, ATTR_LDT | ATTR_G | ATTR_AVL | ATTR_DPL(3));
    gdt[SEL_TSS / 8] = descriptor(0x00456789, 0x1234fff,
                                  ATTR_TSS | ATTR_G | ATTR_AVL | ATTR_DPL(3));
    gdt[SEL_ES / 8] = descriptor(0x13579bdf, 0xabcdefff, ATTR_DATA_RO | ATTR_G | ATTR_DPL(1));
    gdt[SEL_DS / 8] = descriptor(0x2468ace0, 0x00012345, ATTR_DATA | ATTR_AVL | ATTR_DPL(3));
    gdt[SEL_FS / 8] = descriptor(0x87654321, 0x00000fff, ATTR_DATA | ATTR_DOWN | ATTR_D);
    gdt[SEL_GS / 8] = descriptor(0xfedcba90, 0x9abcdfff,
                                 ATTR_CODE | ATTR_G | ATTR_AVL | ATTR_DPL(2));
}

static void set_fx(uint8_t *fx)
{
    for (unsigned int i = 32; i < 416; i++)
        fx[i] = i >= 160 || i % 16 < 10 ? (uint8_t)(i * 37 + 11) : 0;
    *(uint16_t *)fx = 0x0a7f;        /* FCW */
    *(uint16_t *)(fx + 2) = 0x2900;  /* FSW: TOP = 5 */
    fx[4] = 0x5a;                    /* which registers are in use */
    *(uint32_t *)(fx + 24) = 0x9fa0; /* MXCSR */
}

static uint64_t freeze(void *arg)
{
    static const uint16_t selectors[2][6] = {
        {SEL_LDT, SEL_TSS, SEL_ES, SEL_DS | 3, SEL_FS, SEL_GS | 1},
        {SEL_LDT | 3, SEL_TSS | 3, SEL_ES | 2, SEL_DS, SEL_FS | 3, SEL_GS | 1},
    };
    uint64_t *gdt = arg;

    set_descriptors(gdt);
    set_table(frozen_gdtr, gdt, GDT_ENTRIES * 8 - 1);
    set_table(frozen_idtr, gdt, 0x5a7);
    memcpy(frozen_selectors, selectors[other_attributes], sizeof(selectors[0]));
    set_fx(frozen_fx);
    frozen_flags = EFLAGS_ONE | EFLAGS_CF | EFLAGS_AF | EFLAGS_SF | EFLAGS_DF | EFLAGS_IOPL |
                   EFLAGS_AC | EFLAGS_ID | EFLAGS_NT;
    if (other_attributes)
        frozen_flags = EFLAGS_ONE | EFLAGS_PF | EFLAGS_ZF | EFLAGS_OF;
    write_cr4(read_cr4() | CR4_DE | CR4_PCE | CR4_OSFXSR | CR4_OSXMMEXCPT);
    write_cr2(0x5a5a1234);
    write_dr0(0x11111110);
    write_dr1(0x22222220);
    write_dr2(0x33333330);
    write_dr3(0x44444440);
    write_dr6(0xffffaff5);
    frozen_start();
}

void frozen_begin(uint32_t n)
{
    smp_call_start(n, freeze, page_alloc(PAGE_SIZE));
}

const char *frozen_registers(char *answer)
{
    if (!host_request(answer, HOST_ANSWER_MAX, "hmp cpu=%u info registers", AP))
        ERROR("the host does not show the registers: %s", answer);
    if (!strstr(answer, "IP=") || !strstr(answer, "SMM="))
        ERROR("the host's list of registers is not as expected");
    return answer;
}

/* Whether text begins with this number as 8 or 16 hexadecimal digits. */
static bool is_number(const char *text, uint32_t value)
{
    for (unsigned int i = 0; i < 2 * sizeof(long); i++) {
        unsigned int shift = 4 * (2 * (unsigned int)sizeof(long) - 1 - i);
        uint32_t digit = shift < 32 ? value >> shift & 0xf : 0;

        if (text[i] != "0123456789abcdef"[digit])
            return false;
    }
    return true;
}

static bool stands_still(const char *registers)
{
    return is_number(strstr(registers, "IP=") + 3, (uint32_t)(uintptr_t)frozen_loop) &&
           strncmp(strstr(registers, "SMM="), "SMM=0", 5) == 0;
}

const char *frozen_settle(char *answer)
{
    struct deadline d = deadline_in(PATIENCE_MS);
    const char *part;

    do {
        part = frozen_registers(answer);
        if (stands_still(part))
            return part;
    } while (!deadline_over(&d));
    ERROR("the AP does not come to stand still");
}

/* Length of a line; the host channel writes a newline as "\n", two characters. */
static uint32_t line_length(const char *line)
{
    uint32_t n = 0;

    while (line[n] && !(line[n] == '\\' && line[n + 1] == 'n'))
        n++;
    return n;
}

/*
 * "ES =0038 13579bdf abcdefff 00cfb100": the last number is a descriptor's second word as
 * QEMU keeps it. Bits 19:16 of the limit are in it once more; the save area has no place
 * for those (AMD APM vol. 2, Table 10-1: attributes), and they have no meaning.
 */
#define LIMIT_DIGIT (4 + 4 + 1 + 2 * sizeof(long) + 1 + 8 + 1 + 3)

static bool is_segment(const char *line)
{
    static const char *const names[] = {"ES =", "CS =", "SS =", "DS =", "FS =", "GS =", "LDT="};

    for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strncmp(line, names[i], 4) == 0)
            return true;
    }
    return strncmp(line, "TR =", 4) == 0;
}

static bool same_line(const char *was, const char *is, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (was[i] != is[i] && !(i == LIMIT_DIGIT && is_segment(was)))
            return false;
    }
    return true;
}

void frozen_compare(const char *was, const char *is, const char *sentence)
{
    while (*was && *is) {
        uint32_t n = line_length(was), m = line_length(is);

        CONTEXT("was %.*s, is %.*s", (int)(n < 60 ? n : 60), was, (int)(m < 60 ? m : 60), is);
        EXPECT_TRUE("same", n == m && same_line(was, is, n), sentence);
        was += n + (was[n] ? 2 : 0);
        is += m + (is[m] ? 2 : 0);
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("end", *was, *is, "and no more or less of them");
}

static void check_frozen(void)
{
    const volatile uint32_t *entries, *inside;
    uint32_t ap;

    REQUIRE_SMM();
    ap = smp_apic_id(AP);
    entries = &smm_report_of(ap)->entries;
    inside = &smm_report_of(ap)->inside;
    frozen_begin(AP);
    frozen_settle(before);
    for (unsigned int i = 0; i < SMIS; i++) {
        uint32_t count = *entries;

        apic_send_smi(ap);
        REQUIRE_TRUE("taken", WAIT_FOR(*entries == count + 1 && !*inside, PATIENCE_MS),
                     "the SMI is taken, and its handler comes to its end");
        frozen_compare(before, frozen_settle(after),
                       "the host sees every register as before the SMI");
    }
}

#define SPEC_FROZEN                                                                                \
    SPEC("Intel SDM vol. 3, 34.3.2, 34.4.1: hidden parts are saved and restored; AMD APM vol. 2, " \
         "10.4")

TEST(rsm, frozen, "seen from outside, no register of a CPU is changed by an SMI", SPEC_FROZEN,
     NEEDS("smp=2 host=hmp boot=own"))
{
    check_frozen();
}

TEST(rsm, frozen_other, "nor with the other value of every attribute of its segments", SPEC_FROZEN,
     NEEDS("smp=2 host=hmp boot=own"))
{
    other_attributes = true;
    check_frozen();
}
