/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/pairs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_pair(struct pairs *pairs, char *path, const struct kernel *kernel, size_t side)
{
    if (pairs->n < sizeof(pairs->item) / sizeof(pairs->item[0]))
        pairs->item[pairs->n++] = (struct pair){path, kernel, side};
    else
        free(path);
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);

    return n >= m && strcmp(s + n - m, end) == 0;
}

/* qemu-system-i386 in the folder of path, to be freed; NULL if there is none. */
static char *sibling(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *other = xasprintf("%.*sqemu-system-i386", slash ? (int)(slash - path + 1) : 0, path);

    if (access(other, X_OK) == 0)
        return other;
    free(other);
    return NULL;
}

/* A QEMU that somebody named: which kernels does it run? */
static void pair_named(struct plan *p, struct pairs *pairs, const char *path, size_t side)
{
    for (size_t i = 0; i < p->kernels; i++) {
        const struct kernel *k = &p->kernel[i];
        bool i386 = strcmp(k->arch, "i386") == 0;
        char *other;

        if (ends_with(path, "i386")) {
            if (i386)
                add_pair(pairs, xstrdup(path), k, side);
            continue;
        }
        other = i386 ? sibling(path) : NULL;
        if (i386 && !other)
            plan_note(p,
                      xasprintf("there is no qemu-system-i386 beside %s: it runs the i386 kernel "
                                "itself",
                                path));
        add_pair(pairs, other ? other : xstrdup(path), k, side);
    }
}

/* No QEMU was named: those in PATH. */
static void pair_default(struct plan *p, struct pairs *pairs)
{
    for (size_t i = 0; i < p->kernels; i++) {
        char *name = xasprintf("qemu-system-%s", p->kernel[i].arch);
        char *path = emulator_find(name);

        if (path)
            add_pair(pairs, path, &p->kernel[i], 0);
        else
            plan_note(p, xasprintf("%s is not in PATH: the %s kernel is left out", name,
                                   p->kernel[i].arch));
        free(name);
    }
}

int pairs_find(struct plan *p, const struct options *o, struct pairs *pairs)
{
    for (size_t i = 0; i < o->qemus.n; i++) {
        char *path = emulator_find(o->qemus.item[i]);

        if (!path)
            return plan_complain(EXIT_INFRASTRUCTURE,
                                 xasprintf("%s is not in PATH; give --qemu the path of a "
                                           "qemu-system-x86_64",
                                           o->qemus.item[i]));
        pair_named(p, pairs, path, i);
        free(path);
    }
    if (!o->qemu_named)
        pair_default(p, pairs);
    if (!pairs->n)
        return plan_complain(
            EXIT_INFRASTRUCTURE,
            xstrdup(o->qemu_named ? "the QEMU that was named runs i386 only, and i386 was not "
                                    "asked for or its kernel is missing"
                                  : "no QEMU in PATH: install qemu-system-x86 (\"make deps\"), "
                                    "or name one with --qemu"));
    return 0;
}
