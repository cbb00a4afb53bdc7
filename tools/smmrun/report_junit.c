/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JUnit XML as Jenkins and GitLab read it: one test suite per configuration. */
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/report.h"
#include "tools/smmrun/results.h"

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
static void write_failure(xmlTextWriterPtr w, json_t *test, const char *element)
{
    json_t *check;
    size_t i;

    start(w, element);
    attribute(w, "message", "%s", text_at(test, "reason"));
    json_array_foreach(json_object_get(test, "failing"), i, check)
    {
        xmlTextWriterWriteFormatString(w, "%s: %s\n%s", text_at(check, "id"),
                                       text_at(check, "sentence"), text_at(check, "diagnostics"));
    }
    end(w);
}

static void write_case(xmlTextWriterPtr w, json_t *test, const char *suite)
{
    const char *id = text_at(test, "id"), *serial = text_at(test, "serial");
    enum status status = status_at(test);

    start(w, "testcase");
    attribute(w, "classname", "%s.%.*s", suite, (int)strcspn(id, "."), id);
    attribute(w, "name", "%s", id);
    attribute(w, "file", "%s", text_at(test, "file"));
    attribute(w, "time", "%.3f", json_number_value(json_object_get(test, "seconds")));
    if (status == FAIL)
        write_failure(w, test, "failure");
    if (status == ERROR)
        write_failure(w, test, "error");
    if (status == SKIP || status == XFAIL) {
        start(w, "skipped");
        attribute(w, "message", "%s", text_at(test, "reason"));
        end(w);
    }
    if ((status == FAIL || status == ERROR) && *serial)
        xmlTextWriterWriteElement(w, BAD_CAST "system-out", BAD_CAST serial);
    end(w);
}

static void write_counts(xmlTextWriterPtr w, struct tally t)
{
    attribute(w, "tests", "%zu", t.tests);
    attribute(w, "failures", "%zu", t.n[FAIL]);
    attribute(w, "errors", "%zu", t.n[ERROR]);
    attribute(w, "skipped", "%zu", t.n[SKIP] + t.n[XFAIL]);
    attribute(w, "time", "%.3f", t.seconds);
}

static void write_suite(xmlTextWriterPtr w, json_t *results, json_t *run)
{
    char *name = xasprintf("qemu-%s-%s-%s-%s", text_at(run, "version"), text_at(run, "machine"),
                           text_at(run, "arch"), text_at(run, "accel"));
    json_t *test;
    size_t i;

    /* A dot would begin a new package in Jenkins. */
    for (char *s = name; (s = strchr(s, '.'));)
        *s = '_';
    start(w, "testsuite");
    attribute(w, "name", "%s", name);
    write_counts(w, results_tally(results, run));
    json_array_foreach(json_object_get(run, "tests"), i, test)
    {
        write_case(w, test, name);
    }
    end(w);
    free(name);
}

char *report_junit(json_t *results)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr w = xmlNewTextWriterMemory(buffer, 0);
    json_t *run;
    char *text;
    size_t i;

    xmlTextWriterSetIndent(w, 1);
    xmlTextWriterStartDocument(w, NULL, "UTF-8", NULL);
    start(w, "testsuites");
    write_counts(w, results_tally(results, NULL));
    json_array_foreach(json_object_get(results, "runs"), i, run)
    {
        write_suite(w, results, run);
    }
    end(w);
    xmlTextWriterEndDocument(w);
    xmlFreeTextWriter(w);
    text = xstrdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    return text;
}
