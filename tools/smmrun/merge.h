/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --merge: result documents of several runs, or of the shards of one, become one. */
#ifndef SMMRUN_MERGE_H
#define SMMRUN_MERGE_H

#include <jansson.h>

#include "tools/smmrun/util.h"

/*
 * Reads and checks the document in a file. Returns NULL, or one sentence on what is
 * wrong with it, to be freed.
 */
char *merge_read(const char *path, json_t **results);

/*
 * Merges the documents of n files; shards give their whole in its own order. What
 * is missing of a whole is named in "not_run", and "incomplete" is true then.
 * Returns NULL and a new document, or one sentence on what is wrong, to be freed.
 */
char *merge_files(const struct strings *files, json_t **results);

#endif
