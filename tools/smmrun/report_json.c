/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/report.h"

/* A path may be anything, JSON only takes UTF-8. */
static json_t *text_of(const char *s)
{
    char *clean = printable(s, strlen(s));
    json_t *value = json_string(clean);

    free(clean);
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

static json_t *test_object(const struct job *job)
{
    const struct result *r = &job->result;
    json_t *t = json_pack(
        "{s:s, s:s, s:o, s:f, s:{s:I, s:I, s:I}, s:o, s:i}", "id", job->test->id, "status",
        status_name(r->status), "reason", text_of(r->reason ? r->reason : ""), "seconds",
        r->seconds, "checks", "passed", (json_int_t)ktap_count(&r->ktap, PASS), "failed",
        (json_int_t)ktap_count(&r->ktap, FAIL), "skipped", (json_int_t)ktap_count(&r->ktap, SKIP),
        "file", text_of(job->test->file), "line", (int)job->test->line);

    if (ktap_count(&r->ktap, FAIL))
        json_object_set_new(t, "failing", failing_checks(&r->ktap));
    if (r->folder)
        json_object_set_new(t, "logs", text_of(r->folder));
    return t;
}

static json_t *run_object(const struct plan *p, const struct config *c)
{
    const int *v = c->qemu->version.part;
    char *version = xasprintf("%d.%d.%d", v[0], v[1], v[2]);
    json_t *tests = json_array();
    json_t *run;

    for (size_t i = 0; i < p->jobs; i++) {
        /* What an interrupt left undone has no result. */
        if (p->job[i].config == c && p->job[i].result.status != STATUS_NONE)
            json_array_append_new(tests, test_object(&p->job[i]));
    }
    run = json_pack("{s:o, s:s, s:s, s:s, s:s, s:o, s:o}", "qemu", text_of(c->qemu->path),
                    "version", version, "version_text", c->qemu->version_text, "machine",
                    c->machine, "arch", c->arch, "accel", text_of(c->accel), "tests", tests);
    free(version);
    return run;
}

char *report_json(const struct plan *p)
{
    json_t *runs = json_array(), *all;
    char *text, *ended;

    for (size_t i = 0; i < p->configs; i++)
        json_array_append_new(runs, run_object(p, &p->config[i]));
    all = json_pack("{s:o}", "runs", runs);
    text = json_dumps(all, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    json_decref(all);
    ended = xasprintf("%s\n", text ? text : "{}");
    free(text);
    return ended;
}
