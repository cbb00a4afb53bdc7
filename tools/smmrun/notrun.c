/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/notrun.h"

#include <string.h>

#include "tools/smmrun/results.h"

/* Reason to {"tests": {id: true}, "columns": {label: true}}. */
static json_t *skips_by_reason(const struct grid *g)
{
    json_t *reasons = json_object(), *test, *entry;
    size_t i;

    for (size_t c = 0; c < g->columns; c++) {
        json_array_foreach(json_object_get(g->column[c].run, "tests"), i, test)
        {
            const char *reason = text_at(test, "reason");

            if (status_at(test) != SKIP)
                continue;
            entry = json_object_get(reasons, reason);
            if (!entry) {
                entry = json_pack("{s:{}, s:{}}", "tests", "columns");
                json_object_set_new(reasons, reason, entry);
            }
            json_object_set_new(json_object_get(entry, "tests"), text_at(test, "id"), json_true());
            json_object_set_new(json_object_get(entry, "columns"), g->column[c].label, json_true());
        }
    }
    return reasons;
}

static void add_keys(struct text *out, json_t *object, const char *first)
{
    const char *before = first;
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        text_printf(out, "%s%s", before, key);
        before = ", ";
    }
}

void notrun_add(struct text *out, const struct grid *g, json_t *results, bool all)
{
    json_t *reasons = skips_by_reason(g), *list = json_object_get(results, "not_run");
    json_t *value;
    const char *reason;
    size_t i;

    if (json_object_size(reasons) || json_array_size(list))
        text_puts(out, "\nNot run:\n");
    for (i = 0; i < g->columns && !all; i++) {
        if (g->column[i].idle)
            text_printf(out, "  everything on %s\n", g->column[i].label);
    }
    json_array_foreach(list, i, value)
    {
        text_printf(out, "  %s\n", json_string_value(value));
    }
    json_object_foreach(reasons, reason, value)
    {
        json_t *tests = json_object_get(value, "tests");
        json_t *columns = json_object_get(value, "columns");
        size_t n = json_object_size(tests);

        text_printf(out, "  %zu test%s", n, n == 1 ? "" : "s");
        if (json_object_size(columns) < g->columns) {
            add_keys(out, columns, " (");
            text_puts(out, ")");
        }
        text_printf(out, ": %s\n", reason);
        if (all || n == 1) {
            add_keys(out, tests, "    ");
            text_puts(out, "\n");
        }
    }
    json_decref(reasons);
}
