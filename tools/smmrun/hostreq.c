/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/hostreq.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum shape { NOTHING, NUMBER, ADDRESS_LENGTH, EVENT_TIME, PATH_PROPERTY, TEXT, MAYBE_TEXT };

static const struct {
    const char *name;
    enum shape shape;
} verbs[] = {
    [HOST_HELLO] = {"hello", NUMBER},
    [HOST_PLUG] = {"plug", NUMBER},
    [HOST_UNPLUG] = {"unplug", NUMBER},
    [HOST_CPUS] = {"cpus", NOTHING},
    [HOST_EVENTS] = {"events", NOTHING},
    [HOST_WAIT] = {"wait", EVENT_TIME},
    [HOST_NMI] = {"nmi", NOTHING},
    [HOST_RESET] = {"reset", NOTHING},
    [HOST_WAKEUP] = {"wakeup", MAYBE_TEXT},
    [HOST_PEEK] = {"peek", ADDRESS_LENGTH},
    [HOST_QOM_GET] = {"qom-get", PATH_PROPERTY},
    [HOST_HMP] = {"hmp", TEXT},
    [HOST_LOG] = {"log", TEXT},
    [HOST_MIGRATE] = {"migrate", NOTHING},
    [HOST_QUERY] = {"query", TEXT},
    [HOST_DOZE] = {"doze", NOTHING},
    [HOST_REVIVE] = {"revive", NOTHING},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const char *const usages[] = {
    [NOTHING] = "",
    [NUMBER] = " NUMBER",
    [ADDRESS_LENGTH] = " ADDRESS LENGTH",
    [EVENT_TIME] = " NAME [MILLISECONDS]",
    [PATH_PROPERTY] = " PATH PROPERTY",
    [TEXT] = " TEXT",
    [MAYBE_TEXT] = " [TEXT]",
};

const char *hostreq_verb_name(enum hostreq_verb verb)
{
    return verbs[verb].name;
}

static bool find_verb(const char *name, size_t len, enum hostreq_verb *verb)
{
    for (size_t i = 0; i < VERBS; i++) {
        if (strlen(verbs[i].name) == len && memcmp(verbs[i].name, name, len) == 0) {
            *verb = (enum hostreq_verb)i;
            return true;
        }
    }
    return false;
}

bool hostreq_is_verb(const char *name)
{
    enum hostreq_verb verb;

    return find_verb(name, strlen(name), &verb);
}

/* Decimal, or hexadecimal after 0x. */
static bool read_number(const char *s, unsigned long *n)
{
    char *end;

    if (!s || *s < '0' || *s > '9')
        return false;
    errno = 0;
    *n = strtoul(s, &end, strncmp(s, "0x", 2) == 0 ? 16 : 10);
    return !*end && end > s && errno == 0;
}

/* Up to two words; a third leaves *second with a blank in it. */
static void split(const char *s, char **first, char **second)
{
    size_t n = strcspn(s, " ");

    *first = *s ? xasprintf("%.*s", (int)n, s) : NULL;
    s += n;
    s += strspn(s, " ");
    *second = *s ? xstrdup(s) : NULL;
}

static bool fill(struct hostreq *r, enum shape shape, const char *rest)
{
    if (shape == NOTHING)
        return !*rest;
    if (shape == TEXT || shape == MAYBE_TEXT) {
        r->rest = xstrdup(rest);
        return *rest || shape == MAYBE_TEXT;
    }
    split(rest, &r->word, &r->rest);
    if (r->rest && strchr(r->rest, ' '))
        return false;
    if (shape == NUMBER)
        return !r->rest && read_number(r->word, &r->number);
    if (shape == EVENT_TIME)
        return r->word && (!r->rest || (read_number(r->rest, &r->number) && r->number > 0));
    if (shape == ADDRESS_LENGTH)
        return read_number(r->word, &r->number) && read_number(r->rest, &r->length);
    return r->word && r->rest;
}

char *hostreq_parse(struct hostreq *r, const char *line)
{
    size_t n = strcspn(line, " ");
    const char *rest = line + n + strspn(line + n, " ");

    *r = (struct hostreq){0};
    if (!find_verb(line, n, &r->verb)) {
        char *clean = printable(line, n < 40 ? n : 40);
        char *error = xasprintf("Unsupported this runner knows no request \"%s\"", clean);

        free(clean);
        return error;
    }
    if (!fill(r, verbs[r->verb].shape, rest))
        return xasprintf("Usage %s%s", verbs[r->verb].name, usages[verbs[r->verb].shape]);
    if (r->verb == HOST_PEEK && (r->length == 0 || r->length > HOSTREQ_PEEK_MAX))
        return xasprintf("Usage peek reads 1 to %d bytes", HOSTREQ_PEEK_MAX);
    if (r->verb == HOST_WAIT && r->number > HOSTREQ_WAIT_MAX_MS)
        return xasprintf("Usage wait has a limit of %d ms", HOSTREQ_WAIT_MAX_MS);
    if (r->verb == HOST_HELLO && r->number != HOSTREQ_VERSION)
        return xasprintf("Unsupported this runner speaks version %d", HOSTREQ_VERSION);
    return NULL;
}

void hostreq_free(struct hostreq *r)
{
    free(r->word);
    free(r->rest);
    *r = (struct hostreq){0};
}
