/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which tests the command line asks for. */
#ifndef SMMRUN_SELECT_H
#define SMMRUN_SELECT_H

#include "tools/smmrun/needs.h"
#include "tools/smmrun/options.h"
#include "tools/smmrun/record.h"

/* Tests in this group run only when asked for by -g or by their exact id. */
#define GROUP_LARGE "large"
/* Tests in this group show their checks without -v. */
#define GROUP_SCENARIO "scenario"

/* needs: of the record, as far as they could be read. */
bool select_test(const struct options *o, const struct testinfo *t, const struct needs *needs);

/*
 * Checks that every glob matches an id and every group exists in one of n sets of
 * records. Returns NULL, or a sentence with what comes close, to be freed.
 */
char *select_check(const struct options *o, const struct records *sets, size_t n);

/* A sentence on an id that is in none of the sets, with what comes close; to be freed. */
char *select_unknown(const char *what, const char *id, const struct records *sets, size_t n);

#endif
