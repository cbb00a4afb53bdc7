/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/merge.h"

#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/results.h"
#include "tools/smmrun/shard.h"

struct documents {
    json_t **item;
    size_t n;
};

static json_int_t number_at(json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* NULL if the two shards can be parts of one whole, else why not. */
static char *compare_shards(json_t *a, json_t *b, const char *a_path, const char *b_path)
{
    if (number_at(a, "of") != number_at(b, "of"))
        return xasprintf("%s is one of %" JSON_INTEGER_FORMAT " shards, %s one of "
                         "%" JSON_INTEGER_FORMAT,
                         a_path, number_at(a, "of"), b_path, number_at(b, "of"));
    if (strcmp(text_at(a, "plan"), text_at(b, "plan")) != 0 ||
        number_at(a, "jobs") != number_at(b, "jobs"))
        return xasprintf("%s and %s are shards of different plans: other tests, options, QEMUs or "
                         "accelerators",
                         a_path, b_path);
    if (number_at(a, "index") == number_at(b, "index"))
        return xasprintf("%s and %s are both shard %" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT,
                         a_path, b_path, number_at(a, "index"), number_at(a, "of"));
    return NULL;
}

static int by_order(const void *a, const void *b)
{
    json_int_t x = number_at(*(json_t *const *)a, SHARD_ORDER);
    json_int_t y = number_at(*(json_t *const *)b, SHARD_ORDER);

    return x < y ? -1 : x > y;
}

/* The tests of a run back in the order of the whole plan. */
static void sort_tests(json_t *run)
{
    json_t *tests = json_object_get(run, "tests"), *sorted = json_array();
    size_t n = json_array_size(tests);
    json_t **item = xcalloc(n, sizeof(json_t *));

    for (size_t i = 0; i < n; i++)
        item[i] = json_array_get(tests, i);
    qsort(item, n, sizeof(json_t *), by_order);
    for (size_t i = 0; i < n; i++) {
        json_object_del(item[i], SHARD_ORDER);
        json_array_append(sorted, item[i]);
    }
    free(item);
    json_object_set_new(run, "tests", sorted);
}

/*
 * A section of notes on what the tests refer to by a member of theirs, in the order
 * of the tests, as a run that was never split has it; without what nobody refers to.
 */
static void sort_notes(json_t *all, const char *section, const char *member)
{
    json_t *notes = json_object_get(all, section), *sorted = json_object(), *run, *test;
    size_t i, j;

    json_array_foreach(json_object_get(all, "runs"), i, run)
    {
        json_array_foreach(json_object_get(run, "tests"), j, test)
        {
            const char *name = text_at(test, member);

            if (json_object_get(notes, name))
                json_object_set(sorted, name, json_object_get(notes, name));
        }
    }
    json_object_set_new(all, section, sorted);
}

/* One sentence of "not_run", once. */
static void add_not_run(json_t *all, const char *sentence)
{
    json_t *list = json_object_get(all, "not_run"), *other;
    size_t i;

    json_array_foreach(list, i, other)
    {
        if (strcmp(json_string_value(other), sentence) == 0)
            return;
    }
    json_array_append_new(list, json_string(sentence));
}

static void incomplete(json_t *all, char *sentence)
{
    add_not_run(all, sentence);
    free(sentence);
    json_object_set_new(all, "incomplete", json_true());
}

/* Everything of a document but its runs. */
static void add_notes(json_t *all, json_t *document)
{
    json_t *sentence;
    size_t i;

    json_array_foreach(json_object_get(document, "not_run"), i, sentence)
    {
        if (json_is_string(sentence))
            add_not_run(all, json_string_value(sentence));
    }
    json_object_update_missing(json_object_get(all, "about"), json_object_get(document, "about"));
    json_object_update_missing(json_object_get(all, "findings"),
                               json_object_get(document, "findings"));
    if (results_incomplete(document))
        json_object_set_new(all, "incomplete", json_true());
}

/* Runs of a shard into those of the whole, which are the same and in the same order. */
static void add_shard_runs(json_t *into, json_t *runs)
{
    json_t *run;
    size_t i;

    json_array_foreach(runs, i, run)
    {
        json_t *whole = json_array_get(into, i);

        if (whole)
            json_array_extend(json_object_get(whole, "tests"), json_object_get(run, "tests"));
        else
            json_array_append(into, run);
    }
}

/* What the shards, merged, lack of their whole. */
static void add_missing_shards(json_t *all, const struct documents *d)
{
    json_int_t tests = (json_int_t)results_tally(all, NULL).tests;
    json_t *first = NULL;

    for (size_t i = 0; i < d->n && !first; i++)
        first = json_object_get(d->item[i], SHARD_KEY);
    if (!first)
        return;
    for (json_int_t k = 1; k <= number_at(first, "of"); k++) {
        bool there = false;

        for (size_t i = 0; i < d->n; i++)
            there |= number_at(json_object_get(d->item[i], SHARD_KEY), "index") == k;
        if (!there)
            incomplete(all, xasprintf("shard %" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT
                                      ": its result file was not given",
                                      k, number_at(first, "of")));
    }
    if (!results_incomplete(all) && tests != number_at(first, "jobs"))
        incomplete(all, xasprintf("the shards have %" JSON_INTEGER_FORMAT " results, their whole "
                                  "has %" JSON_INTEGER_FORMAT " tests",
                                  tests, number_at(first, "jobs")));
}

static json_t *merge_documents(const struct documents *d)
{
    json_t *runs = json_array(), *rest = json_array(), *run;
    json_t *all = json_pack("{s:o, s:[], s:{}, s:{}}", "runs", runs, "not_run", "about",
                            "findings");
    size_t j;

    for (size_t i = 0; i < d->n; i++) {
        bool shard = json_object_get(d->item[i], SHARD_KEY) != NULL;
        json_t *theirs = json_object_get(d->item[i], "runs");

        add_notes(all, d->item[i]);
        if (shard)
            add_shard_runs(runs, theirs);
        else
            json_array_extend(rest, theirs);
    }
    json_array_foreach(runs, j, run)
    {
        sort_tests(run);
    }
    add_missing_shards(all, d);
    json_array_extend(runs, rest);
    json_decref(rest);
    sort_notes(all, "about", "id");
    sort_notes(all, "findings", "finding");
    return all;
}

static char *check_shards(const struct documents *d, const struct strings *files)
{
    char *error = NULL;

    for (size_t i = 0; i < d->n && !error; i++) {
        json_t *a = json_object_get(d->item[i], SHARD_KEY);

        for (size_t j = i + 1; j < d->n && a && !error; j++) {
            json_t *b = json_object_get(d->item[j], SHARD_KEY);

            if (b)
                error = compare_shards(a, b, files->item[i], files->item[j]);
        }
    }
    return error;
}

char *merge_files(const struct strings *files, json_t **results)
{
    struct documents d = {.item = xcalloc(files->n, sizeof(json_t *))};
    char *error = files->n ? NULL : xstrdup("--merge needs result files");

    *results = NULL;
    while (!error && d.n < files->n) {
        error = merge_read(files->item[d.n], &d.item[d.n]);
        d.n++;
    }
    if (!error)
        error = check_shards(&d, files);
    if (!error)
        *results = merge_documents(&d);
    for (size_t i = 0; i < d.n; i++)
        json_decref(d.item[i]);
    free(d.item);
    return error;
}
