/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/version.h"

#include <string.h>

#define PART_MAX 9999

static bool read_part(const char **s, int *part)
{
    int n = 0;

    if (**s < '0' || **s > '9')
        return false;
    while (**s >= '0' && **s <= '9') {
        n = n * 10 + (*(*s)++ - '0');
        if (n > PART_MAX)
            return false;
    }
    *part = n;
    return true;
}

bool version_parse(const char *s, struct version *v, const char **end)
{
    *v = (struct version){{0}};
    if (!read_part(&s, &v->part[0]) || *s++ != '.' || !read_part(&s, &v->part[1]))
        return false;
    if (s[0] == '.' && s[1] >= '0' && s[1] <= '9') {
        s++;
        if (!read_part(&s, &v->part[2]))
            return false;
    }
    if (end)
        *end = s;
    return true;
}

int version_compare(const struct version *a, const struct version *b)
{
    for (int i = 0; i < 3; i++) {
        if (a->part[i] != b->part[i])
            return a->part[i] - b->part[i];
    }
    return 0;
}

bool version_of_machine(const char *type, struct version *v)
{
    const char *end;

    return strncmp(type, "pc-q35-", 7) == 0 && version_parse(type + 7, v, &end) && !*end;
}
