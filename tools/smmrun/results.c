/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/results.h"

#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/command.h"
#include "tools/smmrun/compare.h"
#include "tools/smmrun/known.h"
#include "tools/smmrun/shard.h"

/* Bytes of a serial log in the document; the test's folder has all of it. */
#define LOG_MAX ((size_t)64 << 10)

/* A path or a log may be anything, JSON only takes UTF-8. */
static json_t *text_of(const char *s, size_t len)
{
    char *clean = printable(s, len);
    json_t *value = json_string(clean);

    free(clean);
    return value;
}

static json_t *string_of(const char *s)
{
    return text_of(s, strlen(s));
}

/* Beginning and end say most. */
static json_t *log_of(const struct text *log)
{
    const char *data = text_str(log);
    struct text t = {0};
    json_t *value;

    if (log->len <= LOG_MAX)
        return text_of(data, log->len);
    text_add(&t, data, LOG_MAX / 2);
    text_printf(&t, "\n[%zu bytes are left out here]\n", log->len - LOG_MAX);
    text_add(&t, data + log->len - LOG_MAX / 2, LOG_MAX / 2);
    value = text_of(t.data, t.len);
    text_free(&t);
    return value;
}

static json_t *failing_checks(const struct ktap *k)
{
    json_t *list = json_array();

    for (size_t i = 0; i < k->checks; i++) {
        const struct check *c = &k->check[i];

        if (c->status == FAIL)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "id", c->id, "sentence",
                                                  c->sentence, "diagnostics", c->diagnostics));
    }
    return list;
}

/* Check ids with their status; of several checks with one id a failure counts. */
static json_t *outcomes(const struct ktap *k)
{
    json_t *all = json_object();

    for (size_t i = 0; i < k->checks; i++) {
        const struct check *c = &k->check[i];

        if (!json_object_get(all, c->id) || c->status == FAIL || c->status == ERROR)
            json_object_set_new(all, c->id, json_string(status_name(c->status)));
    }
    return all;
}

/* A shell command that runs this test in this configuration again. */
static json_t *reproduce(const struct options *o, const struct job *job)
{
    const struct config *c = job->config;
    struct text t = {0};
    json_t *value;

    text_puts(&t, "build/smmrun -v --qemu ");
    text_shell_word(&t, c->qemu->path);
    text_printf(&t, " --machine %s --arch %s --accel ", c->machine, c->arch);
    text_shell_word(&t, c->accel);
    if (o->firmware)
        text_printf(&t, " --firmware %s", o->firmware);
    for (size_t i = 0; i < o->append.n; i++) {
        text_puts(&t, " --append ");
        text_shell_word(&t, o->append.item[i]);
    }
    text_printf(&t, " %s", job->test->id);
    value = text_of(t.data, t.len);
    text_free(&t);
    return value;
}

/* What explains a result that is not simply a pass or a skip. */
static void add_explanation(json_t *t, const struct options *o, const struct job *job)
{
    const struct result *r = &job->result;
    struct command command = {
        .config = job->config, .needs = &job->needs, .id = job->test->id, .append = &o->append};
    char *script = command_script(&command);

    json_object_set_new(t, "reproduce", reproduce(o, job));
    json_object_set_new(t, "command", string_of(script));
    if (r->serial.len)
        json_object_set_new(t, "serial", log_of(&r->serial));
    if (r->messages.len)
        json_object_set_new(t, "messages", log_of(&r->messages));
    if (r->finding)
        json_object_set_new(t, "finding", string_of(r->finding));
    free(script);
}

static json_t *test_object(const struct plan *p, const struct options *o, const struct job *job)
{
    const struct result *r = &job->result;
    json_t *t = json_pack(
        "{s:s, s:s, s:o, s:f, s:f, s:{s:I, s:I, s:I}, s:o, s:i}", "id", job->test->id, "status",
        status_name(r->status), "reason", string_of(r->reason ? r->reason : ""), "seconds",
        r->seconds, "cpu_seconds", r->cpu_seconds, "checks", "passed",
        (json_int_t)ktap_count(&r->ktap, PASS), "failed", (json_int_t)ktap_count(&r->ktap, FAIL),
        "skipped", (json_int_t)ktap_count(&r->ktap, SKIP), "file", string_of(job->test->file),
        "line", (int)job->test->line);

    if (r->ktap.checks)
        json_object_set_new(t, "outcomes", outcomes(&r->ktap));
    if (ktap_count(&r->ktap, FAIL))
        json_object_set_new(t, "failing", failing_checks(&r->ktap));
    if (r->folder)
        json_object_set_new(t, "logs", string_of(r->folder));
    if (r->status != PASS && r->status != SKIP)
        add_explanation(t, o, job);
    if (p->dealt)
        json_object_set_new(t, SHARD_ORDER, json_integer((json_int_t)job->order));
    return t;
}

static json_t *run_object(const struct plan *p, const struct options *o, const struct config *c)
{
    const int *v = c->qemu->version.part;
    char *version = xasprintf("%d.%d.%d", v[0], v[1], v[2]);
    json_t *tests = json_array();
    json_t *run;

    for (size_t i = 0; i < p->jobs; i++) {
        /* What an interrupt left undone has no result. */
        if (p->job[i].config == c && p->job[i].result.status != STATUS_NONE)
            json_array_append_new(tests, test_object(p, o, &p->job[i]));
    }
    run = json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "qemu", string_of(c->qemu->path),
                    "version", version, "version_text", c->qemu->version_text, "machine",
                    c->machine, "machine_asked", c->machine_asked, "arch", c->arch, "accel",
                    string_of(c->accel), "tests", tests);
    if (o->compare)
        json_object_set_new(run, COMPARE_SIDE, json_integer((json_int_t)c->side));
    free(version);
    return run;
}

/* What the tests promise, and where that is written. */
static json_t *about_tests(const struct plan *p)
{
    json_t *about = json_object();

    for (size_t i = 0; i < p->jobs; i++) {
        const struct testinfo *t = p->job[i].test;

        if (!json_object_get(about, t->id))
            json_object_set_new(about, t->id,
                                json_pack("{s:o, s:o}", "sentence", string_of(t->sentence), "spec",
                                          string_of(t->spec)));
    }
    return about;
}

/* The findings that the results refer to: the sentence of the list, and the page. */
static json_t *about_findings(const struct plan *p)
{
    json_t *about = json_object();

    for (size_t i = 0; i < p->jobs; i++) {
        const char *name = p->job[i].result.finding;
        char *page;

        if (!name || !p->known || json_object_get(about, name))
            continue;
        page = known_page(p->known, name);
        json_object_set_new(about, name,
                            json_pack("{s:o, s:o}", "reason",
                                      string_of(known_reason(p->known, name)), "page",
                                      string_of(page)));
        free(page);
    }
    return about;
}

json_t *results_of(const struct plan *p, const struct options *o)
{
    json_t *runs = json_array(), *not_run = json_array(), *all;

    for (size_t i = 0; i < p->configs; i++)
        json_array_append_new(runs, run_object(p, o, &p->config[i]));
    for (size_t i = 0; i < p->not_run.n; i++)
        json_array_append_new(not_run, string_of(p->not_run.item[i]));
    all = json_pack("{s:o, s:o, s:o, s:o}", "runs", runs, "not_run", not_run, "about",
                    about_tests(p), "findings", about_findings(p));
    if (p->dealt)
        json_object_set_new(all, SHARD_KEY, shard_object(p, o));
    return all;
}

char *results_text(json_t *results)
{
    char *text = json_dumps(results, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    char *ended = xasprintf("%s\n", text ? text : "{}");

    free(text);
    return ended;
}

const char *text_at(json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));

    return s ? s : "";
}

enum status status_at(json_t *test)
{
    return status_parse(text_at(test, "status"));
}

static void count_run(struct tally *t, json_t *run)
{
    json_t *test;
    size_t i;

    json_array_foreach(json_object_get(run, "tests"), i, test)
    {
        t->n[status_at(test)]++;
        t->tests++;
        t->seconds += json_number_value(json_object_get(test, "seconds"));
    }
}

struct tally results_tally(json_t *results, json_t *run)
{
    struct tally t = {0};
    json_t *each;
    size_t i;

    if (run)
        count_run(&t, run);
    json_array_foreach(run ? NULL : json_object_get(results, "runs"), i, each)
    {
        count_run(&t, each);
    }
    return t;
}

char *results_run_name(json_t *run)
{
    return xasprintf("QEMU %s, %s, %s, %s", text_at(run, "version"), text_at(run, "machine"),
                     text_at(run, "arch"), text_at(run, "accel"));
}

bool results_incomplete(json_t *results)
{
    return json_is_true(json_object_get(results, "incomplete"));
}
