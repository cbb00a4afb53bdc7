/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads result documents, and believes nothing. */
#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/merge.h"
#include "tools/smmrun/results.h"
#include "tools/smmrun/shard.h"

static char *not_ours(const char *path, const char *why)
{
    return xasprintf("%s is not a result file of \"smmrun --json\": %s", path, why);
}

/* NULL, or what a test object lacks. */
static const char *problem_of_test(json_t *test, bool shard)
{
    if (!json_is_string(json_object_get(test, "id")))
        return "a test has no id";
    if (status_at(test) == STATUS_NONE)
        return "the status of a test is none";
    if (!json_is_number(json_object_get(test, "seconds")))
        return "a test has no seconds";
    if (shard && !json_is_integer(json_object_get(test, SHARD_ORDER)))
        return "a test of this shard has no place in the whole";
    return NULL;
}

static const char *problem_of_run(json_t *run, bool shard)
{
    static const char *const keys[] = {"qemu",          "version", "version_text", "machine",
                                       "machine_asked", "arch",    "accel"};
    json_t *tests = json_object_get(run, "tests"), *test;
    const char *problem = NULL;
    size_t i;

    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!json_is_string(json_object_get(run, keys[i])))
            return "a run does not say what it ran on";
    }
    if (!json_is_array(tests))
        return "a run has no tests";
    json_array_foreach(tests, i, test)
    {
        problem = problem ? problem : problem_of_test(test, shard);
    }
    return problem;
}

static const char *problem_of_shard(json_t *shard)
{
    json_int_t index, of, jobs;
    const char *plan;

    if (shard && json_unpack(shard, "{s:I, s:I, s:I, s:s}", "index", &index, "of", &of, "jobs",
                             &jobs, "plan", &plan))
        return "it does not say which shard it is";
    if (shard && (index < 1 || index > of || of > (json_int_t)SHARD_MAX))
        return "its shard's number is out of range";
    return NULL;
}

static const char *problem_of_document(json_t *root)
{
    json_t *runs = json_object_get(root, "runs"), *run;
    json_t *shard = json_object_get(root, SHARD_KEY);
    const char *problem = problem_of_shard(shard);
    size_t i;

    if (!json_is_array(runs))
        return "it has no array \"runs\"";
    if (!json_is_array(json_object_get(root, "not_run")) ||
        !json_is_object(json_object_get(root, "about")) ||
        !json_is_object(json_object_get(root, "findings")))
        return "it lacks \"not_run\", \"about\" or \"findings\" (an older smmrun wrote it?)";
    json_array_foreach(runs, i, run)
    {
        problem = problem ? problem : problem_of_run(run, shard);
    }
    return problem;
}

/* What comes from a file goes to terminals and into XML: control characters do not. */
static json_t *cleaned(json_t *value)
{
    json_t *item, *copy;
    const char *key;
    char *clean;
    size_t i;

    if (json_is_string(value)) {
        clean = printable(json_string_value(value), json_string_length(value));
        copy = json_string(clean);
        free(clean);
        return copy;
    }
    if (json_is_array(value)) {
        copy = json_array();
        json_array_foreach(value, i, item)
        {
            json_array_append_new(copy, cleaned(item));
        }
        return copy;
    }
    if (json_is_object(value)) {
        copy = json_object();
        json_object_foreach(value, key, item)
        {
            json_object_set_new(copy, key, cleaned(item));
        }
        return copy;
    }
    return json_incref(value);
}

char *merge_read(const char *path, json_t **results)
{
    struct text content = {0};
    json_t *raw;
    json_error_t error;
    const char *problem;
    char *sentence = text_read(&content, path);

    *results = NULL;
    if (sentence) {
        text_free(&content);
        return sentence;
    }
    raw = json_loadb(text_str(&content), content.len, JSON_REJECT_DUPLICATES, &error);
    text_free(&content);
    if (!raw)
        return xasprintf("%s:%d: not JSON: %s", path, error.line, error.text);
    problem = problem_of_document(raw);
    if (!problem)
        *results = cleaned(raw);
    json_decref(raw);
    return problem ? not_ours(path, problem) : NULL;
}
