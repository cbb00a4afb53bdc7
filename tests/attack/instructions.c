/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every kind of instruction that reads or writes memory, pointed at SMRAM from outside. */
#include "hw/cpu.h"
#include "hw/mch.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "tests/attack/target.h"

#define HIDDEN                                                                             \
    "Q35 MCH datasheet, SMRAM (9Dh), ESMRAMC (9Eh); QEMU bafc90bdc5: TSEG is hidden from " \
    "CPUs outside SMM"

/* What a writing instruction is to find in its registers. */
#define FORGED 0x5ad5ad5aUL

struct attempt {
    char name[16];
    void (*run)(uint8_t *at);
};

static void by_mov(uint8_t *at)
{
    *(volatile uint8_t *)at = (uint8_t)FORGED;
    *(volatile uint16_t *)(at + 16) = (uint16_t)FORGED;
    *(volatile uint32_t *)(at + 32) = FORGED;
    *(volatile unsigned long *)(at + 48) = FORGED;
}

static void by_push(uint8_t *at)
{
#ifdef __x86_64__
    __asm__ volatile(
        "mov %%rsp, %%rbx; mov %0, %%rsp; push %1; pushfq; push $0x5a; mov %%rbx, %%rsp"
        :
        : "r"(at + 64), "r"(FORGED)
        : "rbx", "memory");
#else
    __asm__ volatile("mov %%esp, %%edi; mov %0, %%esp; push %1; pushf; pusha; mov %%edi, %%esp"
                     :
                     : "r"(at + 64), "r"(FORGED)
                     : "edi", "memory");
#endif
}

static void by_call(uint8_t *at)
{
    /* The return address is lost with the stack: the code called puts the old one back. */
#ifdef __x86_64__
    __asm__ volatile("mov %%rsp, %%rbx; mov %0, %%rsp; call 1f; 1: mov %%rbx, %%rsp"
                     :
                     : "r"(at + 64)
                     : "rbx", "memory");
#else
    __asm__ volatile("mov %%esp, %%edi; mov %0, %%esp; call 1f; 1: mov %%edi, %%esp"
                     :
                     : "r"(at + 64)
                     : "edi", "memory");
#endif
}

static void by_rep_stos(uint8_t *at)
{
    unsigned long count = 16;

    __asm__ volatile("rep stosl" : "+D"(at), "+c"(count) : "a"((uint32_t)FORGED) : "memory");
}

static void by_rep_movs(uint8_t *at)
{
    static const uint8_t source[64] = {0x5a, 0x5a, 0x5a};
    const uint8_t *from = source;
    unsigned long count = sizeof(source);

    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(count) : : "memory");
}

static void by_read_modify_write(uint8_t *at)
{
    __asm__ volatile("incl %0; xorl $0x5a, 16%0; shll $3, 32%0; notb 48%0"
                     : "+o"(*(volatile uint32_t *)at)
                     :
                     : "memory", "cc");
}

static void by_locked(uint8_t *at)
{
    uint32_t add = 0x5a;
    uint32_t compare = 0xffffffff; /* what hidden SMRAM reads as */

    __asm__ volatile("lock xaddl %0, %1" : "+r"(add), "+m"(*(volatile uint32_t *)at) : : "memory");
    __asm__ volatile("lock cmpxchgl %2, %1"
                     : "+a"(compare), "+m"(*(volatile uint32_t *)(at + 16))
                     : "r"((uint32_t)FORGED)
                     : "memory");
    __asm__ volatile("lock orl $0x5a, %0; lock btsl $7, %0"
                     : "+m"(*(volatile uint32_t *)(at + 32))
                     :
                     : "memory");
}

static void by_xchg(uint8_t *at)
{
    unsigned long value = FORGED;

    __asm__ volatile("xchg %0, %1" : "+r"(value), "+m"(*(volatile unsigned long *)at) : : "memory");
}

static void by_cmpxchg8b(uint8_t *at)
{
    uint32_t low = 0xffffffff, high = 0xffffffff;

    /* Once with ones, as hidden memory should read, once with zeros. */
    for (uint32_t i = 0; i < 2; i++) {
        __asm__ volatile("lock cmpxchg8b %2"
                         : "+a"(low), "+d"(high), "+m"(*(volatile uint64_t *)at)
                         : "b"((uint32_t)FORGED), "c"((uint32_t)FORGED)
                         : "memory", "cc");
        low = high = 0;
    }
}

static void by_sgdt(uint8_t *at)
{
    __asm__ volatile("sgdt %0" : "=m"(*(volatile uint8_t(*)[10])at));
    __asm__ volatile("sidt %0" : "=m"(*(volatile uint8_t(*)[10])(at + 32)));
    __asm__ volatile("sldt %0" : "=m"(*(volatile uint16_t *)(at + 64)));
}

static void by_fxsave(uint8_t *at)
{
    volatile uint8_t *aligned = (volatile uint8_t *)((uintptr_t)at & ~15UL);

    __asm__ volatile("fxsave %0" : "=m"(*(volatile uint8_t(*)[512])aligned));
    __asm__ volatile("fnstenv %0" : "=m"(*(volatile uint8_t(*)[28])(at + 512)));
}

static void by_ins(uint8_t *at)
{
    unsigned long count = 4;

    __asm__ volatile("rep insb" : "+D"(at), "+c"(count) : "d"(0xb2) : "memory");
}

static const struct attempt attempts[] = {
    {"mov", by_mov},           {"push", by_push},         {"call", by_call},
    {"rep stos", by_rep_stos}, {"rep movs", by_rep_movs}, {"inc, xor, shl", by_read_modify_write},
    {"lock", by_locked},       {"xchg", by_xchg},         {"cmpxchg8b", by_cmpxchg8b},
    {"sgdt, sidt", by_sgdt},   {"fxsave", by_fxsave},     {"rep ins", by_ins},
};

struct call {
    void (*run)(uint8_t *at);
    uint8_t *at;
};

static void make_attempt(void *arg)
{
    struct call *c = arg;

    c->run(c->at);
}

/* Aligned, unaligned, and across a page border within SMRAM. */
TEST(attack, writing_instructions, "no instruction outside SMM changes locked SMRAM", SPEC(HIDDEN),
     NEEDS("boot=own"))
{
    static const uint32_t offsets[] = {0, 0x110, 0x2ff0, 0x5ff1, 0xfd00};

    target_prepare();
    for (uint32_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
        for (uint32_t j = 0; j < sizeof(offsets) / sizeof(offsets[0]); j++) {
            struct call c = {attempts[i].run, (uint8_t *)(uintptr_t)(target_base() + offsets[j])};

            CONTEXT("%s at %#lx, kernel mode outside SMM", attempts[i].name,
                    (unsigned long)(uintptr_t)c.at);
            EXPECT_TRUE("no-exception", !trap_catch(make_attempt, &c).caught,
                        "the write is no error, it has no effect");
            EXPECT_TARGET_UNTOUCHED("untouched", "SMRAM is unchanged");
        }
    }
    CONTEXT_CLEAR();
}

/* All that the instruction reads, bytes of SMRAM would show in it. */
static bool shows_target(const uint8_t *bytes, uint32_t from, uint32_t size)
{
    for (uint32_t i = 0; i + 4 <= size; i++) {
        bool same = true;

        for (uint32_t j = 0; j < 4; j++)
            same = same && bytes[i + j] == target_byte(from + i + j);
        if (same)
            return true;
    }
    return false;
}

/* Reads at from in one way, into bytes; returns how many that are. */
struct reader {
    char name[16];
    uint32_t (*run)(uint8_t *bytes, uint32_t from);
};

static uint32_t rep_movs_from(uint8_t *bytes, uint32_t from)
{
    const uint8_t *source = (const uint8_t *)(uintptr_t)from;
    unsigned long count = 64;

    __asm__ volatile("rep movsb" : "+D"(bytes), "+S"(source), "+c"(count) : : "memory");
    return 64;
}

static uint32_t pop_from(uint8_t *bytes, uint32_t from)
{
    unsigned long stack = from;
    unsigned long popped;

#ifdef __x86_64__
    __asm__ volatile("mov %%rsp, %%rbx; mov %1, %%rsp; pop %0; mov %%rbx, %%rsp"
                     : "=&r"(popped)
                     : "r"(stack)
                     : "rbx", "memory");
#else
    __asm__ volatile("mov %%esp, %%edi; mov %1, %%esp; pop %0; mov %%edi, %%esp"
                     : "=&r"(popped)
                     : "r"(stack)
                     : "edi", "memory");
#endif
    memcpy(bytes, &popped, sizeof(popped));
    return sizeof(popped);
}

static uint32_t cmpxchg8b_from(uint8_t *bytes, uint32_t from)
{
    uint32_t low = 0, high = 0;

    __asm__ volatile("lock cmpxchg8b %2"
                     : "+a"(low), "+d"(high), "+m"(*(volatile uint64_t *)(uintptr_t)from)
                     : "b"(0), "c"(0)
                     : "memory", "cc");
    memcpy(bytes, &low, sizeof(low));
    memcpy(bytes + 4, &high, sizeof(high));
    return 8;
}

static uint32_t xadd_from(uint8_t *bytes, uint32_t from)
{
    uint32_t old = 0;

    __asm__ volatile("lock xaddl %0, %1"
                     : "+r"(old), "+m"(*(volatile uint32_t *)(uintptr_t)from)
                     :
                     : "memory", "cc");
    memcpy(bytes, &old, sizeof(old));
    return sizeof(old);
}

static uint32_t frstor_from(uint8_t *bytes, uint32_t from)
{
    static uint8_t own[512] __attribute__((aligned(16)));

    /* frstor takes any 108 bytes; fxrstor would be #GP for a reserved bit of MXCSR. */
    __asm__ volatile("fxsave %0" : "=m"(own));
    __asm__ volatile("frstor %0" : : "m"(*(const volatile uint8_t(*)[108])(uintptr_t)from));
    __asm__ volatile("fnsave %0" : "=m"(*(volatile uint8_t(*)[108])bytes));
    __asm__ volatile("fxrstor %0" : : "m"(own));
    return 108;
}

static const struct reader readers[] = {
    {"rep movs", rep_movs_from}, {"pop", pop_from},       {"cmpxchg8b", cmpxchg8b_from},
    {"xadd", xadd_from},         {"frstor", frstor_from},
};

/* In the first page of the target and its last, within a page and across a border. */
TEST(attack, reading_instructions, "no instruction outside SMM reads locked SMRAM", SPEC(HIDDEN),
     NEEDS("boot=own"))
{
    static const uint32_t offsets[] = {0, 0x123, 0x1ffc, 0x5fe1, 0xfe00, TARGET_SIZE - 0x80};
    static uint8_t got[128] __attribute__((aligned(16)));

    target_prepare();
    for (uint32_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        for (uint32_t j = 0; j < sizeof(offsets) / sizeof(offsets[0]); j++) {
            uint32_t from = target_base() + offsets[j];
            uint32_t size = readers[i].run(got, from);

            CONTEXT("%s of %u bytes at %#x, kernel mode outside SMM: %#x, %#x, ...",
                    readers[i].name, size, from, got[0], got[1]);
            EXPECT_TRUE("hidden", !shows_target(got, from, size), "nothing of SMRAM is read");
            EXPECT_TARGET_UNTOUCHED("untouched", "and SMRAM is unchanged");
        }
    }
    CONTEXT_CLEAR();
}
