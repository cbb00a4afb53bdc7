/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/unit/unit.h"

#include "tools/smmrun/ktap.h"

#define HEAD      "KTAP version 1\n1..1\n# smm-unit-tests kernel x86_64\n"
#define INNER     "  KTAP version 1\n  # Subtest: a.b\n"
#define PASS_LINE "# smm-unit-tests: PASS: 1 passed, 0 failed, 0 skipped, 0 errors\n"
#define FAIL_LINE "# smm-unit-tests: FAIL: 0 passed, 1 failed, 0 skipped, 0 errors\n"

static struct ktap read_all(const char *report)
{
    struct ktap k = {0};

    ktap_feed(&k, report, strlen(report));
    return k;
}

static void expect_broken(const char *report, const char *why)
{
    struct ktap k = read_all(report);
    char *problem = ktap_incomplete(&k);

    assert_contains(problem, why);
    free(problem);
    ktap_free(&k);
}

static void test_nested(void **state)
{
    struct ktap k = read_all("SeaBIOS (version 1.16)\n" HEAD INNER "  ok 1 one it holds\n"
                             "  # two [CPU 1]: got 0x1, wanted 0x2 (a.c:3)\n"
                             "  not ok 2 two it holds too (1 of 2 failed)\n"
                             "  ok 3 three # SKIP not here\n"
                             "  ok 4 four RSM is #UD\n"
                             "  1..4\n"
                             "not ok 1 a.b\n" FAIL_LINE);
    const struct ktap_test *t = ktap_find(&k, "a.b");

    (void)state;
    assert_null(ktap_incomplete(&k));
    assert_string_equal(k.banner, "smm-unit-tests kernel x86_64");
    assert_int_equal(k.checks, 4);
    assert_string_equal(k.check[0].id, "one");
    assert_string_equal(k.check[0].sentence, "it holds");
    assert_int_equal(k.check[1].status, FAIL);
    assert_string_equal(k.check[1].diagnostics, "two [CPU 1]: got 0x1, wanted 0x2 (a.c:3)\n");
    assert_int_equal(k.check[2].status, SKIP);
    assert_string_equal(k.check[2].reason, "not here");
    assert_string_equal(k.check[2].sentence, "");
    assert_int_equal(k.check[3].status, PASS);
    assert_string_equal(k.check[3].sentence, "RSM is #UD");
    assert_non_null(t);
    assert_int_equal(t->status, FAIL);
    assert_int_equal(t->checks, 4);
    assert_int_equal(k.verdict, FAIL);
    ktap_free(&k);
}

/* Of a boot with several tests each gets its own checks, as if it had been alone. */
static void test_extract(void **state)
{
    struct ktap k = read_all("KTAP version 1\n1..2\n# smm-unit-tests kernel x86_64\n" INNER
                             "  ok 1 one it holds\n"
                             "  1..1\n"
                             "ok 1 a.b\n"
                             "  KTAP version 1\n  # Subtest: a.c\n"
                             "  # two: got 1\n"
                             "  not ok 1 two it holds too\n"
                             "  ok 2 three # SKIP not here\n"
                             "  1..2\n"
                             "not ok 2 a.c\n"
                             "# smm-unit-tests: FAIL: 1 passed, 1 failed, 0 skipped, 0 errors\n");
    struct ktap first, second;

    (void)state;
    assert_null(ktap_incomplete(&k));
    ktap_extract(&k, ktap_find(&k, "a.b"), &first);
    ktap_extract(&k, ktap_find(&k, "a.c"), &second);
    ktap_free(&k);
    assert_int_equal(first.tests, 1);
    assert_int_equal(first.checks, 1);
    assert_int_equal(ktap_find(&first, "a.b")->status, PASS);
    assert_int_equal(ktap_count(&first, FAIL), 0);
    assert_string_equal(first.banner, "smm-unit-tests kernel x86_64");
    assert_null(ktap_find(&second, "a.b"));
    assert_int_equal(ktap_find(&second, "a.c")->status, FAIL);
    assert_int_equal(second.checks, 2);
    assert_string_equal(second.check[0].id, "two");
    assert_string_equal(second.check[0].diagnostics, "two: got 1\n");
    assert_string_equal(second.check[1].reason, "not here");
    ktap_free(&first);
    ktap_free(&second);
}

/* The same whatever the pieces that the socket hands out. */
static void test_pieces(void **state)
{
    static const char report[] = HEAD INNER "  ok 1 one it holds\r\n  1..1\r\nok 1 a.b\n" PASS_LINE;

    (void)state;
    for (size_t size = 1; size < 20; size++) {
        struct ktap k = {0};

        for (size_t i = 0; i < sizeof(report) - 1; i += size)
            ktap_feed(&k, report + i,
                      size < sizeof(report) - 1 - i ? size : sizeof(report) - 1 - i);
        assert_null(ktap_incomplete(&k));
        assert_int_equal(k.verdict, PASS);
        assert_string_equal(k.check[0].sentence, "it holds");
        ktap_free(&k);
    }
}

static void test_skip_and_error(void **state)
{
    struct ktap k = read_all("KTAP version 1\n1..3\nok 1 a.b # SKIP needs smp=4\n"
                             "not ok 2 a.c # ERROR the host refused: error X # y\nok 3 a.d # SKIP\n"
                             "# smm-unit-tests: ERROR: 0 passed, 0 failed, 2 skipped, 1 errors\n");

    (void)state;
    assert_null(ktap_incomplete(&k));
    assert_int_equal(ktap_find(&k, "a.b")->status, SKIP);
    assert_string_equal(ktap_find(&k, "a.b")->reason, "needs smp=4");
    assert_int_equal(ktap_find(&k, "a.c")->status, ERROR);
    assert_string_equal(ktap_find(&k, "a.c")->reason, "the host refused: error X # y");
    assert_string_equal(ktap_find(&k, "a.d")->reason, "");
    assert_null(ktap_find(&k, "a.e"));
    ktap_free(&k);
}

static void test_broken(void **state)
{
    (void)state;
    expect_broken("", "never began");
    expect_broken("Booting...\n", "never began");
    expect_broken("KTAP version 1\n", "no plan");
    expect_broken(HEAD, "plans 1 tests and has 0");
    expect_broken(HEAD "ok 1 a.b\n", "no last line");
    expect_broken(HEAD "ok 1 a.b\n# smm-unit-te", "middle of line 5");
    expect_broken("KTAP version 1\n1..2\nok 1 a.b\n" PASS_LINE, "plans 2 tests and has 1");
    expect_broken(HEAD INNER "  ok 1 one\n  1..2\nok 1 a.b\n" PASS_LINE,
                  "another number of checks");
    expect_broken(HEAD INNER "  ok 1 one\nok 1 a.b\n" PASS_LINE, "have no plan");
    expect_broken(HEAD INNER "  ok 2 one\n  1..1\nok 1 a.b\n" PASS_LINE, "out of order");
    expect_broken(HEAD "ok 2 a.b\n" PASS_LINE, "out of order");
    expect_broken(HEAD "1..1\nok 1 a.b\n" PASS_LINE, "second plan");
    expect_broken(HEAD "gar\001bage\nok 1 a.b\n" PASS_LINE, "not KTAP: \"gar\\x01bage\"");
    expect_broken(HEAD INNER "  garbage\n  1..0\nok 1 a.b\n" PASS_LINE, "none of a test's");
    expect_broken(HEAD "ok 1 a.b\n" FAIL_LINE, "contradicts");
    expect_broken(HEAD "not ok 1 a.b\n" PASS_LINE, "contradicts");
    expect_broken(HEAD "ok 1 a.b\n# smm-unit-tests: GOOD: 1 passed\n", "no proper last line");
    expect_broken(HEAD "ok 1 a.b\n# smm-unit-tests: PASS: 1 passed, 0 failed, 0 skipped, 0 err\n",
                  "no proper last line");
    expect_broken(HEAD "ok 1 a.b\n" PASS_LINE "ok 2 a.c\n", "after the last line");
    expect_broken(HEAD "ok a.b\n" PASS_LINE, "not KTAP");
}

static void test_restart(void **state)
{
    struct ktap k = read_all(HEAD INNER "  ok 1 one\nKTAP version 1\n1..1\n");

    (void)state;
    assert_true(k.restarted);
    assert_string_equal(k.last_line, "  ok 1 one");
    ktap_free(&k);
}

static void test_crash_in_line(void **state)
{
    struct ktap k = read_all(HEAD INNER "  ok 1 one\n  ok 2 tw");

    (void)state;
    assert_string_equal(text_str(&k.partial), "  ok 2 tw");
    assert_int_equal(k.checks, 1);
    ktap_free(&k);
}

/* Whatever comes over the wire: no crash, no endless loop, and it is not taken for a pass. */
static void test_noise(void **state)
{
    char noise[4096];
    uint32_t x = 12345;

    (void)state;
    for (int round = 0; round < 200; round++) {
        struct ktap k = read_all(HEAD INNER);
        char *problem;

        for (size_t i = 0; i < sizeof(noise); i++) {
            x = x * 1664525 + 1013904223;
            noise[i] = "ok 1not#.KTAP\n\r\0\xff SKIP\t"[x >> 16 & 15];
        }
        ktap_feed(&k, noise, sizeof(noise));
        problem = ktap_incomplete(&k);
        assert_non_null(problem);
        free(problem);
        ktap_free(&k);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nested),        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_extract),       cmocka_unit_test(test_skip_and_error),
        cmocka_unit_test(test_broken),        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_crash_in_line), cmocka_unit_test(test_noise),
    };

    return RUN(tests);
}
