/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shards of a plan: every job in one of them, equal parts, the expensive ones spread. */
#include "tools/smmrun/unit/unit.h"

#include "tools/smmrun/shard.h"

#define JOBS 100

static struct emulator qemu = {.version_text = (char *)"QEMU emulator version 7.2.0"};
static struct testinfo tests[JOBS];

/* A plan of JOBS tests; every third is skipped, every fifth has a long time limit. */
static void make_plan(struct plan *p, struct config *config)
{
    *config = (struct config){
        .qemu = &qemu, .machine = "pc-q35-7.2", .arch = "i386", .accel = "tcg"};
    *p = (struct plan){.config = config, .configs = 1, .jobs = JOBS};
    p->job = xcalloc(JOBS, sizeof(*p->job));
    for (size_t i = 0; i < JOBS; i++) {
        p->job[i] = (struct job){.config = config, .test = &tests[i]};
        assert_null(needs_parse(&p->job[i].needs, i % 5 == 0 ? "timeout=300" : ""));
        p->job[i].result.status = i % 3 == 0 ? SKIP : STATUS_NONE;
    }
}

static void drop_plan(struct plan *p)
{
    for (size_t i = 0; i < p->jobs; i++)
        needs_free(&p->job[i].needs);
    free(p->job);
}

struct parts {
    unsigned int seen[JOBS];
    size_t runs[8], expensive[8]; /* of each shard */
    uint64_t digest[8];
};

static struct parts deal(unsigned int shards)
{
    struct parts parts = {0};

    for (unsigned int s = 1; s <= shards; s++) {
        struct config config;
        struct plan p;

        make_plan(&p, &config);
        shard_plan(&p, &(struct options){.shard = s, .shards = shards});
        assert_int_equal(p.dealt, JOBS);
        parts.digest[s - 1] = p.digest;
        for (size_t i = 0; i < p.jobs; i++) {
            const struct job *job = &p.job[i];

            assert_ptr_equal(job->test, &tests[job->order]);
            assert_true(i == 0 || job->order > p.job[i - 1].order);
            parts.seen[job->order]++;
            parts.runs[s - 1] += job->result.status == STATUS_NONE;
            parts.expensive[s - 1] += job->result.status == STATUS_NONE &&
                                      job->needs.timeout == 300;
        }
        drop_plan(&p);
    }
    return parts;
}

static void assert_even(const size_t *n, unsigned int shards)
{
    size_t min = n[0], max = n[0];

    for (unsigned int s = 1; s < shards; s++) {
        min = n[s] < min ? n[s] : min;
        max = n[s] > max ? n[s] : max;
    }
    assert_true(max - min <= 1);
}

static void test_union(void **state)
{
    (void)state;
    for (unsigned int shards = 1; shards <= 8; shards++) {
        struct parts parts = deal(shards);

        for (size_t i = 0; i < JOBS; i++)
            assert_int_equal(parts.seen[i], 1);
        assert_even(parts.runs, shards);
        assert_even(parts.expensive, shards);
        for (unsigned int s = 1; s < shards; s++)
            assert_true(parts.digest[s] == parts.digest[0]);
    }
}

/* Another machine type, another test, another reason to skip: another plan. */
static void test_digest(void **state)
{
    uint64_t digest[4];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct testinfo other = {.id = "other"};
        struct config config;
        struct plan p;

        make_plan(&p, &config);
        if (i == 1)
            config.machine = "pc-q35-7.1";
        if (i == 2)
            p.job[50].test = &other;
        if (i == 3)
            p.job[50].result.status = SKIP;
        shard_plan(&p, &(struct options){.shard = 1, .shards = 1});
        digest[i] = p.digest;
        for (size_t j = 0; j < i; j++)
            assert_true(digest[i] != digest[j]);
        drop_plan(&p);
    }
}

static void test_words(void **state)
{
    static const char *const bad[] = {"",    "1",    "0/3",  "4/3",   "/3",     "3/",
                                      "1/0", "+1/3", "1 /3", "1/3/5", "1/10001"};
    struct options o = {0};

    (void)state;
    assert_true(shard_parse(&o, "2/3"));
    assert_int_equal(o.shard, 2);
    assert_int_equal(o.shards, 3);
    assert_true(shard_parse(&o, "1/1"));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(shard_parse(&o, bad[i]));
}

int main(void)
{
    static const struct CMUnitTest all[] = {
        cmocka_unit_test(test_union),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_words),
    };

    return RUN(all);
}
