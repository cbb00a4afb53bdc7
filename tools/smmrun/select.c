/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/select.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define CLOSEST 3

bool select_test(const struct options *o, const struct testinfo *t, const struct needs *needs)
{
    bool matches = !o->globs.n, grouped = !o->groups.n;

    for (size_t i = 0; i < o->globs.n && !matches; i++)
        matches = fnmatch(o->globs.item[i], t->id, 0) == 0;
    for (size_t i = 0; i < o->groups.n && !grouped; i++)
        grouped = strings_have(&needs->groups, o->groups.item[i]);
    if (!matches || !grouped)
        return false;
    return !strings_have(&needs->groups, GROUP_LARGE) || strings_have(&o->groups, GROUP_LARGE) ||
           strings_have(&o->globs, t->id);
}

/* Levenshtein's distance. */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(b);
    size_t *row = xcalloc(n + 1, sizeof(*row));
    size_t result;

    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t best = diagonal + (a[i] != b[j]);

            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j + 1] + 1 < best ? row[j + 1] + 1 : best;
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    result = row[n];
    free(row);
    return result;
}

struct candidate {
    const char *id;
    size_t distance;
};

static int compare(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return strcmp(x->id, y->id);
}

char *select_unknown(const char *what, const char *id, const struct records *sets, size_t n)
{
    struct candidate *all = NULL;
    size_t count = 0, cap = 0, shown = 0;
    struct text t = {0};

    for (size_t s = 0; s < n; s++) {
        for (size_t i = 0; i < sets[s].n; i++) {
            const char *other = sets[s].test[i].id;

            all = xgrow(all, count + 1, &cap, sizeof(*all));
            all[count++] = (struct candidate){other, distance(id, other)};
        }
    }
    if (count)
        qsort(all, count, sizeof(*all), compare);
    text_printf(&t, "%s \"%s\"", what, id);
    for (size_t i = 0; i < count && shown < CLOSEST; i++) {
        if (i && strcmp(all[i].id, all[i - 1].id) == 0)
            continue;
        text_printf(&t, "%s%s", shown ? ", " : "; the closest are ", all[i].id);
        shown++;
    }
    text_puts(&t, " (\"smmrun -l\" lists all)");
    free(all);
    return t.data;
}

static bool any_match(const char *glob, const struct records *sets, size_t n)
{
    for (size_t s = 0; s < n; s++) {
        for (size_t i = 0; i < sets[s].n; i++) {
            if (fnmatch(glob, sets[s].test[i].id, 0) == 0)
                return true;
        }
    }
    return false;
}

static void collect_groups(struct strings *groups, const struct records *records)
{
    for (size_t i = 0; i < records->n; i++) {
        struct needs needs;

        free(needs_parse(&needs, records->test[i].needs));
        for (size_t g = 0; g < needs.groups.n; g++) {
            if (!strings_have(groups, needs.groups.item[g]))
                strings_add(groups, needs.groups.item[g]);
        }
        needs_free(&needs);
    }
}

static char *check_groups(const struct options *o, const struct records *sets, size_t n)
{
    struct strings groups = {0};
    struct text t = {0};

    for (size_t s = 0; s < n; s++)
        collect_groups(&groups, &sets[s]);
    for (size_t i = 0; i < o->groups.n && !t.len; i++) {
        if (strings_have(&groups, o->groups.item[i]))
            continue;
        text_printf(&t, "no test is in a group \"%s\"; there %s", o->groups.item[i],
                    groups.n ? "are " : "is no group at all");
        for (size_t g = 0; g < groups.n; g++)
            text_printf(&t, "%s%s", g ? ", " : "", groups.item[g]);
    }
    strings_free(&groups);
    return t.data;
}

char *select_check(const struct options *o, const struct records *sets, size_t n)
{
    for (size_t i = 0; i < o->globs.n; i++) {
        if (!any_match(o->globs.item[i], sets, n))
            return select_unknown("no test matches", o->globs.item[i], sets, n);
    }
    return check_groups(o, sets, n);
}
