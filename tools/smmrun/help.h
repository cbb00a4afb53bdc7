/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SMMRUN_HELP_H
#define SMMRUN_HELP_H

#define SMMRUN_VERSION "1.0"

/* What --help prints. */
extern const char help_text[];

#endif
