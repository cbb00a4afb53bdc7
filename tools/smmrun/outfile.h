/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that are either there as a whole or not at all. */
#ifndef SMMRUN_OUTFILE_H
#define SMMRUN_OUTFILE_H

/* NULL if path can be written, else why not as one sentence, to be freed. Leaves nothing. */
char *outfile_check(const char *path);

/*
 * Writes text to path; a regular file appears, or is replaced, in one step.
 * Result as above.
 */
char *outfile_write(const char *path, const char *text);

#endif
