/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a test is written with. docs/writing-tests.md is the guide.
 *
 * EXPECT_* records and goes on, REQUIRE_* ends the test when it fails. The first
 * argument is the check's id, stable and greppable; the last one the sentence
 * that holds when the check passes, with the manual's words where it has them.
 * Checks are made on the BSP only; other CPUs return values to it.
 */
#ifndef KERNEL_TEST_H
#define KERNEL_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include "include/testinfo.h"

#define SPEC(text)   text
#define NEEDS(words) words

/* Defines test "area.name". */
/* NOLINTBEGIN(bugprone-macro-parentheses): string literals are glued, not computed. */
#define TEST(area_, name_, sentence_, spec_, needs_)                      \
    static void test_##area_##_##name_(void);                             \
    static const struct testinfo testinfo_##area_##_##name_               \
        __attribute__((section(TESTINFO_SECTION), used, aligned(64))) = { \
            .magic = TESTINFO_MAGIC,                                      \
            .version = TESTINFO_VERSION,                                  \
            .line = __LINE__,                                             \
            .run = test_##area_##_##name_,                                \
            .id = #area_ "." #name_,                                      \
            .sentence = sentence_,                                        \
            .spec = spec_,                                                \
            .needs = needs_,                                              \
            .file = __FILE__,                                             \
    };                                                                    \
    static void test_##area_##_##name_(void)
/* NOLINTEND(bugprone-macro-parentheses) */

/* Text that failing checks print until the next CONTEXT: which CPU, which value, ... */
#define CONTEXT(...)    test_context(__VA_ARGS__)
#define CONTEXT_CLEAR() test_context("%s", "")

#define EXPECT_TRUE(id, cond, sentence) \
    ((void)test_true(id, (cond), #cond, sentence, __FILE__, __LINE__))
#define EXPECT_EQ(id, got, want, sentence) \
    ((void)test_masked(id, (got), ~0ULL, (want), sentence, __FILE__, __LINE__))
/* (value & mask) == want */
#define EXPECT_BITS(id, value, mask, want, sentence) \
    ((void)test_masked(id, (value), (mask), (want), sentence, __FILE__, __LINE__))
/* low <= got <= high */
#define EXPECT_RANGE(id, got, low, high, sentence) \
    ((void)test_range(id, (got), (low), (high), sentence, __FILE__, __LINE__))
/* got != unwanted */
#define EXPECT_NE(id, got, unwanted, sentence) \
    ((void)test_differs(id, (got), (unwanted), sentence, __FILE__, __LINE__))
/* len bytes at got and want are equal; names the first difference */
#define EXPECT_MEM(id, got, want, len, sentence) \
    ((void)test_memory(id, (got), (want), (len), sentence, __FILE__, __LINE__))

#define REQUIRE_TRUE(id, cond, sentence)                                 \
    do {                                                                 \
        if (!test_true(id, (cond), #cond, sentence, __FILE__, __LINE__)) \
            test_end();                                                  \
    } while (0)
#define REQUIRE_EQ(id, got, want, sentence)                                       \
    do {                                                                          \
        if (!test_masked(id, (got), ~0ULL, (want), sentence, __FILE__, __LINE__)) \
            test_end();                                                           \
    } while (0)

/* A check that failed for a reason given in words. */
#define FAIL_CHECK(id, sentence, ...) test_fail(id, sentence, __FILE__, __LINE__, __VA_ARGS__)

/* Ends the test without a verdict: the machine lacks what it is about. */
#define SKIP(...) test_skip(__VA_ARGS__)
/* Ends the test: it could not be carried out, for a reason outside of what it checks. */
#define ERROR(...) test_error(__VA_ARGS__)
/* Leaves out one check, with the reason. */
#define SKIP_CHECK(id, ...) test_skip_check(id, __VA_ARGS__)

void test_context(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool test_true(const char *id, bool cond, const char *text, const char *sentence, const char *file,
               int line);
bool test_masked(const char *id, uint64_t value, uint64_t mask, uint64_t want, const char *sentence,
                 const char *file, int line);
bool test_range(const char *id, uint64_t got, uint64_t low, uint64_t high, const char *sentence,
                const char *file, int line);
bool test_differs(const char *id, uint64_t got, uint64_t unwanted, const char *sentence,
                  const char *file, int line);
bool test_memory(const char *id, const void *got, const void *want, uint32_t len,
                 const char *sentence, const char *file, int line);
void test_fail(const char *id, const char *sentence, const char *file, int line, const char *format,
               ...) __attribute__((format(printf, 5, 6)));
void test_skip(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void test_error(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void test_skip_check(const char *id, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Ends the running test; what was recorded decides. */
void test_end(void) __attribute__((noreturn));

/* 1 in the first boot of the running test, 2 after the first announced reset, ... */
uint32_t test_boot(void);
/*
 * Announces that the machine is about to be reset, by this test or its host. Such
 * tests need firmware=virgin: SeaBIOS 1.14 hangs in every reset of q35.
 */
void test_announce_reset(void);
/* A word that the running test keeps over its resets, n < PERSIST_WORDS. */
uint64_t test_word(unsigned int n);
void test_set_word(unsigned int n, uint64_t value);

/* Runs everything that the plan holds and finishes the report. */
void test_run_all(void) __attribute__((noreturn));

#endif
