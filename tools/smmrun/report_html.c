/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One page that needs nothing else: report.html, with the result document in it. */
#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/report.h"
#include "tools/smmrun/util.h"

/* Where the document goes. */
#define PLACE "@RESULTS@"

/* The template becomes a part of the program; the Makefile fragment knows of it. */
__asm__(".pushsection .rodata\n"
        "html_template: .incbin \"tools/smmrun/report.html\"\n"
        ".byte 0\n"
        ".popsection\n");
extern const char html_template[];

/*
 * JSON inside <script>: the HTML parser ends the element at "</script" and behaves
 * oddly after "<!--", whatever the quotes say (HTML, 4.12.1.3). "<" is in strings only.
 */
static void add_json(struct text *t, const char *json)
{
    size_t n;

    for (; *json; json += n) {
        n = strcspn(json, "<");
        text_add(t, json, n);
        if (json[n] == '<') {
            text_puts(t, "\\u003c");
            n++;
        }
    }
}

char *report_html(json_t *results)
{
    const char *place = strstr(html_template, PLACE);
    char *json = json_dumps(results, JSON_COMPACT | JSON_REAL_PRECISION(4));
    struct text t = {0};

    text_add(&t, html_template, (size_t)(place - html_template));
    add_json(&t, json ? json : "{}");
    text_puts(&t, place + strlen(PLACE));
    free(json);
    return t.data;
}
