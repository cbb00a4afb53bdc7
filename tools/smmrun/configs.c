/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configurations of a plan: which QEMU runs which kernel on which machine type. */
#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/capture.h"
#include "tools/smmrun/command.h"
#include "tools/smmrun/load.h"
#include "tools/smmrun/pairs.h"
#include "tools/smmrun/signals.h"

/* Seconds for one answer of a QEMU on an idle machine; --timeout may ask for less. */
#define PROBE_LIMIT     10.0
#define PROBE_LIMIT_MIN 2.0
/* Seconds of processor time for a boot without a test: TCG takes 0.05, a processor's KVM 0.1. */
#define SLOW_BOOT 0.25

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
    return error ? plan_complain(EXIT_INFRASTRUCTURE, error) : 0;
}

/*
 * Starts the kernel without a test. Nested KVM may start QEMU and never come as far
 * as the guest's first line, and each test would take its time to find that out; or it is
 * there and slower than TCG. Processor time says so on a busy machine as well.
 */
static char *try_boot(struct plan *p, const struct config *c, int64_t limit)
{
    struct needs needs;
    struct command command = {.config = c, .needs = &needs, .id = "none", .com1 = -1};
    struct capture output;
    struct strings argv;
    char *error;

    free(needs_parse(&needs, "smm=any"));
    argv = command_build(&command);
    error = capture_run(&output, argv.item, NULL, limit);
    if (!error && !output.interrupted && !strstr(text_str(&output.out), "KTAP version 1"))
        error = xasprintf("%s -accel %s does not work: the %s kernel printed nothing in %.0f s",
                          c->qemu->path, c->accel, c->arch, (double)limit / 1000);
    else if (!error && output.cpu_seconds > SLOW_BOOT) {
        error = xasprintf("%s -accel %s is slow: a boot of the %s kernel takes %.1f s of processor "
                          "time (nested virtualisation?); ask for %s alone to run the tests on it",
                          c->qemu->path, c->accel, c->arch, output.cpu_seconds, c->accel);
        p->slow = c->accel;
    }
    capture_free(&output);
    strings_free(&argv);
    needs_free(&needs);
    return error;
}

/* What the accelerator offers. NULL, or why it does not work as one sentence, to be freed. */
static char *probe_accel(struct plan *p, struct config *c, bool several, int64_t limit)
{
    char *error;

    /* One QEMU answers the same for all its machine types. */
    for (struct config *other = p->config; other < c; other++) {
        if (other->qemu == c->qemu && other->arch == c->arch &&
            strcmp(other->accel, c->accel) == 0) {
            c->offer = other->offer;
            if (c->offer.smm_reason)
                c->offer.smm_reason = xstrdup(c->offer.smm_reason);
            return NULL;
        }
    }
    c->offer.smm = true;
    if (strcmp(c->accel_name, "tcg") == 0)
        return NULL;
    /* That is this machine's doing, and not the QEMU's. */
    if (several && p->slow && strcmp(p->slow, c->accel) == 0)
        return xasprintf("%s -accel %s on %s was not tried: it is slow with another QEMU",
                         c->qemu->path, c->accel, c->arch);
    error = emulator_probe_accel(c->qemu, c->accel, command_cpu(c->arch), &c->offer, limit);
    if (!error && several)
        error = try_boot(p, c, limit / 5); /* much more than SLOW_BOOT */
    return error;
}

/* One of several accelerators may be missing; the only one may not. */
static int add_config(struct plan *p, const struct options *o, struct config config, int64_t limit)
{
    struct config *c;
    char *error;

    p->config = xgrow(p->config, p->configs + 1, &p->configs_cap, sizeof(*p->config));
    c = &p->config[p->configs];
    *c = config;
    c->accel_name = xstrdup(c->accel);
    c->accel_name[strcspn(c->accel_name, ",")] = '\0';
    error = probe_accel(p, c, o->accels.n > 1, limit);
    if (!error || o->accels.n == 1 || signals_check()) {
        p->configs++;
        return error ? plan_complain(EXIT_INFRASTRUCTURE, error) : 0;
    }
    free(c->accel_name);
    free(c->offer.smm_reason);
    plan_left_out(p, error);
    return 0;
}

/* A configuration for every machine type and accelerator; *known counts the types found. */
static int add_configs(struct plan *p, const struct options *o, const struct pair *pair,
                       int64_t limit, size_t *known)
{
    struct emulator *e;
    int status = find_emulator(p, pair->path, limit, &e);

    for (size_t m = 0; m < o->machines.n && !status; m++) {
        const char *name = o->machines.item[m];
        const char *type = emulator_machine(e, name);

        if (type && strcmp(name, "q35") != 0 && strncmp(name, "pc-q35-", 7) != 0)
            return plan_complain(EXIT_USAGE,
                                 xasprintf("--machine %s: not a q35 machine type", name));
        if (!type) {
            plan_left_out(p, xasprintf("%s does not know the machine type %s", e->path, name));
            continue;
        }
        known[m]++;
        for (size_t a = 0; a < o->accels.n && !status; a++)
            status = add_config(p, o,
                                (struct config){.qemu = e,
                                                .machine = type,
                                                .machine_asked = name,
                                                .side = pair->side,
                                                .arch = pair->kernel->arch,
                                                .accel = o->accels.item[a],
                                                .kernel = pair->kernel->path,
                                                .records = &pair->kernel->records,
                                                .qboot = o->firmware
                                                             ? strcmp(o->firmware, "qboot") == 0
                                                             : e->qboot != NULL},
                                limit);
    }
    return status;
}

static int check_machines(const struct plan *p, const struct options *o, const size_t *known)
{
    for (size_t m = 0; m < o->machines.n; m++) {
        if (!known[m])
            return plan_complain(
                EXIT_USAGE,
                xasprintf("--machine %s: %s does not know it; \"%s -machine help\" "
                          "lists what there is",
                          o->machines.item[m], p->emulator[0].path, p->emulator[0].path));
    }
    for (size_t i = 0; i < p->configs; i++) {
        if (p->config[i].qboot && !p->config[i].qemu->qboot)
            return plan_complain(
                EXIT_USAGE, xasprintf("--firmware qboot: %s has no qboot.rom in its search path",
                                      p->config[i].qemu->path));
    }
    return 0;
}

/* Names what differs: QEMU's version (or path), machine, architecture, accelerator. */
static void label(struct plan *p)
{
    bool version = false, path = false, machine = false, arch = false, accel = false;

    for (size_t i = 0; i < p->configs; i++) {
        const struct config *a = &p->config[i], *b = &p->config[0];
        bool differs = version_compare(&a->qemu->version, &b->qemu->version) != 0;

        version |= differs;
        path |= !differs && a->qemu != b->qemu && a->arch == b->arch;
        machine |= strcmp(a->machine, b->machine) != 0;
        arch |= a->arch != b->arch;
        accel |= strcmp(a->accel, b->accel) != 0;
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
        if (accel)
            text_printf(&t, "%s/", c->accel);
        if (t.len)
            t.data[t.len - 1] = '\0';
        p->config[i].label = t.data;
    }
}

/* Their logs must not share a folder. */
static void count_twins(struct plan *p)
{
    for (size_t i = 0; i < p->configs; i++) {
        struct config *a = &p->config[i];

        for (size_t j = 0; j < i; j++) {
            const struct config *b = &p->config[j];

            a->twin += version_compare(&a->qemu->version, &b->qemu->version) == 0 &&
                       strcmp(a->machine, b->machine) == 0 && a->arch == b->arch;
        }
    }
}

int plan_configs(struct plan *p, const struct options *o)
{
    struct pairs pairs = {0};
    size_t *known = xcalloc(o->machines.n, sizeof(*known));
    double limit = o->timeout > 0 && o->timeout < PROBE_LIMIT ? o->timeout : PROBE_LIMIT;
    int status = pairs_find(p, o, &pairs);

    limit = (limit > PROBE_LIMIT_MIN ? limit : PROBE_LIMIT_MIN) * load_factor(1);
    p->emulator = xcalloc(pairs.n, sizeof(*p->emulator));
    for (size_t i = 0; i < pairs.n && !status; i++)
        status = add_configs(p, o, &pairs.item[i], (int64_t)(limit * 1000), known);
    if (!status)
        status = check_machines(p, o, known);
    if (!status && !p->configs)
        status = plan_complain(EXIT_INFRASTRUCTURE, xstrdup(p->not_run.item[0]));
    for (size_t i = 0; i < o->not_run.n; i++)
        plan_left_out(p, xstrdup(o->not_run.item[i]));
    if (!status) {
        label(p);
        count_twins(p);
    }
    for (size_t i = 0; i < pairs.n; i++)
        free(pairs.item[i].path);
    free(known);
    return status;
}
