/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/compare.h"

#include <string.h>

#include "tools/smmrun/columns.h"
#include "tools/smmrun/notrun.h"
#include "tools/smmrun/results.h"

enum { A, B, SIDES };

/* What QEMU did, whatever was expected of it. */
static enum status raw(enum status status)
{
    if (status == XFAIL)
        return FAIL;
    return status == XPASS ? PASS : status;
}

static bool was_made(enum status status)
{
    return status != STATUS_NONE && status != SKIP;
}

static const char *side_name(enum status status)
{
    return status == STATUS_NONE ? "-" : status_name(status);
}

/* The diagnostics of a failing check of a test object, "" if there are none. */
static const char *diagnostics_of(json_t *test, const char *check)
{
    json_t *failing;
    size_t i;

    json_array_foreach(json_object_get(test, "failing"), i, failing)
    {
        if (strcmp(text_at(failing, "id"), check) == 0)
            return text_at(failing, "diagnostics");
    }
    return "";
}

/*
 * Checks that differ. One that only one side made is a difference if the test came
 * to the same end on both: else that says why.
 */
static json_t *differing_checks(const struct grid *g, const char *id, bool same_end)
{
    struct strings checks = grid_checks(g, id);
    json_t *list = json_array();

    for (size_t i = 0; i < checks.n; i++) {
        const char *check = checks.item[i], *diagnostics;
        enum status a = grid_check(g, A, id, check), b = grid_check(g, B, id, check);
        bool made = was_made(a) && was_made(b);

        if (a == b || a == SKIP || b == SKIP || (!made && !same_end))
            continue;
        diagnostics = diagnostics_of(grid_cell(g, a == FAIL ? A : B, id).test, check);
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s, s:s}", "id", check, "a", side_name(a), "b",
                                        side_name(b), "diagnostics", diagnostics));
    }
    strings_free(&checks);
    return list;
}

struct sums {
    json_int_t differ, agree, not_compared;
};

static void compare_test(const struct grid *g, const char *id, json_t *list, struct sums *sums)
{
    struct cell a = grid_cell(g, A, id), b = grid_cell(g, B, id);
    bool same_end = raw(a.status) == raw(b.status);
    const char *finding;
    json_t *checks, *difference, *run = g->column[A].run;

    if (!was_made(a.status) || !was_made(b.status)) {
        sums->not_compared++;
        return;
    }
    checks = differing_checks(g, id, same_end);
    if (same_end && !json_array_size(checks)) {
        sums->agree++;
        json_decref(checks);
        return;
    }
    sums->differ++;
    finding = text_at(a.test, "finding");
    finding = *finding ? finding : text_at(b.test, "finding");
    difference = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "id", id, "machine",
        text_at(run, "machine_asked"), "arch", text_at(run, "arch"), "accel", text_at(run, "accel"),
        "a", status_name(raw(a.status)), "b", status_name(raw(b.status)), "reason",
        text_at(raw(a.status) == PASS ? b.test : a.test, "reason"), "checks", checks);
    if (*finding)
        json_object_set_new(difference, "finding", json_string(finding));
    json_array_append_new(list, difference);
}

static json_int_t side_of(json_t *run)
{
    return json_integer_value(json_object_get(run, COMPARE_SIDE));
}

static bool is_pair(json_t *a, json_t *b)
{
    return side_of(a) == A && side_of(b) == B &&
           strcmp(text_at(a, "machine_asked"), text_at(b, "machine_asked")) == 0 &&
           strcmp(text_at(a, "arch"), text_at(b, "arch")) == 0 &&
           strcmp(text_at(a, "accel"), text_at(b, "accel")) == 0;
}

static void compare_pair(json_t *a, json_t *b, json_t *list, struct sums *sums)
{
    json_t *both = json_pack("{s:[O, O]}", "runs", a, b);
    struct grid g = grid_of(both);

    for (size_t i = 0; i < g.ids.n; i++)
        compare_test(&g, g.ids.item[i], list, sums);
    grid_free(&g);
    json_decref(both);
}

void compare_add(json_t *results)
{
    json_t *runs = json_object_get(results, "runs"), *list = json_array(), *a, *b;
    struct sums sums = {0};
    size_t i, j;

    json_array_foreach(runs, i, a)
    {
        json_array_foreach(runs, j, b)
        {
            if (is_pair(a, b))
                compare_pair(a, b, list, &sums);
        }
    }
    json_object_set_new(results, "differences", list);
    json_object_set_new(results, "compared",
                        json_pack("{s:I, s:I, s:I}", "differ", sums.differ, "agree", sums.agree,
                                  "not_compared", sums.not_compared));
}

static json_int_t sum_at(json_t *results, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(results, "compared"), key));
}

static void add_sides(struct text *t, json_t *results)
{
    const char *last[SIDES] = {"", ""};
    json_t *run;
    size_t i;

    json_array_foreach(json_object_get(results, "runs"), i, run)
    {
        json_int_t side = side_of(run);
        const char *path = text_at(run, "qemu");

        if (strcmp(last[side], path) != 0)
            text_printf(t, "%c: %s, %s\n", side == A ? 'A' : 'B', path,
                        text_at(run, "version_text"));
        last[side] = path;
    }
}

/* One check, with the first line of what is wrong with it. */
static void add_check(struct text *t, json_t *check)
{
    const char *diagnostics = text_at(check, "diagnostics");

    text_printf(t, "    %-34s %-5s %-5s", text_at(check, "id"), text_at(check, "a"),
                text_at(check, "b"));
    if (*diagnostics)
        text_printf(t, " %.*s", (int)strcspn(diagnostics, "\n"), diagnostics);
    text_puts(t, "\n");
}

char *compare_text(json_t *results)
{
    struct grid grid = grid_of(results);
    json_t *difference, *check;
    struct text t = {0};
    size_t i, j;

    add_sides(&t, results);
    json_array_foreach(json_object_get(results, "differences"), i, difference)
    {
        const char *finding = text_at(difference, "finding");

        if (i == 0)
            text_printf(&t, "\n%-38s %-5s %-5s\n", "", "A", "B");
        text_printf(&t, "%-38s %-5s %-5s %s, %s, %s%s%s\n", text_at(difference, "id"),
                    text_at(difference, "a"), text_at(difference, "b"),
                    text_at(difference, "machine"), text_at(difference, "arch"),
                    text_at(difference, "accel"), *finding ? "; finding " : "", finding);
        json_array_foreach(json_object_get(difference, "checks"), j, check)
        {
            add_check(&t, check);
        }
        if (!json_array_size(json_object_get(difference, "checks")))
            text_printf(&t, "    %s\n", text_at(difference, "reason"));
    }
    notrun_add(&t, &grid, results, false);
    grid_free(&grid);
    text_printf(&t,
                "\n%" JSON_INTEGER_FORMAT " differ, %" JSON_INTEGER_FORMAT
                " agree, %" JSON_INTEGER_FORMAT " could not be compared\n",
                sum_at(results, "differ"), sum_at(results, "agree"),
                sum_at(results, "not_compared"));
    return t.data;
}

int compare_status(json_t *results)
{
    if (sum_at(results, "differ"))
        return EXIT_FAILED;
    if (results_tally(results, NULL).n[ERROR])
        return EXIT_INFRASTRUCTURE;
    return sum_at(results, "agree") ? EXIT_OK : EXIT_NOTHING;
}
