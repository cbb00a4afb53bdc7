/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/slots.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    static const char *const order[] = {"socket-id", "die-id", "module-id", "core-id", "thread-id"};
    json_t *x = json_object_get(*(json_t *const *)a, "props");
    json_t *y = json_object_get(*(json_t *const *)b, "props");

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        json_int_t m = json_integer_value(json_object_get(x, order[i]));
        json_int_t n = json_integer_value(json_object_get(y, order[i]));

        if (m != n)
            return m < n ? -1 : 1;
    }
    return 0;
}

json_t *slots_sort(json_t *answer)
{
    size_t n = json_array_size(answer);
    json_t **item = xcalloc(n, sizeof(json_t *));
    json_t *sorted = n ? json_array() : NULL;

    for (size_t i = 0; i < n; i++)
        item[i] = json_array_get(answer, i);
    qsort(item, n, sizeof(json_t *), compare);
    for (size_t i = 0; i < n; i++) {
        if (!json_is_string(json_object_get(item[i], "type")) ||
            !json_is_object(json_object_get(item[i], "props"))) {
            json_decref(sorted);
            sorted = NULL;
            break;
        }
        json_array_append(sorted, item[i]);
    }
    free(item);
    return sorted;
}

static const char *qom_path(json_t *slot)
{
    return json_string_value(json_object_get(slot, "qom-path"));
}

bool slots_present(json_t *slots, size_t n)
{
    return qom_path(json_array_get(slots, n)) != NULL;
}

size_t slots_leading(json_t *slots)
{
    size_t n = 0;

    while (slots_present(slots, n))
        n++;
    return n;
}

char *slots_presence(json_t *slots)
{
    struct text t = {0};

    for (size_t i = 0; i < json_array_size(slots); i++)
        text_printf(&t, "%s%d", i ? " " : "", slots_present(slots, i));
    return t.data;
}

json_t *slots_add_arguments(json_t *slots, size_t n)
{
    json_t *slot = json_array_get(slots, n);
    json_t *arguments = json_copy(json_object_get(slot, "props"));
    char *id = xasprintf("cpu%zu", n);

    json_object_set(arguments, "driver", json_object_get(slot, "type"));
    json_object_set_new(arguments, "id", json_string(id));
    free(id);
    return arguments;
}

char *slots_device(json_t *slots, size_t n)
{
    json_t *arguments = slots_add_arguments(slots, n), *value;
    struct text t = {0};
    const char *key;

    text_puts(&t, json_string_value(json_object_get(arguments, "driver")));
    json_object_foreach(arguments, key, value)
    {
        if (strcmp(key, "driver") == 0)
            continue;
        if (json_is_string(value))
            text_printf(&t, ",%s=%s", key, json_string_value(value));
        else
            text_printf(&t, ",%s=%lld", key, (long long)json_integer_value(value));
    }
    json_decref(arguments);
    return t.data;
}

json_t *slots_del_arguments(json_t *slots, size_t n)
{
    const char *path = qom_path(json_array_get(slots, n));
    char *id = path ? xstrdup(path) : xasprintf("cpu%zu", n);
    json_t *arguments = json_pack("{s:s}", "id", id);

    free(id);
    return arguments;
}
