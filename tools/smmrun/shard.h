/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --shard I/N: a part of a plan for one of N machines. */
#ifndef SMMRUN_SHARD_H
#define SMMRUN_SHARD_H

#include <jansson.h>

#include "tools/smmrun/plan.h"

#define SHARD_MAX 10000UL

/* Member of a result document that is one shard's, and of its tests: place in the whole plan. */
#define SHARD_KEY   "shard"
#define SHARD_ORDER "order"

/* "2/3" to o->shard and o->shards; false if it is not that. */
bool shard_parse(struct options *o, const char *text);

/*
 * Leaves those jobs in the plan that are shard o->shard's (of o->shards, 0: all).
 * The same for the same plan everywhere. Jobs that will run are dealt out like
 * cards, those with the longest time limits first; skipped ones after them.
 */
void shard_plan(struct plan *p, const struct options *o);

/* {"index", "of", "jobs", "plan"}: which shard, jobs of the whole plan, and a digest of it. */
json_t *shard_object(const struct plan *p, const struct options *o);

#endif
