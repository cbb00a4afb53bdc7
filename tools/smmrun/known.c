/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/known.h"

#include <fnmatch.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One word of a range, ">=7.2" or "<pc-q35-6.0". False if it is none. */
static bool parse_bound(const char *word, struct need_range *range)
{
    bool lower = strncmp(word, ">=", 2) == 0;
    const char *number = word + (lower ? 2 : 1);
    struct version *v = lower ? &range->min : &range->max;
    const char *end;

    if (!lower && word[0] != '<')
        return false;
    if (strncmp(number, "pc-q35-", 7) == 0)
        number += 7;
    if (!version_parse(number, v, &end) || *end)
        return false;
    *(lower ? &range->has_min : &range->has_max) = true;
    return true;
}

static bool parse_range(const char *words, struct need_range *range)
{
    char *copy = xstrdup(words);
    char *rest = NULL;
    bool good = true;

    for (char *w = strtok_r(copy, " ", &rest); w && good; w = strtok_r(NULL, " ", &rest))
        good = parse_bound(w, range);
    free(copy);
    return good;
}

static bool in_range(const struct need_range *r, const struct version *v)
{
    return (!r->has_min || version_compare(v, &r->min) >= 0) &&
           (!r->has_max || version_compare(v, &r->max) < 0);
}

static char *copy_string(const char *s)
{
    return s ? xstrdup(s) : NULL;
}

/* One object of the file; NULL, or what is wrong with it. */
static char *read_entry(struct known *k, json_t *object)
{
    const char *finding, *test, *check, *reason;
    const char *qemu = "", *machine = "", *arch = NULL, *accel = NULL;
    struct known_entry e = {0};
    json_error_t error;
    int statistical = 0;

    if (json_unpack_ex(object, &error, JSON_STRICT, "{s:s, s:s, s:s, s:s, s?s, s?s, s?s, s?s, s?b}",
                       "finding", &finding, "test", &test, "check", &check, "reason", &reason,
                       "qemu", &qemu, "machine", &machine, "arch", &arch, "accel", &accel,
                       "statistical", &statistical))
        return xasprintf("%s", error.text);
    if (!parse_range(qemu, &e.qemu) || !parse_range(machine, &e.machine))
        return xasprintf("the range \"%s%s%s\" of %s is not of words like \">=5.2\" and \"<11.1\"",
                         qemu, *qemu && *machine ? " " : "", machine, finding);
    e.finding = xstrdup(finding);
    e.test = xstrdup(test);
    e.check = xstrdup(check);
    e.reason = xstrdup(reason);
    e.arch = copy_string(arch);
    e.accel = copy_string(accel);
    e.statistical = statistical;
    k->entry = xgrow(k->entry, k->n + 1, &k->cap, sizeof(*k->entry));
    k->entry[k->n++] = e;
    return NULL;
}

/* Where the pages of a list at path are, to be freed. */
static char *folder_of_pages(const char *path)
{
    const char *slash = strrchr(path, '/');
    int n = slash ? (int)(slash - path + 1) : 0;
    char *beside = xasprintf("%.*sfindings", n, path);

    if (access(beside, F_OK) == 0)
        return beside;
    free(beside);
    return xasprintf("%.*s../docs/findings", n, path);
}

char *known_read(struct known *k, const char *path)
{
    json_error_t error;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    json_t *issues = json_object_get(root, "issues");
    char *problem = NULL, *sentence;
    size_t i;
    json_t *object;

    memset(k, 0, sizeof(*k));
    k->pages = folder_of_pages(path);
    if (!root)
        return xasprintf("%s:%d: %s", path, error.line, error.text);
    if (!json_is_array(issues))
        problem = xstrdup("there is no array \"issues\"");
    else
        json_array_foreach(issues, i, object) if (!problem) problem = read_entry(k, object);
    json_decref(root);
    if (!problem)
        return NULL;
    sentence = xasprintf("%s: issue %zu: %s", path, k->n + 1, problem);
    free(problem);
    return sentence;
}

void known_free(struct known *k)
{
    for (size_t i = 0; i < k->n; i++) {
        struct known_entry *e = &k->entry[i];

        free(e->finding);
        free(e->test);
        free(e->check);
        free(e->reason);
        free(e->arch);
        free(e->accel);
    }
    free(k->entry);
    free(k->pages);
    memset(k, 0, sizeof(*k));
}

const char *known_reason(const struct known *k, const char *finding)
{
    for (size_t i = 0; i < k->n; i++) {
        if (strcmp(k->entry[i].finding, finding) == 0)
            return k->entry[i].reason;
    }
    return "";
}

char *known_page(const struct known *k, const char *finding)
{
    char *path = xasprintf("%s/%s.md", k->pages, finding);
    struct text t = {0};

    /* The page is an extra: a list may come without. */
    free(text_read(&t, path));
    free(path);
    text_puts(&t, "");
    return t.data;
}

static bool names_a_test(const struct known_entry *e, const struct records *sets, size_t n)
{
    for (size_t s = 0; s < n; s++) {
        for (size_t i = 0; i < sets[s].n; i++) {
            if (fnmatch(e->test, sets[s].test[i].id, 0) == 0)
                return true;
        }
    }
    return false;
}

char *known_check(const struct known *k, const struct records *sets, size_t n)
{
    for (size_t i = 0; i < k->n; i++) {
        if (!names_a_test(&k->entry[i], sets, n))
            return xasprintf("the known issue %s is of a test \"%s\" that does not exist: remove "
                             "the entry or correct it",
                             k->entry[i].finding, k->entry[i].test);
    }
    return NULL;
}

static bool applies(const struct known_entry *e, const struct job *job)
{
    const struct config *c = job->config;
    const char *type = job->needs.type ? job->needs.type : c->machine;
    struct version machine;

    if (fnmatch(e->test, job->test->id, 0) != 0)
        return false;
    if (e->arch && strcmp(e->arch, c->arch) != 0)
        return false;
    if (e->accel && strcmp(e->accel, c->accel_name) != 0)
        return false;
    if (!in_range(&e->qemu, &c->qemu->version))
        return false;
    return !(e->machine.has_min || e->machine.has_max) ||
           (version_of_machine(type, &machine) && in_range(&e->machine, &machine));
}

/* QEMU died or hung: the guest's own report says nothing of the failure. */
static bool died(const struct job *job)
{
    return (job->result.status == FAIL || job->result.status == XFAIL) &&
           (job->result.ktap.verdict == STATUS_NONE || job->result.ktap.verdict == PASS);
}

/* The applicable entry that covers this check, NULL if there is none. */
static const struct known_entry *covering(const struct known *k, const struct job *job,
                                          const char *check)
{
    for (size_t i = 0; i < k->n; i++) {
        if (applies(&k->entry[i], job) && fnmatch(k->entry[i].check, check, 0) == 0)
            return &k->entry[i];
    }
    return NULL;
}

/* All that failed is covered: the finding of the first; NULL if something is not. */
static const char *expected_failure(const struct known *k, const struct job *job)
{
    const struct ktap *t = &job->result.ktap;
    const struct known_entry *found = NULL;

    for (size_t i = 0; i < t->checks; i++) {
        const struct known_entry *e;

        if (t->check[i].status != FAIL)
            continue;
        e = covering(k, job, t->check[i].id);
        if (!e)
            return NULL;
        found = found ? found : e;
    }
    if (died(job)) {
        const struct known_entry *e = covering(k, job, KNOWN_CHECK_QEMU);

        if (!e)
            return NULL;
        found = found ? found : e;
    }
    return found ? found->finding : NULL;
}

/* Outcome of the checks that an entry names. */
static enum status entry_outcome(const struct known_entry *e, const struct job *job)
{
    const struct ktap *t = &job->result.ktap;
    enum status status = STATUS_NONE;

    if (fnmatch(e->check, KNOWN_CHECK_QEMU, 0) == 0)
        status = died(job) ? FAIL : PASS;
    for (size_t i = 0; i < t->checks && status != FAIL; i++) {
        if (fnmatch(e->check, t->check[i].id, 0) == 0 &&
            (t->check[i].status == PASS || t->check[i].status == FAIL))
            status = t->check[i].status;
    }
    return status;
}

/* An applicable entry whose check was made and did not fail; NULL if there is none. */
static const struct known_entry *disappeared(const struct known *k, const struct job *job)
{
    for (size_t i = 0; i < k->n; i++) {
        const struct known_entry *e = &k->entry[i];

        if (!e->statistical && applies(e, job) && entry_outcome(e, job) == PASS)
            return e;
    }
    return NULL;
}

static void set(struct result *r, enum status status, const char *finding, char *reason)
{
    free(r->reason);
    free(r->finding);
    r->finding = xstrdup(finding);
    r->status = status;
    r->reason = reason;
}

void known_apply(const struct known *k, struct job *job)
{
    struct result *r = &job->result;
    const struct known_entry *gone;
    const char *finding;

    if (r->status == FAIL && (finding = expected_failure(k, job)))
        set(r, XFAIL, finding, xasprintf("known: docs/findings/%s.md", finding));
    if (r->status != PASS && r->status != XFAIL)
        return;
    gone = disappeared(k, job);
    if (gone)
        set(r, XPASS, gone->finding,
            xasprintf("the known issue %s (check %s) does not show: give it its end in "
                      "tests/known-issues.json",
                      gone->finding, gone->check));
}
