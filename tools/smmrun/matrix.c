/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/columns.h"
#include "tools/smmrun/notrun.h"
#include "tools/smmrun/results.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define PLAIN  "\033[0m"

/* What is unexpected is in capitals. */
static const struct {
    const char *word, *colour;
} looks[STATUS_COUNT] = {
    [STATUS_NONE] = {"-", ""}, [PASS] = {"pass", GREEN},    [FAIL] = {"FAIL", RED},
    [SKIP] = {"skip", ""},     [XFAIL] = {"xfail", YELLOW}, [XPASS] = {"XPASS", YELLOW},
    [ERROR] = {"ERROR", RED},
};

struct table {
    const struct grid *grid;
    struct text out;
    size_t *width; /* of each column */
    int names;     /* width of the first, with the tests' names */
    bool all, colour;
};

/* Padded to the column's width; end_line() takes the blanks at the end away. */
static void put_cell(struct table *t, size_t column, const char *text, const char *colour)
{
    bool paint = t->colour && *colour;
    size_t n = strlen(text);

    if (t->grid->column[column].idle && !t->all)
        return;
    text_printf(&t->out, "  %s%s%s", paint ? colour : "", text, paint ? PLAIN : "");
    if (n < t->width[column])
        text_printf(&t->out, "%*s", (int)(t->width[column] - n), "");
}

static void end_line(struct table *t)
{
    while (t->out.len && t->out.data[t->out.len - 1] == ' ')
        t->out.data[--t->out.len] = '\0';
    text_puts(&t->out, "\n");
}

/* "FAIL", with repetitions "FAIL 2/50"; to be freed. */
static char *words_of(struct cell cell)
{
    if (cell.times < cell.of)
        return xasprintf("%s %zu/%zu", looks[cell.status].word, cell.times, cell.of);
    return xstrdup(looks[cell.status].word);
}

static bool has_row(const struct table *t, const char *id)
{
    return t->all || grid_interesting(t->grid, id);
}

/* Between columns, or unexpected: a check that explains its test's row. */
static bool check_has_row(const struct table *t, const char *id, const char *check)
{
    const struct grid *g = t->grid;
    enum status *status = xcalloc(g->columns, sizeof(*status));
    bool result = false;

    for (size_t i = 0; i < g->columns; i++) {
        status[i] = grid_check(g, i, id, check);
        result |= status[i] == FAIL && grid_cell(g, i, id).status == FAIL;
        result |= status[i] == ERROR;
    }
    result |= statuses_differ(status, g->columns);
    free(status);
    return result;
}

static void measure_name(struct table *t, const char *name, int indent)
{
    int n = (int)strlen(name) + indent;

    t->names = n > t->names ? n : t->names;
}

static void measure(struct table *t)
{
    const struct grid *g = t->grid;

    t->width = xcalloc(g->columns, sizeof(*t->width));
    for (size_t c = 0; c < g->columns; c++) {
        t->width[c] = strlen("xfail");
        for (size_t h = 0; h < HEADS; h++) {
            size_t n = g->varies[h] ? strlen(g->column[c].head[h]) : 0;

            t->width[c] = n > t->width[c] ? n : t->width[c];
        }
    }
    measure_name(t, "expected failures", 0);
    for (size_t i = 0; i < g->ids.n; i++) {
        const char *id = g->ids.item[i];

        if (!has_row(t, id))
            continue;
        measure_name(t, id, 0);
        for (size_t c = 0; c < g->columns; c++) {
            char *words = words_of(grid_cell(g, c, id));
            size_t n = strlen(words);

            t->width[c] = n > t->width[c] ? n : t->width[c];
            free(words);
        }
    }
}

/* What all columns have in common, then a line for each thing in which they differ. */
static void put_head(struct table *t)
{
    static const char *const what[HEADS] = {"QEMU ", "machine type ", "", "accel "};
    const struct grid *g = t->grid;
    const char *comma = "", *before;

    for (size_t h = 0; h < HEADS; h++) {
        if (g->varies[h])
            continue;
        text_printf(&t->out, "%s%s%s", comma, what[h], g->column[0].head[h]);
        if (h == HEAD_MACHINE && strcmp(g->column[0].head[h], "q35") == 0)
            text_puts(&t->out, " (the newest of each version)");
        comma = ", ";
    }
    text_puts(&t->out, "\n");
    for (size_t c = 0; c < g->columns; c++) {
        if (g->column[c].legend)
            text_printf(&t->out, "%s\n", g->column[c].legend);
    }
    for (size_t h = 0; h < HEADS; h++) {
        if (!g->varies[h])
            continue;
        text_printf(&t->out, "%-*s", t->names, "");
        before = "";
        for (size_t c = 0; c < g->columns; c++) {
            const char *head = g->column[c].head[h];
            bool same = h == HEAD_QEMU && strcmp(head, before) == 0;

            put_cell(t, c, same ? "" : head, "");
            before = g->column[c].idle && !t->all ? before : head;
        }
        end_line(t);
    }
}

static void put_check(struct table *t, const char *id, const char *check)
{
    /* An id may be longer than any test's. */
    text_printf(&t->out, "  %-*s", t->names - 2, check);
    for (size_t c = 0; c < t->grid->columns; c++) {
        enum status status = grid_check(t->grid, c, id, check);
        bool bad = grid_cell(t->grid, c, id).status == FAIL;

        put_cell(t, c, status == FAIL && !bad ? "fail" : looks[status].word,
                 status == FAIL && !bad ? YELLOW : looks[status].colour);
    }
    end_line(t);
}

static size_t put_rows(struct table *t)
{
    const struct grid *g = t->grid;
    size_t rows = 0;

    for (size_t i = 0; i < g->ids.n; i++) {
        const char *id = g->ids.item[i];
        struct strings checks;

        if (!has_row(t, id))
            continue;
        rows++;
        text_printf(&t->out, "%-*s", t->names, id);
        for (size_t c = 0; c < g->columns; c++) {
            struct cell cell = grid_cell(g, c, id);
            char *words = words_of(cell);

            put_cell(t, c, words, looks[cell.status].colour);
            free(words);
        }
        end_line(t);
        checks = grid_checks(g, id);
        for (size_t k = 0; k < checks.n; k++) {
            if (check_has_row(t, id, checks.item[k]))
                put_check(t, id, checks.item[k]);
        }
        strings_free(&checks);
    }
    return rows;
}

static void put_count(struct table *t, const char *name, enum status status, enum status other)
{
    size_t sum = 0;

    for (int pass = 0; pass < 2; pass++) {
        if (pass && !sum)
            return;
        if (pass)
            text_printf(&t->out, "%-*s", t->names, name);
        for (size_t c = 0; c < t->grid->columns; c++) {
            struct tally tally = results_tally(NULL, t->grid->column[c].run);
            size_t n = tally.n[status] + (other ? tally.n[other] : 0);
            char *number = xasprintf("%zu", n);

            if (pass)
                put_cell(t, c, number, n ? looks[status].colour : "");
            sum += t->grid->column[c].idle && !t->all ? 0 : n;
            free(number);
        }
    }
    end_line(t);
}

static void put_failures(struct table *t)
{
    const struct grid *g = t->grid;
    const char *title = "\nUnexpected:\n";

    for (size_t c = 0; c < g->columns; c++) {
        for (size_t i = 0; i < g->ids.n; i++) {
            struct cell cell = grid_cell(g, c, g->ids.item[i]);

            if (cell.status != FAIL && cell.status != ERROR && cell.status != XPASS)
                continue;
            text_printf(&t->out, "%s  %s%s%s: %s\n", title, g->column[c].label,
                        *g->column[c].label ? " " : "", g->ids.item[i],
                        text_at(cell.test, "reason"));
            title = "";
        }
    }
}

char *matrix_text(json_t *results, bool all, bool colour)
{
    struct grid grid = grid_of(results);
    struct table t = {.grid = &grid, .all = all, .colour = colour};
    size_t rows = 0;

    text_puts(&t.out, "");
    if (grid.columns) {
        measure(&t);
        put_head(&t);
        rows = put_rows(&t);
        if (!rows)
            text_puts(&t.out, grid.ids.n ? "no failure, and no difference\n" : "no results\n");
        text_puts(&t.out, "\n");
        put_count(&t, "passed", PASS, XPASS);
        put_count(&t, "expected failures", XFAIL, STATUS_NONE);
        put_count(&t, "failed", FAIL, STATUS_NONE);
        put_count(&t, "errors", ERROR, STATUS_NONE);
        put_count(&t, "skipped", SKIP, STATUS_NONE);
        put_failures(&t);
    }
    notrun_add(&t.out, &grid, results, all);
    grid_free(&grid);
    free(t.width);
    return t.out.data;
}
