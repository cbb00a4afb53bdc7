/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/select.h"

struct entries {
    const struct testinfo **item;
    size_t n, cap;
};

static bool is_listed(const struct entries *e, const char *id)
{
    for (size_t i = 0; i < e->n; i++) {
        if (strcmp(e->item[i]->id, id) == 0)
            return true;
    }
    return false;
}

/* Without globs and groups, tests of group "large" are listed too. */
static bool is_wanted(const struct options *o, const struct testinfo *t)
{
    struct needs needs;
    bool wanted = !o->globs.n && !o->groups.n;

    free(needs_parse(&needs, t->needs));
    wanted = wanted || select_test(o, t, &needs);
    needs_free(&needs);
    return wanted;
}

static struct entries collect(const struct plan *p, const struct options *o)
{
    struct entries e = {0};

    for (size_t k = 0; k < p->kernels; k++) {
        const struct records *r = &p->kernel[k].records;

        for (size_t i = 0; i < r->n; i++) {
            if (is_listed(&e, r->test[i].id) || !is_wanted(o, &r->test[i]))
                continue;
            e.item = xgrow(e.item, e.n + 1, &e.cap, sizeof(struct testinfo *));
            e.item[e.n++] = &r->test[i];
        }
    }
    return e;
}

static int by_id(const void *a, const void *b)
{
    return strcmp((*(const struct testinfo *const *)a)->id,
                  (*(const struct testinfo *const *)b)->id);
}

static int by_spec(const void *a, const void *b)
{
    int order = strcmp((*(const struct testinfo *const *)a)->spec,
                       (*(const struct testinfo *const *)b)->spec);

    return order ? order : by_id(a, b);
}

static void print_one(const struct testinfo *t, int width, const char *indent)
{
    printf("%s%-*s  %s%s%s%s\n", indent, width, t->id, t->sentence, *t->needs ? " [" : "", t->needs,
           *t->needs ? "]" : "");
}

int list_tests(const struct plan *p, const struct options *o)
{
    int status = plan_check(p, o);
    const char *spec = NULL;
    struct entries e;
    int width = 0;

    if (status)
        return status;
    e = collect(p, o);
    for (size_t i = 0; i < e.n; i++) {
        int n = (int)strlen(e.item[i]->id);

        width = n > width ? n : width;
    }
    if (e.n)
        qsort(e.item, e.n, sizeof(struct testinfo *), o->spec ? by_spec : by_id);
    for (size_t i = 0; i < e.n; i++) {
        if (o->spec && (!spec || strcmp(spec, e.item[i]->spec) != 0)) {
            spec = e.item[i]->spec;
            printf("%s%s\n", i ? "\n" : "", *spec ? spec : "(no promise named)");
        }
        print_one(e.item[i], width, o->spec ? "  " : "");
    }
    free(e.item);
    return EXIT_OK;
}
