/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report on COM1: KTAP version 1, one subtest per test, one line per check,
 * and a last line for grep. docs/architecture.md has the format.
 */
#ifndef KERNEL_REPORT_H
#define KERNEL_REPORT_H

#include <stdbool.h>
#include <stdint.h>

enum test_status { TEST_PASS, TEST_FAIL, TEST_SKIP, TEST_ERROR };

/* Prints version and plan; not after a reset in the middle of a run. */
void report_begin(uint32_t planned);

/* Opens the subtest of the test that is position-th in the plan, from 0. */
void report_test_begin(uint32_t position, const char *id);

/* Opens it again after a reset: counts go on, nothing is printed. */
void report_test_resume(const char *id);

/*
 * One outcome of a check. Outcomes of the same id in a row become one line, and
 * an id that has an "ok" line gets another line only when it fails.
 * detail (on failure) is what was got and wanted, printed at once.
 */
void report_check(const char *id, const char *sentence, bool passed, const char *detail);

/* A check that could not be made, with the reason. */
void report_check_skip(const char *id, const char *reason);

/* Writes the pending check's line; before a reset, or when nothing may be lost. */
void report_flush(void);

/* Closes the subtest and prints the test's line; reason for SKIP and ERROR. */
void report_test_end(enum test_status status, const char *reason);

/* A planned test that is not run at all. */
void report_test_skip(uint32_t position, const char *id, const char *reason);

/* True if a check of the running test has failed (also before a reset). */
bool report_test_failed(void);
/* Number of check lines of the running test so far. */
uint32_t report_test_checks(void);

/* Prints the last line, tells isa-debug-exit and halts. */
void report_finish(void) __attribute__((noreturn));

/*
 * The end of a run that cannot go on (exception, no memory, unexpected reset):
 * fails the running test with a check named after what, marks the remaining
 * tests as skipped and finishes. Any CPU may call it; the first one reports.
 */
void report_crash(const char *what) __attribute__((noreturn));

#endif
