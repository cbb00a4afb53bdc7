/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/columns.h"

#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/results.h"

static void add_head(struct column *c, json_t *run)
{
    static const char *const keys[HEADS] = {"version", "machine_asked", "arch", "accel"};

    for (size_t h = 0; h < HEADS; h++)
        c->head[h] = xstrdup(text_at(run, keys[h]));
}

static void add_tests(struct column *c)
{
    json_t *test, *list;
    size_t i;

    c->tests = json_object();
    json_array_foreach(json_object_get(c->run, "tests"), i, test)
    {
        const char *id = text_at(test, "id");

        list = json_object_get(c->tests, id);
        if (!list) {
            list = json_array();
            json_object_set_new(c->tests, id, list);
        }
        json_array_append(list, test);
    }
}

static bool is_idle(json_t *run)
{
    struct tally t = results_tally(NULL, run);

    return t.tests && t.n[SKIP] == t.tests;
}

static bool same_heads(const struct column *a, const struct column *b)
{
    for (size_t h = 0; h < HEADS; h++) {
        if (strcmp(a->head[h], b->head[h]) != 0)
            return false;
    }
    return true;
}

/* Two binaries of one version: "7.2.22 (b)", and a legend. */
static void tell_apart(struct grid *g)
{
    bool *twin = xcalloc(g->columns, sizeof(*twin));
    char letter = 'a';

    for (size_t i = 0; i < g->columns; i++) {
        for (size_t j = 0; j < g->columns; j++)
            twin[i] |= i != j && same_heads(&g->column[i], &g->column[j]);
    }
    for (size_t i = 0; i < g->columns; i++) {
        struct column *c = &g->column[i];
        char *head;

        if (!twin[i])
            continue;
        head = xasprintf("%s (%c)", c->head[HEAD_QEMU], letter);
        c->legend = xasprintf("(%c) is %s", letter, text_at(c->run, "qemu"));
        free(c->head[HEAD_QEMU]);
        c->head[HEAD_QEMU] = head;
        letter = letter == 'z' ? 'z' : (char)(letter + 1);
    }
    free(twin);
}

/* A type that was named is more than "the newest" if several were. */
static void name_columns(struct grid *g)
{
    for (size_t h = 0; h < HEADS; h++) {
        for (size_t i = 1; i < g->columns; i++)
            g->varies[h] |= strcmp(g->column[i].head[h], g->column[0].head[h]) != 0;
    }
    for (size_t i = 0; i < g->columns; i++) {
        struct text t = {0};

        text_puts(&t, "");
        for (size_t h = 0; h < HEADS; h++) {
            if (g->varies[h])
                text_printf(&t, "%s%s", t.len ? " " : "", g->column[i].head[h]);
        }
        g->column[i].label = t.data;
    }
}

/* All ids once. A later column may have tests that the first has not. */
static void collect_ids(struct grid *g)
{
    json_t *seen = json_object();

    for (size_t i = 0; i < g->columns; i++) {
        const char *id;
        json_t *list;

        json_object_foreach(g->column[i].tests, id, list)
        {
            if (json_object_get(seen, id))
                continue;
            json_object_set_new(seen, id, json_true());
            strings_add(&g->ids, id);
        }
    }
    json_decref(seen);
}

/* A table without any column would say nothing. */
static void show_something(struct grid *g)
{
    bool any = false;

    for (size_t i = 0; i < g->columns; i++)
        any |= !g->column[i].idle;
    for (size_t i = 0; i < g->columns && !any; i++)
        g->column[i].idle = false;
}

struct grid grid_of(json_t *results)
{
    json_t *runs = json_object_get(results, "runs"), *run;
    struct grid g = {0};
    size_t i;

    g.column = xcalloc(json_array_size(runs), sizeof(*g.column));
    json_array_foreach(runs, i, run)
    {
        struct column *c = &g.column[g.columns++];

        c->run = run;
        add_head(c, run);
        add_tests(c);
        c->idle = is_idle(run);
    }
    show_something(&g);
    tell_apart(&g);
    name_columns(&g);
    collect_ids(&g);
    return g;
}

void grid_free(struct grid *g)
{
    for (size_t i = 0; i < g->columns; i++) {
        json_decref(g->column[i].tests);
        for (size_t h = 0; h < HEADS; h++)
            free(g->column[i].head[h]);
        free(g->column[i].label);
        free(g->column[i].legend);
    }
    free(g->column);
    strings_free(&g->ids);
}

/* What a reader has to know first. */
static int weight(enum status status)
{
    static const int weights[STATUS_COUNT] = {
        [STATUS_NONE] = 0, [SKIP] = 1,  [PASS] = 2, [XFAIL] = 3,
        [XPASS] = 4,       [ERROR] = 5, [FAIL] = 6,
    };

    return weights[status];
}

struct cell grid_cell(const struct grid *g, size_t column, const char *id)
{
    json_t *list = json_object_get(g->column[column].tests, id), *test;
    struct cell cell = {.of = json_array_size(list)};
    size_t i;

    json_array_foreach(list, i, test)
    {
        enum status status = status_at(test);

        if (weight(status) > weight(cell.status))
            cell = (struct cell){.status = status, .of = cell.of, .test = test};
        cell.times += status == cell.status;
    }
    return cell;
}

enum status grid_check(const struct grid *g, size_t column, const char *id, const char *check)
{
    json_t *test = grid_cell(g, column, id).test;

    return status_parse(text_at(json_object_get(test, "outcomes"), check));
}

bool statuses_differ(const enum status *status, size_t n)
{
    enum status first = STATUS_NONE;

    for (size_t i = 0; i < n; i++) {
        if (status[i] == STATUS_NONE || status[i] == SKIP)
            continue;
        if (first != STATUS_NONE && status[i] != first)
            return true;
        first = status[i];
    }
    return false;
}

bool grid_interesting(const struct grid *g, const char *id)
{
    enum status *status = xcalloc(g->columns, sizeof(*status));
    bool result = false;

    for (size_t i = 0; i < g->columns; i++) {
        struct cell cell = grid_cell(g, i, id);

        status[i] = cell.status;
        result |= weight(cell.status) >= weight(XPASS);
    }
    result |= statuses_differ(status, g->columns);
    free(status);
    return result;
}

struct strings grid_checks(const struct grid *g, const char *id)
{
    struct strings all = {0};

    for (size_t i = 0; i < g->columns; i++) {
        json_t *outcomes = json_object_get(grid_cell(g, i, id).test, "outcomes"), *value;
        const char *check;

        json_object_foreach(outcomes, check, value)
        {
            if (!strings_have(&all, check))
                strings_add(&all, check);
        }
    }
    return all;
}
