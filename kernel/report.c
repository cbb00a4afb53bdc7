/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/report.h"

#include <stddef.h>

#include "hw/debugexit.h"
#include "kernel/console.h"
#include "kernel/persist.h"
#include "kernel/plan.h"
#include "kernel/stop.h"
#include "lib/printf.h"
#include "lib/string.h"

/* isa-debug-exit values: QEMU's exit status is twice that plus one. */
#define EXIT_PASS  0x10
#define EXIT_FAIL  0x11
#define EXIT_NONE  0x12
#define EXIT_ERROR 0x13

#define DETAILS_PER_CHECK 8
#define ID_MAX            64

static struct {
    char id[ID_MAX];
    char sentence[200];
    uint32_t passed, failed;
} check;
static char test_id[ID_MAX];

/* Checks of the running test that have their "ok" line: passing again prints nothing. */
#define REPORTED_MAX 256
static uint32_t reported[REPORTED_MAX];
static uint32_t reported_count;

/* FNV-1a; a collision would only hide one of two "ok" lines. */
static uint32_t hash(const char *s)
{
    uint32_t h = 2166136261U;

    while (*s)
        h = (h ^ (uint8_t)*s++) * 16777619U;
    return h;
}

static bool was_reported(const char *id)
{
    for (uint32_t i = 0; i < reported_count; i++) {
        if (reported[i] == hash(id))
            return true;
    }
    return false;
}

void report_begin(uint32_t planned)
{
    print("KTAP version 1\n1..%u\n", planned);
}

void report_test_begin(uint32_t position, const char *id)
{
    persist.phase = PERSIST_IN_TEST;
    persist.test_position = position;
    persist.boots = 1;
    persist.reset_announced = 0;
    persist.checks = persist.checks_failed = 0;
    memset(persist.word, 0, sizeof(persist.word));
    persist_save();
    print("  KTAP version 1\n  # Subtest: %s\n", id);
    report_test_resume(id);
}

void report_test_resume(const char *id)
{
    strlcpy(test_id, id, sizeof(test_id));
    check.id[0] = '\0';
    reported_count = 0;
}

void report_flush(void)
{
    if (!check.id[0] || (!check.failed && was_reported(check.id))) {
        check.id[0] = '\0';
        return;
    }
    if (!check.failed && reported_count < REPORTED_MAX)
        reported[reported_count++] = hash(check.id);
    persist.checks++;
    if (check.failed)
        persist.checks_failed++;
    persist_save();
    print("  %s %u %s %s", check.failed ? "not ok" : "ok", persist.checks, check.id,
          check.sentence);
    if (check.failed && check.failed + check.passed > 1)
        print(" (%u of %u failed)", check.failed, check.failed + check.passed);
    print("\n");
    check.id[0] = '\0';
}

void report_check(const char *id, const char *sentence, bool passed, const char *detail)
{
    if (strcmp(check.id, id) != 0) {
        report_flush();
        check.passed = check.failed = 0;
        strlcpy(check.id, id, sizeof(check.id));
        strlcpy(check.sentence, sentence, sizeof(check.sentence));
    }
    if (passed) {
        check.passed++;
        return;
    }
    check.failed++;
    if (check.failed <= DETAILS_PER_CHECK)
        print("  # %s%s\n", id, detail);
    else if (check.failed == DETAILS_PER_CHECK + 1)
        print("  # %s: more failures are only counted\n", id);
}

void report_check_skip(const char *id, const char *reason)
{
    report_flush();
    persist.checks++;
    persist_save();
    print("  ok %u %s # SKIP %s\n", persist.checks, id, reason);
}

bool report_test_failed(void)
{
    return persist.checks_failed || check.failed;
}

uint32_t report_test_checks(void)
{
    return persist.checks + (check.id[0] ? 1 : 0);
}

static void count(enum test_status status)
{
    switch (status) {
    case TEST_PASS:
        persist.passed++;
        break;
    case TEST_FAIL:
        persist.failed++;
        break;
    case TEST_SKIP:
        persist.skipped++;
        break;
    case TEST_ERROR:
        persist.errors++;
        break;
    }
    persist.phase = PERSIST_IDLE;
    persist_save();
}

void report_test_end(enum test_status status, const char *reason)
{
    report_flush();
    if (persist.checks)
        print("  1..%u\n", persist.checks);
    else
        print("  1..0 # SKIP no check was made\n");
    print("%s %u %s", status == TEST_PASS || status == TEST_SKIP ? "ok" : "not ok",
          persist.test_position + 1, test_id);
    if (status == TEST_SKIP)
        print(" # SKIP %s", reason);
    if (status == TEST_ERROR)
        print(" # ERROR %s", reason);
    print("\n");
    test_id[0] = '\0';
    check.failed = 0;
    count(status);
}

void report_test_skip(uint32_t position, const char *id, const char *reason)
{
    print("ok %u %s # SKIP %s\n", position + 1, id, reason);
    persist.test_position = position;
    count(TEST_SKIP);
}

void report_finish(void)
{
    const char *verdict = "SKIP";
    uint32_t value = EXIT_NONE;

    if (persist.failed) {
        verdict = "FAIL";
        value = EXIT_FAIL;
    } else if (persist.errors) {
        verdict = "ERROR";
        value = EXIT_ERROR;
    } else if (persist.passed) {
        verdict = "PASS";
        value = EXIT_PASS;
    }
    print("# smm-unit-tests: %s: %u passed, %u failed, %u skipped, %u errors\n", verdict,
          persist.passed, persist.failed, persist.skipped, persist.errors);
    persist_clear();
    console_drain();
    debug_exit(value);
    cpu_stop();
}

void report_crash(const char *what)
{
    static uint32_t crashed;
    char reason[160], detail[160];

    if (__atomic_exchange_n(&crashed, 1, __ATOMIC_SEQ_CST))
        cpu_stop();
    if (persist.phase == PERSIST_IN_TEST) {
        snprintf(detail, sizeof(detail), ": it was ended by %s", what);
        snprintf(reason, sizeof(reason), "the run ended in %s: %s", plan_id(persist.test_position),
                 what);
        report_check("run", "the test runs to its end", false, detail);
        report_test_end(TEST_FAIL, "");
        for (uint32_t i = persist.test_position + 1; i < plan_size(); i++)
            report_test_skip(i, plan_id(i), reason);
    } else {
        print("# run ended outside of a test: %s\n", what);
        persist.errors++;
    }
    report_finish();
}
