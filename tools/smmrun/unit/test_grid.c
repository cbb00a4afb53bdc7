/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results as a grid, and the differences between two QEMUs. */
#include "tools/smmrun/unit/unit.h"

#include "tools/smmrun/columns.h"
#include "tools/smmrun/compare.h"
#include "tools/smmrun/util.h"

#define RUN_OF(side, version, tests)                                                              \
    "{\"qemu\":\"/q" version "\",\"version\":\"" version "\",\"version_text\":\"v\",\"machine\":" \
    "\"pc-q35-" version "\",\"machine_asked\":\"q35\",\"arch\":\"i386\",\"accel\":\"tcg\","       \
    "\"side\":" side ",\"tests\":[" tests "]}"
#define TEST_OF(id, status, outcomes) \
    "{\"id\":\"" id "\",\"status\":\"" status "\",\"reason\":\"r\",\"outcomes\":{" outcomes "}}"

/* A document with these runs. */
static json_t *document(const char *runs)
{
    char *text = xasprintf("{\"runs\":[%s],\"not_run\":[],\"about\":{},\"findings\":{}}", runs);
    json_t *results = json_loads(text, 0, NULL);

    assert_non_null(results);
    free(text);
    return results;
}

/* Of several repetitions the worst counts, and how often it came. */
static void test_repetitions(void **state)
{
    json_t *results = document(
        RUN_OF("0", "1.0",
               TEST_OF("a", "pass", "") "," TEST_OF("a", "fail", "\"x\":\"fail\"") "," TEST_OF(
                   "a", "pass", "") "," TEST_OF("b", "skip", "") "," TEST_OF("b", "pass", "")));
    struct grid g = grid_of(results);
    struct cell a = grid_cell(&g, 0, "a"), b = grid_cell(&g, 0, "b");

    (void)state;
    assert_int_equal(a.status, FAIL);
    assert_int_equal(a.times, 1);
    assert_int_equal(a.of, 3);
    assert_int_equal(grid_check(&g, 0, "a", "x"), FAIL);
    assert_int_equal(grid_check(&g, 0, "a", "y"), STATUS_NONE);
    assert_int_equal(b.status, PASS);
    assert_int_equal(b.times, 1);
    assert_int_equal(grid_cell(&g, 0, "c").status, STATUS_NONE);
    assert_string_equal(g.column[0].label, "");
    grid_free(&g);
    json_decref(results);
}

/* A skip is no difference; what was unexpected is worth a row even where all agree. */
static void test_interesting(void **state)
{
    static const struct {
        const char *a, *b;
        bool interesting;
    } cases[] = {
        {"pass", "pass", false},  {"pass", "skip", false},   {"skip", "skip", false},
        {"pass", "fail", true},   {"fail", "fail", true},    {"error", "error", true},
        {"xfail", "pass", true},  {"xfail", "xfail", false}, {"xfail", "skip", false},
        {"xpass", "xpass", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *runs = xasprintf(RUN_OF("0", "1.0", "%s") "," RUN_OF("1", "2.0", "%s"),
                               "{\"id\":\"a\",\"status\":\"A\"}",
                               "{\"id\":\"a\",\"status\":\"B\"}");
        json_t *results = document(runs), *list = json_object_get(results, "runs");
        struct grid g;

        for (size_t r = 0; r < 2; r++) {
            json_t *tests = json_object_get(json_array_get(list, r), "tests");

            json_object_set_new(json_array_get(tests, 0), "status",
                                json_string(r ? cases[i].b : cases[i].a));
        }
        g = grid_of(results);
        assert_int_equal(grid_interesting(&g, "a"), cases[i].interesting);
        assert_true(g.varies[HEAD_QEMU]);
        assert_false(g.varies[HEAD_MACHINE]); /* the newest of each */
        assert_string_equal(g.column[1].label, "2.0");
        grid_free(&g);
        json_decref(results);
        free(runs);
    }
}

/* What two sides with one test each come to: sums, and the checks that differ as "x y". */
static int compare(const char *a, const char *b, const char *checks)
{
    char *runs = xasprintf("%s,%s", a, b);
    json_t *results = document(runs), *difference, *check;
    struct text seen = {0};
    size_t i, j;
    int status;

    compare_add(results);
    json_array_foreach(json_object_get(results, "differences"), i, difference)
    {
        json_array_foreach(json_object_get(difference, "checks"), j, check)
        {
            text_printf(&seen, "%s%s", seen.len ? " " : "",
                        json_string_value(json_object_get(check, "id")));
        }
    }
    assert_string_equal(text_str(&seen), checks);
    status = compare_status(results);
    text_free(&seen);
    json_decref(results);
    free(runs);
    return status;
}

#define A(status, outcomes) RUN_OF("0", "1.0", TEST_OF("t", status, outcomes))
#define B(status, outcomes) RUN_OF("1", "2.0", TEST_OF("t", status, outcomes))

static void test_compare(void **state)
{
    (void)state;
    assert_int_equal(compare(A("pass", "\"x\":\"pass\""), B("pass", "\"x\":\"pass\""), ""), 0);
    assert_int_equal(compare(A("pass", "\"x\":\"pass\""), B("fail", "\"x\":\"fail\""), "x"), 1);
    /* Expectations do not count. */
    assert_int_equal(compare(A("xfail", "\"x\":\"fail\""), B("fail", "\"x\":\"fail\""), ""), 0);
    assert_int_equal(compare(A("xpass", "\"x\":\"pass\""), B("pass", "\"x\":\"pass\""), ""), 0);
    assert_int_equal(compare(A("xfail", "\"x\":\"fail\""), B("xpass", "\"x\":\"pass\""), "x"), 1);
    /* Another check fails. */
    assert_int_equal(compare(A("fail", "\"x\":\"fail\",\"y\":\"pass\""),
                             B("fail", "\"x\":\"pass\",\"y\":\"fail\""), "x y"),
                     1);
    /* One side ended early, or made a check that the other did not. */
    assert_int_equal(
        compare(A("pass", "\"x\":\"pass\",\"y\":\"pass\""), B("fail", "\"x\":\"pass\""), ""), 1);
    assert_int_equal(
        compare(A("pass", "\"x\":\"pass\",\"y\":\"pass\""), B("pass", "\"x\":\"pass\""), "y"), 1);
    assert_int_equal(compare(A("pass", "\"x\":\"pass\",\"y\":\"skip\""),
                             B("pass", "\"x\":\"pass\",\"y\":\"pass\""), ""),
                     0);
    /* Nothing to compare, and nothing to believe. */
    assert_int_equal(compare(A("skip", ""), B("pass", "\"x\":\"pass\""), ""), EXIT_NOTHING);
    assert_int_equal(compare(A("pass", ""), RUN_OF("1", "2.0", ""), ""), EXIT_NOTHING);
    assert_int_equal(compare(A("error", ""), B("error", ""), ""), EXIT_INFRASTRUCTURE);
    assert_int_equal(compare(A("error", ""), B("pass", ""), ""), EXIT_FAILED);
}

int main(void)
{
    static const struct CMUnitTest all[] = {
        cmocka_unit_test(test_repetitions),
        cmocka_unit_test(test_interesting),
        cmocka_unit_test(test_compare),
    };

    return RUN(all);
}
