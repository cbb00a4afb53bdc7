/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/ktap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char final_line[] = "# smm-unit-tests: ";

static void problem(struct ktap *k, const char *what, const char *line)
{
    if (!k->problem)
        k->problem = xasprintf("line %zu of the report %s: \"%.120s\"", k->line, what, line);
}

static char *copy(const char *from, const char *to)
{
    return xasprintf("%.*s", (int)(to - from), from);
}

/* A result line taken apart. */
struct result_line {
    enum status status;
    unsigned long number;
    char *text; /* between number and directive */
    char *reason;
};

static bool parse_result(const char *line, struct result_line *r)
{
    static const struct {
        const char *mark;
        enum status status;
    } directives[] = {{"# SKIP", SKIP}, {"# ERROR", ERROR}};
    bool ok = strncmp(line, "ok ", 3) == 0;
    const char *s = line + (ok ? 3 : 7);
    const char *end;
    char *after;

    if (!ok && strncmp(line, "not ok ", 7) != 0)
        return false;
    if (*s < '0' || *s > '9')
        return false;
    r->number = strtoul(s, &after, 10);
    if (*after != ' ')
        return false;
    s = after + 1;
    end = s + strlen(s);
    r->status = ok ? PASS : FAIL;
    r->reason = NULL;
    for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]) && !r->reason; i++) {
        const char *mark = strstr(s, directives[i].mark);
        const char *reason = mark ? mark + strlen(directives[i].mark) : "";

        if (!mark || (mark > s && mark[-1] != ' ') || (*reason && *reason != ' '))
            continue;
        r->status = directives[i].status;
        r->reason = xstrdup(*reason ? reason + 1 : reason);
        end = mark > s ? mark - 1 : mark;
    }
    if (!r->reason)
        r->reason = xstrdup("");
    r->text = copy(s, end);
    return true;
}

static bool parse_plan(const char *line, unsigned long *n)
{
    char number[20];
    size_t digits = strncmp(line, "1..", 3) == 0 ? strspn(line + 3, "0123456789") : 0;

    if (!digits || digits >= sizeof(number) || (line[3 + digits] && line[3 + digits] != ' '))
        return false;
    memcpy(number, line + 3, digits);
    number[digits] = '\0';
    return parse_number(number, 1000000, n);
}

static char *take_diagnostics(struct ktap *k)
{
    char *text = xstrdup(text_str(&k->diagnostics));

    text_free(&k->diagnostics);
    return text;
}

/* Index of the first check that belongs to no test yet. */
static size_t first_open(const struct ktap *k)
{
    const struct ktap_test *last = k->tests ? &k->test[k->tests - 1] : NULL;

    return last ? last->first_check + last->checks : 0;
}

static void add_check(struct ktap *k, struct result_line *r, const char *line)
{
    char *blank = strchr(r->text, ' ');
    struct check *c;

    if (r->number != k->checks - first_open(k) + 1)
        problem(k, "is out of order", line);
    k->check = xgrow(k->check, k->checks + 1, &k->checks_cap, sizeof(*k->check));
    c = &k->check[k->checks++];
    c->id = blank ? copy(r->text, blank) : xstrdup(r->text);
    c->sentence = xstrdup(blank ? blank + 1 : "");
    c->status = r->status;
    c->reason = r->reason;
    c->diagnostics = take_diagnostics(k);
    free(r->text);
}

static void add_test(struct ktap *k, struct result_line *r, const char *line)
{
    size_t first = first_open(k);
    struct ktap_test *t;

    if (r->number != k->tests + 1)
        problem(k, "is out of order", line);
    if (k->has_subplan && k->subplan != k->checks - first)
        problem(k, "ends a test with another number of checks than planned", line);
    if (!k->has_subplan && k->checks != first)
        problem(k, "ends a test whose checks have no plan", line);
    k->test = xgrow(k->test, k->tests + 1, &k->tests_cap, sizeof(*k->test));
    t = &k->test[k->tests++];
    *t = (struct ktap_test){r->text, r->status, r->reason, first, k->checks - first};
    k->has_subplan = false;
    /* What stands between the last check and here explains the test. */
    if (k->diagnostics.len && k->checks > first && t->status == FAIL) {
        struct check *last = &k->check[k->checks - 1];
        char *more = take_diagnostics(k);
        char *all = xasprintf("%s%s", last->diagnostics, more);

        free(more);
        free(last->diagnostics);
        last->diagnostics = all;
    }
}

static void diagnostic(struct ktap *k, const char *line, bool top)
{
    const char *s = line + 1 + (line[1] == ' ');

    if (top && !k->banner)
        k->banner = xstrdup(s);
    else if (strncmp(s, "Subtest: ", 9) != 0)
        text_printf(&k->diagnostics, "%s\n", s);
}

static void last_line(struct ktap *k, const char *line)
{
    static const enum status all[] = {PASS, FAIL, SKIP, ERROR};
    static const char *const names[] = {"PASS", "FAIL", "SKIP", "ERROR"};
    const char *s = line + strlen(final_line);
    char name[8];
    int end = 0;

    sscanf(s, "%7[A-Z]: %lu passed, %lu failed, %lu skipped, %lu errors%n", name, &k->counts[0],
           &k->counts[1], &k->counts[2], &k->counts[3], &end);
    if (end && !s[end]) {
        for (size_t i = 0; i < 4; i++) {
            if (strcmp(name, names[i]) == 0)
                k->verdict = all[i];
        }
    }
    if (k->verdict == STATUS_NONE)
        problem(k, "is no proper last line", line);
}

static void inner_line(struct ktap *k, const char *line)
{
    struct result_line r;

    if (*line == '#')
        diagnostic(k, line, false);
    else if (parse_plan(line, &k->subplan))
        k->has_subplan = true;
    else if (parse_result(line, &r))
        add_check(k, &r, line);
    else if (*line == ' ')
        text_printf(&k->diagnostics, "%s\n", line);
    else if (strcmp(line, "KTAP version 1") != 0)
        problem(k, "is none of a test's", line);
}

static void outer_line(struct ktap *k, const char *line)
{
    struct result_line r;
    unsigned long plan;

    if (strncmp(line, final_line, strlen(final_line)) == 0)
        last_line(k, line);
    else if (*line == '#')
        diagnostic(k, line, true);
    else if (parse_plan(line, &plan)) {
        if (k->has_plan)
            problem(k, "is a second plan", line);
        k->has_plan = true;
        k->plan = plan;
    } else if (parse_result(line, &r))
        add_test(k, &r, line);
    else
        problem(k, "is not KTAP", line);
}

static void complete_line(struct ktap *k, const char *line)
{
    k->line++;
    if (!*line || k->restarted)
        return;
    if (k->header && strcmp(line, "KTAP version 1") == 0) {
        k->restarted = true;
        return;
    }
    free(k->last_line);
    k->last_line = xstrdup(line);
    /* Firmware may have spoken before. */
    if (!k->header)
        k->header = strcmp(line, "KTAP version 1") == 0;
    else if (k->verdict != STATUS_NONE)
        problem(k, "comes after the last line", line);
    else if (strncmp(line, "  ", 2) == 0)
        inner_line(k, line + 2);
    else
        outer_line(k, line);
}

void ktap_feed(struct ktap *k, const char *data, size_t len)
{
    while (len) {
        const char *newline = memchr(data, '\n', len);
        size_t n = newline ? (size_t)(newline - data) : len;
        char *line;

        text_add(&k->partial, data, n);
        if (!newline)
            return;
        data += n + 1;
        len -= n + 1;
        while (k->partial.len && k->partial.data[k->partial.len - 1] == '\r')
            k->partial.data[--k->partial.len] = '\0';
        line = printable(k->partial.data, k->partial.len);
        complete_line(k, line);
        free(line);
        text_free(&k->partial);
    }
}

void ktap_free(struct ktap *k)
{
    for (size_t i = 0; i < k->checks; i++) {
        free(k->check[i].id);
        free(k->check[i].sentence);
        free(k->check[i].reason);
        free(k->check[i].diagnostics);
    }
    for (size_t i = 0; i < k->tests; i++) {
        free(k->test[i].id);
        free(k->test[i].reason);
    }
    free(k->check);
    free(k->test);
    free(k->last_line);
    free(k->problem);
    free(k->banner);
    text_free(&k->partial);
    text_free(&k->diagnostics);
    *k = (struct ktap){0};
}
