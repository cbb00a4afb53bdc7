/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "qom-get PATH PROP" of the host channel. PATH may be "type:TYPENAME": the first
 * object of that type, in the order of a walk down from /machine, level by level.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/hostchan.h"

/* Objects to look at, at most, at a time; a machine of QEMU's has some hundreds. */
#define PATHS_MAX 20000

static void list_next(struct hostchan *h);

static void on_value(void *arg, json_t *result, const char *error_class, const char *text)
{
    char *value;

    if (!result) {
        hostchan_error(arg, error_class, text);
        return;
    }
    value = json_dumps(result, JSON_COMPACT | JSON_ENCODE_ANY);
    hostchan_ok(arg, value ? value : "null");
    free(value);
}

static void get(struct hostchan *h, const char *path)
{
    qmp_command(h->qmp, "qom-get",
                json_pack("{s:s, s:s}", "path", path, "property", h->request.rest), on_value, h);
}

/* Queues the children of parent; the path of one of the wanted type, to be freed, or NULL. */
static char *look_at(struct hostchan *h, const char *parent, json_t *list)
{
    const char *wanted = h->request.word + strlen("type:");
    json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        const char *name = json_string_value(json_object_get(entry, "name"));
        const char *type = json_string_value(json_object_get(entry, "type"));
        size_t len = type ? strlen(type) : 0;
        char *path;

        if (!name || len < 8 || strncmp(type, "child<", 6) != 0)
            continue;
        path = xasprintf("%s/%s", parent, name);
        if (strlen(wanted) == len - 7 && strncmp(type + 6, wanted, len - 7) == 0)
            return path;
        if (json_array_size(h->paths) < PATHS_MAX)
            json_array_append_new(h->paths, json_string(path));
        free(path);
    }
    return NULL;
}

static void on_list(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct hostchan *h = arg;
    char *parent, *found;

    (void)error_class;
    (void)text;
    parent = xstrdup(json_string_value(json_array_get(h->paths, 0)));
    json_array_remove(h->paths, 0);
    /* An object that went away in the meantime is none to look at. */
    found = look_at(h, parent, result);
    free(parent);
    if (found)
        get(h, found);
    else
        list_next(h);
    free(found);
}

static void list_next(struct hostchan *h)
{
    json_t *path = json_array_get(h->paths, 0);
    char *text;

    if (path && !h->qmp->lost) {
        qmp_command(h->qmp, "qom-list", json_pack("{s:O}", "path", path), on_list, h);
        return;
    }
    text = xasprintf("there is no object of %s", h->request.word);
    hostchan_error(h, "DeviceNotFound", text);
    free(text);
}

void hostchan_qom_get(struct hostchan *h)
{
    if (strncmp(h->request.word, "type:", 5) != 0) {
        get(h, h->request.word);
        return;
    }
    h->paths = json_pack("[s]", "/machine");
    list_next(h);
}
