/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/smmrun/select.h"
#include "tools/smmrun/shard.h"
#include "tools/smmrun/signals.h"

static const char *const arches[] = {"x86_64", "i386"};

int plan_complain(int status, char *sentence)
{
    if (!signals_check())
        fprintf(stderr, "smmrun: %s\n", sentence);
    free(sentence);
    return status;
}

static void add_once(struct strings *list, char *sentence)
{
    if (!strings_have(list, sentence))
        strings_add(list, sentence);
    free(sentence);
}

void plan_note(struct plan *p, char *sentence)
{
    add_once(&p->notes, sentence);
}

void plan_left_out(struct plan *p, char *sentence)
{
    add_once(&p->not_run, sentence);
}

int plan_kernels(struct plan *p, const struct options *o)
{
    for (size_t i = 0; i < sizeof(arches) / sizeof(arches[0]); i++) {
        struct kernel *k = &p->kernel[p->kernels];
        bool named = strings_have(&o->arches, arches[i]);
        char *path, *error;

        if (o->arches.n && !named)
            continue;
        path = xasprintf("%s/%s/kernel.elf", o->kernel_dir, arches[i]);
        if (!named && access(path, F_OK) != 0) {
            free(path);
            continue;
        }
        if (access(path, R_OK) != 0) {
            error = xasprintf("cannot read the kernel %s: build it with \"make\", or give "
                              "--kernel-dir",
                              path);
            free(path);
            return plan_complain(EXIT_USAGE, error);
        }
        *k = (struct kernel){.arch = arches[i], .path = path};
        p->kernels++;
        error = records_read(&k->records, path);
        if (error)
            return plan_complain(EXIT_INFRASTRUCTURE, error);
    }
    if (p->kernels)
        return 0;
    return plan_complain(EXIT_USAGE,
                         xasprintf("no kernel in %s (x86_64/kernel.elf, i386/kernel.elf): "
                                   "build it with \"make\", or give --kernel-dir",
                                   o->kernel_dir));
}

struct records *plan_records(const struct plan *p)
{
    struct records *sets = xcalloc(p->kernels, sizeof(*sets));

    for (size_t i = 0; i < p->kernels; i++)
        sets[i] = p->kernel[i].records;
    return sets;
}

/* A test is meant for this configuration unless it names other architectures. */
static void add_job(struct plan *p, const struct options *o, const struct config *c,
                    const struct testinfo *t, unsigned int repetition)
{
    struct job *job;

    p->job = xgrow(p->job, p->jobs + 1, &p->jobs_cap, sizeof(*p->job));
    job = &p->job[p->jobs];
    *job = (struct job){.config = c, .test = t, .repetition = repetition};
    job->result.reason = needs_parse(&job->needs, t->needs);
    if (!select_test(o, t, &job->needs)) {
        needs_free(&job->needs);
        free(job->result.reason);
        return;
    }
    p->jobs++;
    if (job->result.reason) {
        job->result.status = ERROR;
        return;
    }
    job->result.reason = needs_unmet(&job->needs,
                                     &(struct offer){.arch = c->arch,
                                                     .accel = c->accel_name,
                                                     .machine = c->machine,
                                                     .chosen = strcmp(c->machine_asked, "q35") != 0,
                                                     .types = &c->qemu->machines,
                                                     .qemu = c->qemu->version,
                                                     .smm = c->offer.smm,
                                                     .smm_reason = c->offer.smm_reason,
                                                     .qboot = c->qemu->qboot != NULL});
    if (job->result.reason)
        job->result.status = SKIP;
}

int plan_check(const struct plan *p, const struct options *o)
{
    struct records *sets = plan_records(p);
    char *error = select_check(o, sets, p->kernels);

    free(sets);
    return error ? plan_complain(EXIT_USAGE, error) : 0;
}

int plan_jobs(struct plan *p, const struct options *o)
{
    for (size_t c = 0; c < p->configs; c++) {
        for (unsigned int r = 1; r <= o->repeat; r++) {
            const struct records *records = p->config[c].records;

            for (size_t i = 0; i < records->n; i++)
                add_job(p, o, &p->config[c], &records->test[i], r);
        }
    }
    if (p->jobs) {
        if (o->shards)
            shard_plan(p, o);
        return 0;
    }
    return plan_complain(EXIT_USAGE, xstrdup("no test is left: tests of group \"" GROUP_LARGE
                                             "\" need -g " GROUP_LARGE " or their exact id"));
}

char *job_name(const struct job *job, unsigned int repeat)
{
    struct text t = {0};

    if (*job->config->label)
        text_printf(&t, "%s/", job->config->label);
    text_puts(&t, job->test->id);
    if (repeat > 1)
        text_printf(&t, " #%u", job->repetition);
    return t.data;
}

void result_free(struct result *r)
{
    free(r->reason);
    free(r->finding);
    free(r->folder);
    text_free(&r->serial);
    text_free(&r->host);
    text_free(&r->messages);
    text_free(&r->registers);
    ktap_free(&r->ktap);
    *r = (struct result){0};
}

void plan_free(struct plan *p)
{
    for (size_t i = 0; i < p->jobs; i++) {
        needs_free(&p->job[i].needs);
        result_free(&p->job[i].result);
    }
    for (size_t i = 0; i < p->configs; i++) {
        free(p->config[i].accel_name);
        free(p->config[i].offer.smm_reason);
        free(p->config[i].label);
    }
    for (size_t i = 0; i < p->emulators; i++)
        emulator_free(&p->emulator[i]);
    for (size_t i = 0; i < p->kernels; i++) {
        free(p->kernel[i].path);
        records_free(&p->kernel[i].records);
    }
    free(p->job);
    free(p->config);
    free(p->emulator);
    strings_free(&p->notes);
    strings_free(&p->not_run);
    *p = (struct plan){0};
}
