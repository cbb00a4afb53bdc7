/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to a report that has been read. */
#include <string.h>

#include "tools/smmrun/ktap.h"

static const char *const status_names[STATUS_COUNT] = {"none",  "pass",  "fail", "skip",
                                                       "xfail", "xpass", "error"};

const char *status_name(enum status status)
{
    return status_names[status];
}

enum status status_parse(const char *name)
{
    for (int i = PASS; i < STATUS_COUNT; i++) {
        if (strcmp(status_names[i], name) == 0)
            return (enum status)i;
    }
    return STATUS_NONE;
}

const struct ktap_test *ktap_find(const struct ktap *k, const char *id)
{
    for (size_t i = 0; i < k->tests; i++) {
        if (strcmp(k->test[i].id, id) == 0)
            return &k->test[i];
    }
    return NULL;
}

void ktap_extract(const struct ktap *k, const struct ktap_test *t, struct ktap *one)
{
    *one = (struct ktap){.header = true, .checks = t->checks, .checks_cap = t->checks, .tests = 1};
    one->check = xcalloc(t->checks, sizeof(*one->check));
    for (size_t i = 0; i < t->checks; i++) {
        const struct check *c = &k->check[t->first_check + i];

        one->check[i] = (struct check){xstrdup(c->id), xstrdup(c->sentence), c->status,
                                       xstrdup(c->reason), xstrdup(c->diagnostics)};
    }
    one->tests_cap = 1;
    one->test = xcalloc(1, sizeof(*one->test));
    one->test[0] = (struct ktap_test){xstrdup(t->id), t->status, xstrdup(t->reason), 0, t->checks};
    one->banner = k->banner ? xstrdup(k->banner) : NULL;
}

size_t ktap_count(const struct ktap *k, enum status status)
{
    size_t n = 0;

    for (size_t i = 0; i < k->checks; i++)
        n += k->check[i].status == status;
    return n;
}

/* Whether the last line counts what the test lines say. */
static bool counts_agree(const struct ktap *k)
{
    static const enum status order[] = {PASS, FAIL, SKIP, ERROR};
    unsigned long n[4] = {0};
    enum status verdict = SKIP;

    for (size_t i = 0; i < k->tests; i++) {
        for (size_t s = 0; s < 4; s++)
            n[s] += k->test[i].status == order[s];
    }
    if (n[1])
        verdict = FAIL;
    else if (n[3])
        verdict = ERROR;
    else if (n[0])
        verdict = PASS;
    return verdict == k->verdict && memcmp(n, k->counts, sizeof(n)) == 0;
}

char *ktap_incomplete(const struct ktap *k)
{
    if (!k->header)
        return xstrdup("the report never began (no line \"KTAP version 1\")");
    if (k->problem)
        return xstrdup(k->problem);
    if (k->partial.len)
        return xasprintf("the report ends in the middle of line %zu", k->line + 1);
    if (!k->has_plan)
        return xstrdup("the report has no plan");
    if (k->tests != k->plan)
        return xasprintf("the report plans %lu tests and has %zu results", k->plan, k->tests);
    if (k->verdict == STATUS_NONE)
        return xstrdup("the report has no last line");
    if (!counts_agree(k))
        return xstrdup("the last line of the report contradicts the results before it");
    return NULL;
}
