/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JUnit XML as Jenkins and GitLab read it: one test suite per configuration. */
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/report.h"

static void attribute(xmlTextWriterPtr w, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void attribute(xmlTextWriterPtr w, const char *name, const char *format, ...)
{
    va_list args;
    char *value, *clean;

    va_start(args, format);
    value = xvasprintf(format, args);
    va_end(args);
    clean = printable(value, strlen(value));
    xmlTextWriterWriteAttribute(w, BAD_CAST name, BAD_CAST clean);
    free(clean);
    free(value);
}

static void start(xmlTextWriterPtr w, const char *name)
{
    xmlTextWriterStartElement(w, BAD_CAST name);
}

static void end(xmlTextWriterPtr w)
{
    xmlTextWriterEndElement(w);
}

/* The failing checks with what was got and wanted. */
static void write_failure(xmlTextWriterPtr w, const struct result *r, const char *element)
{
    start(w, element);
    attribute(w, "message", "%s", r->reason);
    for (size_t i = 0; i < r->ktap.checks; i++) {
        const struct check *c = &r->ktap.check[i];

        if (c->status == FAIL)
            xmlTextWriterWriteFormatString(w, "%s: %s\n%s", c->id, c->sentence, c->diagnostics);
    }
    end(w);
}

static void write_case(xmlTextWriterPtr w, const struct job *job, const char *suite)
{
    const struct result *r = &job->result;
    const char *dot = strchr(job->test->id, '.');
    char *serial;

    start(w, "testcase");
    attribute(w, "classname", "%s.%.*s", suite,
              (int)(dot ? (size_t)(dot - job->test->id) : strlen(job->test->id)), job->test->id);
    attribute(w, "name", "%s", job->test->id);
    attribute(w, "file", "%s", job->test->file);
    attribute(w, "time", "%.3f", r->seconds);
    if (r->status == FAIL)
        write_failure(w, r, "failure");
    if (r->status == ERROR)
        write_failure(w, r, "error");
    if (r->status == SKIP || r->status == XFAIL) {
        start(w, "skipped");
        attribute(w, "message", "%s", r->reason);
        end(w);
    }
    if ((r->status == FAIL || r->status == ERROR) && r->serial.len) {
        serial = printable(r->serial.data, r->serial.len);
        xmlTextWriterWriteElement(w, BAD_CAST "system-out", BAD_CAST serial);
        free(serial);
    }
    end(w);
}

struct counts {
    size_t tests, failures, errors, skipped;
    double seconds;
};

static struct counts count(const struct plan *p, const struct config *c)
{
    struct counts n = {0};

    for (size_t i = 0; i < p->jobs; i++) {
        const struct result *r = &p->job[i].result;

        if ((c && p->job[i].config != c) || r->status == STATUS_NONE)
            continue;
        n.tests++;
        n.failures += r->status == FAIL;
        n.errors += r->status == ERROR;
        n.skipped += r->status == SKIP || r->status == XFAIL;
        n.seconds += r->seconds;
    }
    return n;
}

static void write_counts(xmlTextWriterPtr w, struct counts n)
{
    attribute(w, "tests", "%zu", n.tests);
    attribute(w, "failures", "%zu", n.failures);
    attribute(w, "errors", "%zu", n.errors);
    attribute(w, "skipped", "%zu", n.skipped);
    attribute(w, "time", "%.3f", n.seconds);
}

static void write_suite(xmlTextWriterPtr w, const struct plan *p, const struct config *c)
{
    const int *v = c->qemu->version.part;
    /* A dot would begin a new package in Jenkins. */
    char *name = xasprintf("qemu-%d_%d_%d-%s-%s-%s", v[0], v[1], v[2], c->machine, c->arch,
                           c->accel);

    for (char *s = name; (s = strchr(s, '.'));)
        *s = '_';
    start(w, "testsuite");
    attribute(w, "name", "%s", name);
    write_counts(w, count(p, c));
    for (size_t i = 0; i < p->jobs; i++) {
        if (p->job[i].config == c && p->job[i].result.status != STATUS_NONE)
            write_case(w, &p->job[i], name);
    }
    end(w);
    free(name);
}

char *report_junit(const struct plan *p)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr w = xmlNewTextWriterMemory(buffer, 0);
    char *text;

    xmlTextWriterSetIndent(w, 1);
    xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL);
    start(w, "testsuites");
    write_counts(w, count(p, NULL));
    for (size_t i = 0; i < p->configs; i++)
        write_suite(w, p, &p->config[i]);
    end(w);
    xmlTextWriterEndDocument(w);
    xmlFreeTextWriter(w);
    text = xstrdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return text;
}
