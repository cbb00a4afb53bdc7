/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/shard.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits (Fowler, Noll, Vo). */
#define FNV_BASIS 0xcbf29ce484222325ULL
#define FNV_PRIME 0x100000001b3ULL

bool shard_parse(struct options *o, const char *text)
{
    char *copy = xstrdup(text);
    char *slash = strchr(copy, '/');
    unsigned long i = 0, n = 0;
    bool good = slash != NULL;

    if (slash)
        *slash = '\0';
    good = good && parse_number(copy, SHARD_MAX, &i) && parse_number(slash + 1, SHARD_MAX, &n) &&
           i >= 1 && i <= n;
    free(copy);
    if (good) {
        o->shard = (unsigned int)i;
        o->shards = (unsigned int)n;
    }
    return good;
}

/* The string with its end, so that "ab", "c" and "a", "bc" differ. */
static uint64_t digest(uint64_t hash, const char *s)
{
    do {
        hash = (hash ^ (unsigned char)*s) * FNV_PRIME;
    } while (*s++);
    return hash;
}

/* What has to agree for shards to be parts of one whole; paths may differ between machines. */
static uint64_t plan_digest(const struct plan *p)
{
    uint64_t hash = FNV_BASIS;

    for (size_t i = 0; i < p->configs; i++) {
        const struct config *c = &p->config[i];

        hash = digest(hash, c->qemu->version_text);
        hash = digest(hash, c->machine);
        hash = digest(hash, c->arch);
        hash = digest(hash, c->accel);
        hash = digest(hash, c->qboot ? "qboot" : "seabios");
    }
    for (size_t i = 0; i < p->jobs; i++) {
        hash = digest(hash, p->job[i].test->id);
        hash = digest(hash, p->job[i].test->needs);
        hash = digest(hash, p->job[i].result.status == SKIP ? "skip" : "run");
    }
    return hash;
}

/* What is expensive first; a skipped test costs nothing. */
static int by_cost(const void *a, const void *b)
{
    const struct job *x = *(const struct job *const *)a, *y = *(const struct job *const *)b;
    bool x_runs = x->result.status == STATUS_NONE, y_runs = y->result.status == STATUS_NONE;

    if (x_runs != y_runs)
        return x_runs ? -1 : 1;
    if (x->needs.timeout != y->needs.timeout)
        return x->needs.timeout > y->needs.timeout ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

void shard_plan(struct plan *p, const struct options *o)
{
    struct job **deck = xcalloc(p->jobs, sizeof(struct job *));
    bool *ours = xcalloc(p->jobs, sizeof(*ours));
    size_t kept = 0;

    p->dealt = p->jobs;
    p->digest = plan_digest(p);
    for (size_t i = 0; i < p->jobs; i++) {
        p->job[i].order = i;
        deck[i] = &p->job[i];
    }
    qsort(deck, p->jobs, sizeof(struct job *), by_cost);
    for (size_t i = 0; i < p->jobs; i++)
        ours[deck[i]->order] = i % o->shards == o->shard - 1;
    for (size_t i = 0; i < p->jobs; i++) {
        if (ours[i]) {
            p->job[kept++] = p->job[i];
            continue;
        }
        needs_free(&p->job[i].needs);
        result_free(&p->job[i].result);
    }
    p->jobs = kept;
    free(ours);
    free(deck);
}

json_t *shard_object(const struct plan *p, const struct options *o)
{
    char *hash = xasprintf("%016llx", (unsigned long long)p->digest);
    json_t *shard = json_pack("{s:i, s:i, s:I, s:s}", "index", (int)o->shard, "of", (int)o->shards,
                              "jobs", (json_int_t)p->dealt, "plan", hash);

    free(hash);
    return shard;
}
