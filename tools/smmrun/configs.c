/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configurations of a plan: which QEMU runs which kernel on which machine type. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/smmrun/load.h"
#include "tools/smmrun/plan.h"
#include "tools/smmrun/signals.h"

/* Seconds for one answer of a QEMU on an idle machine; --timeout may ask for less. */
#define PROBE_LIMIT     10.0
#define PROBE_LIMIT_MIN 2.0

/* A binary and the kernel it is to run. */
struct pair {
    char *path;
    const struct kernel *kernel;
};

struct pairs {
    struct pair item[256];
    size_t n;
};

static int complain(int status, char *sentence)
{
    if (!signals_check())
        fprintf(stderr, "smmrun: %s\n", sentence);
    free(sentence);
    return status;
}

static void note(struct plan *p, char *sentence)
{
    if (!strings_have(&p->notes, sentence))
        strings_add(&p->notes, sentence);
    free(sentence);
}

static void add_pair(struct pairs *pairs, char *path, const struct kernel *kernel)
{
    if (pairs->n < sizeof(pairs->item) / sizeof(pairs->item[0]))
        pairs->item[pairs->n++] = (struct pair){path, kernel};
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
static void pair_named(struct plan *p, struct pairs *pairs, const char *path)
{
    for (size_t i = 0; i < p->kernels; i++) {
        const struct kernel *k = &p->kernel[i];
        bool i386 = strcmp(k->arch, "i386") == 0;
        char *other;

        if (ends_with(path, "i386")) {
            if (i386)
                add_pair(pairs, xstrdup(path), k);
            continue;
        }
        other = i386 ? sibling(path) : NULL;
        if (i386 && !other)
            note(p, xasprintf("there is no qemu-system-i386 beside %s: it runs the i386 kernel "
                              "itself",
                              path));
        add_pair(pairs, other ? other : xstrdup(path), k);
    }
}

/* No QEMU was named: those in PATH. */
static void pair_default(struct plan *p, struct pairs *pairs)
{
    for (size_t i = 0; i < p->kernels; i++) {
        char *name = xasprintf("qemu-system-%s", p->kernel[i].arch);
        char *path = emulator_find(name);

        if (path)
            add_pair(pairs, path, &p->kernel[i]);
        else
            note(p, xasprintf("%s is not in PATH: the %s kernel is left out", name,
                              p->kernel[i].arch));
        free(name);
    }
}

static int pair_all(struct plan *p, const struct options *o, struct pairs *pairs)
{
    for (size_t i = 0; i < o->qemus.n; i++) {
        char *path = emulator_find(o->qemus.item[i]);

        if (!path)
            return complain(EXIT_INFRASTRUCTURE,
                            xasprintf("%s is not in PATH; give --qemu the path of a "
                                      "qemu-system-x86_64",
                                      o->qemus.item[i]));
        pair_named(p, pairs, path);
        free(path);
    }
    if (!o->qemu_named)
        pair_default(p, pairs);
    if (!pairs->n)
        return complain(EXIT_INFRASTRUCTURE,
                        xstrdup(o->qemu_named
                                    ? "the QEMU that was named runs i386 only, and i386 was not "
                                      "asked for or its kernel is missing"
                                    : "no QEMU in PATH: install qemu-system-x86 (\"make deps\"), "
                                      "or name one with --qemu"));
    return 0;
}

/* Each path is probed once. */
static int find_emulator(struct plan *p, const char *path, int64_t limit, struct emulator **found)
{
    char *error;

    for (size_t i = 0; i < p->emulators; i++) {
        if (strcmp(p->emulator[i].path, path) == 0) {
            *found = &p->emulator[i];
            return 0;
        }
    }
    *found = &p->emulator[p->emulators++];
    error = emulator_probe(*found, path, limit);
    return error ? complain(EXIT_INFRASTRUCTURE, error) : 0;
}

static int probe_accel(struct plan *p, struct config *c, int64_t limit)
{
    char *error;

    /* One QEMU answers the same for all its configurations. */
    for (struct config *other = p->config; other < c; other++) {
        if (other->qemu == c->qemu) {
            c->offer = other->offer;
            if (c->offer.smm_reason)
                c->offer.smm_reason = xstrdup(c->offer.smm_reason);
            return 0;
        }
    }
    c->offer.smm = true;
    if (strcmp(c->accel_name, "tcg") == 0)
        return 0;
    error = emulator_probe_accel(c->qemu, c->accel, &c->offer, limit);
    return error ? complain(EXIT_INFRASTRUCTURE, error) : 0;
}

/* A configuration for every machine type of the pair's QEMU; *known counts those found. */
static int add_configs(struct plan *p, const struct options *o, const struct pair *pair,
                       int64_t limit, size_t *known)
{
    struct emulator *e;
    int status = find_emulator(p, pair->path, limit, &e);

    for (size_t m = 0; m < o->machines.n && !status; m++) {
        const char *name = o->machines.item[m];
        const char *type = emulator_machine(e, name);
        struct config *c;

        if (type && strcmp(name, "q35") != 0 && strncmp(name, "pc-q35-", 7) != 0)
            return complain(EXIT_USAGE, xasprintf("--machine %s: not a q35 machine type", name));
        if (!type) {
            note(p, xasprintf("%s does not know the machine type %s", e->path, name));
            continue;
        }
        known[m]++;
        p->config = xgrow(p->config, p->configs + 1, &p->configs_cap, sizeof(*p->config));
        c = &p->config[p->configs];
        *c = (struct config){.qemu = e,
                             .machine = type,
                             .arch = pair->kernel->arch,
                             .accel = o->accel,
                             .kernel = pair->kernel->path,
                             .records = &pair->kernel->records,
                             .qboot = o->firmware ? strcmp(o->firmware, "qboot") == 0
                                                  : e->qboot != NULL};
        c->accel_name = xstrdup(o->accel);
        c->accel_name[strcspn(c->accel_name, ",")] = '\0';
        p->configs++;
        status = probe_accel(p, c, limit);
    }
    return status;
}

static int check_machines(const struct plan *p, const struct options *o, const size_t *known)
{
    for (size_t m = 0; m < o->machines.n; m++) {
        if (!known[m])
            return complain(EXIT_USAGE,
                            xasprintf("--machine %s: %s does not know it; \"%s -machine help\" "
                                      "lists what there is",
                                      o->machines.item[m], p->emulator[0].path,
                                      p->emulator[0].path));
    }
    for (size_t i = 0; i < p->configs; i++) {
        if (p->config[i].qboot && !p->config[i].qemu->qboot)
            return complain(EXIT_USAGE,
                            xasprintf("--firmware qboot: %s has no qboot.rom in its search path",
                                      p->config[i].qemu->path));
    }
    return 0;
}

/* Names what differs: QEMU's version (its path, if that is not enough), machine, architecture. */
static void label(struct plan *p)
{
    bool version = false, path = false, machine = false, arch = false;

    for (size_t i = 0; i < p->configs; i++) {
        const struct config *a = &p->config[i], *b = &p->config[0];
        bool differs = version_compare(&a->qemu->version, &b->qemu->version) != 0;

        version |= differs;
        path |= !differs && a->qemu != b->qemu && a->arch == b->arch;
        machine |= strcmp(a->machine, b->machine) != 0;
        arch |= a->arch != b->arch;
    }
    for (size_t i = 0; i < p->configs; i++) {
        const struct config *c = &p->config[i];
        const int *v = c->qemu->version.part;
        struct text t = {0};

        text_puts(&t, "");
        if (path)
            text_printf(&t, "%s/", c->qemu->path);
        else if (version)
            text_printf(&t, "qemu-%d.%d.%d/", v[0], v[1], v[2]);
        if (machine)
            text_printf(&t, "%s/", c->machine);
        if (arch)
            text_printf(&t, "%s/", c->arch);
        if (t.len)
            t.data[t.len - 1] = '\0';
        p->config[i].label = t.data;
    }
}

int plan_configs(struct plan *p, const struct options *o)
{
    struct pairs pairs = {0};
    size_t *known = xcalloc(o->machines.n, sizeof(*known));
    double limit = o->timeout > 0 && o->timeout < PROBE_LIMIT ? o->timeout : PROBE_LIMIT;
    int status = pair_all(p, o, &pairs);

    limit = (limit > PROBE_LIMIT_MIN ? limit : PROBE_LIMIT_MIN) * load_factor(1);
    p->emulator = xcalloc(pairs.n, sizeof(*p->emulator));
    for (size_t i = 0; i < pairs.n && !status; i++)
        status = add_configs(p, o, &pairs.item[i], (int64_t)(limit * 1000), known);
    if (!status)
        status = check_machines(p, o, known);
    if (!status)
        label(p);
    for (size_t i = 0; i < pairs.n; i++)
        free(pairs.item[i].path);
    free(known);
    return status;
}
