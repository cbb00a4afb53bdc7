/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of verdicts: what was seen, what it means. */
#include "tools/smmrun/unit/unit.h"

#include <signal.h>

#include "tools/smmrun/verdict.h"

#define HEAD  "KTAP version 1\n1..1\n"
#define INNER "  KTAP version 1\n  # Subtest: a.b\n"
#define GOOD  "  ok 1 one it holds\n"
#define BAD   "  # one: got 1, wanted 2\n  not ok 1 one it holds\n"
#define LAST(verdict, p, f, s, e) \
    "# smm-unit-tests: " verdict ": " #p " passed, " #f " failed, " #s " skipped, " #e " errors\n"

#define PASSED  HEAD INNER GOOD "  1..1\nok 1 a.b\n" LAST("PASS", 1, 0, 0, 0)
#define FAILED  HEAD INNER BAD "  1..1\nnot ok 1 a.b\n" LAST("FAIL", 0, 1, 0, 0)
#define SKIPPED HEAD "ok 1 a.b # SKIP no reason\n" LAST("SKIP", 0, 0, 1, 0)
#define ERRED   HEAD "not ok 1 a.b # ERROR no host\n" LAST("ERROR", 0, 0, 0, 1)
#define HALF    HEAD INNER GOOD

#define EXITED(n) ((n) << 8)

static const struct {
    const char *name, *report;
    enum ending ending;
    int wait_status;
    const char *messages, *shutdown, *reason; /* reason: a part of it */
    enum status status;
} table[] = {
    {"pass", PASSED, ENDED_ITSELF, EXITED(33), "", NULL, "", PASS},
    {"pass, with a warning on stderr", PASSED, ENDED_ITSELF, EXITED(33),
     "qemu: warning: -mon is deprecated\n", NULL, "", PASS},
    {"fail", FAILED, ENDED_ITSELF, EXITED(35), "", NULL, "one: it holds", FAIL},
    {"skip", SKIPPED, ENDED_ITSELF, EXITED(37), "", NULL, "no reason", SKIP},
    {"error", ERRED, ENDED_ITSELF, EXITED(39), "", NULL, "no host", ERROR},
    {"no check", HEAD "ok 1 a.b\n" LAST("PASS", 1, 0, 0, 0), ENDED_ITSELF, EXITED(33), "", NULL,
     "made no check", ERROR},
    {"only skipped checks",
     HEAD INNER "  ok 1 x # SKIP not here\n  1..1\nok 1 a.b\n" LAST("PASS", 1, 0, 0, 0),
     ENDED_ITSELF, EXITED(33), "", NULL, "not here", SKIP},
    {"passes in spite of a failing check",
     HEAD INNER BAD "  1..1\nok 1 a.b\n" LAST("PASS", 1, 0, 0, 0), ENDED_ITSELF, EXITED(33), "",
     NULL, "one: it holds", FAIL},
    {"fails without a failing check",
     HEAD INNER GOOD "  1..1\nnot ok 1 a.b\n" LAST("FAIL", 0, 1, 0, 0), ENDED_ITSELF, EXITED(35),
     "", NULL, "without a failing check", FAIL},
    {"status contradicts", PASSED, ENDED_ITSELF, EXITED(35), "", NULL, "contradicts", ERROR},
    {"status contradicts a failure", FAILED, ENDED_ITSELF, EXITED(33), "", NULL, "contradicts",
     FAIL},
    {"status 0 after the last line", PASSED, ENDED_ITSELF, EXITED(0), "", NULL, "contradicts",
     ERROR},
    {"status of a pass without a report", "", ENDED_ITSELF, EXITED(33), "", NULL, "never began",
     ERROR},
    {"status of a pass after half a report", HALF, ENDED_ITSELF, EXITED(33), "", NULL, "has 0",
     ERROR},
    {"another test's result", HEAD "ok 1 a.c\n" LAST("PASS", 1, 0, 0, 0), ENDED_ITSELF, EXITED(33),
     "", NULL, "no result of a.b", ERROR},
    {"garbage in the report", HEAD "garbage\n" GOOD "  1..1\nok 1 a.b\n" LAST("PASS", 1, 0, 0, 0),
     ENDED_ITSELF, EXITED(33), "", NULL, "not KTAP", ERROR},
    {"refused", "", ENDED_ITSELF, EXITED(1), "qemu: -foo: invalid option\n", NULL,
     "refused to start the machine: -foo: invalid option", ERROR},
    {"refused without a word", "", ENDED_ITSELF, EXITED(1), "", NULL, "status 1", ERROR},
    {"exit 0 without a word", "", ENDED_ITSELF, EXITED(0), "", NULL, "printed nothing", ERROR},
    {"exit 1 in the middle", HALF, ENDED_ITSELF, EXITED(1), "qemu: fatal: code outside RAM\n", NULL,
     "status 1: fatal: code outside RAM, after the line \"  ok 1 one it holds\"", FAIL},
    {"shutdown in the middle", HALF, ENDED_ITSELF, EXITED(0), "", "guest-shutdown",
     "guest ended the machine", FAIL},
    {"SIGSEGV", HALF, ENDED_ITSELF, SIGSEGV, "", NULL,
     "QEMU died by SIGSEGV, after the line \"  ok 1 one it holds\", waiting for the check behind "
     "one",
     FAIL},
    {"SIGSEGV before a word", "", ENDED_ITSELF, SIGSEGV, "", NULL, "SIGSEGV, the guest printed",
     FAIL},
    {"SIGABRT behind a script", HALF, ENDED_ITSELF, EXITED(128 + SIGABRT),
     "qemu: assertion failed\n", NULL, "SIGABRT (assertion failed)", FAIL},
    {"SIGABRT after the last line", PASSED, ENDED_ITSELF, SIGABRT, "", NULL, "SIGABRT", FAIL},
    {"SIGABRT in the middle of a line", HALF "  ok 2 tw", ENDED_ITSELF, SIGABRT, "", NULL,
     "in the middle of the line \"  ok 2 tw\"", FAIL},
    {"SIGKILL from outside", HALF, ENDED_ITSELF, SIGKILL, "", NULL, "out of memory?", ERROR},
    {"timeout", HALF, ENDED_TIMEOUT, 0, "", NULL, "timeout after 20 s, after the line", FAIL},
    {"timeout without a word", "", ENDED_TIMEOUT, 0, "", NULL, "the guest printed nothing", FAIL},
    {"timeout before the first check", HEAD INNER, ENDED_TIMEOUT, 0, "", NULL,
     "waiting for the first check", FAIL},
    {"flood", HALF, ENDED_FLOOD, 0, "", NULL, "more than 4096 KiB", FAIL},
    {"restart", HALF, ENDED_RESTARTED, 0, "", NULL, "reset unasked, after the line", FAIL},
    {"lingering", PASSED, ENDED_LINGERING, 0, "", NULL, "went on after the last line", ERROR},
    {"cannot be started", "", ENDED_REFUSED, 0, "cannot run x: y", NULL, "cannot run x: y", ERROR},
};

static struct outcome outcome_of(size_t i, struct ktap *k)
{
    ktap_feed(k, table[i].report, strlen(table[i].report));
    return (struct outcome){.id = "a.b",
                            .ktap = k,
                            .ending = table[i].ending,
                            .wait_status = table[i].wait_status,
                            .messages = table[i].messages,
                            .limit = 20,
                            .flood = 4U << 20,
                            .shutdown = table[i].shutdown};
}

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct ktap k = {0};
        struct outcome o = outcome_of(i, &k);
        char *reason = NULL;
        enum status status = verdict(&o, &reason);

        if (status != table[i].status || !strstr(reason, table[i].reason) ||
            (status == PASS && *reason))
            fail_msg("%s: got %s \"%s\", wanted %s \"%s\"", table[i].name, status_name(status),
                     reason, status_name(table[i].status), table[i].reason);
        free(reason);
        ktap_free(&k);
    }
}

static void test_qmp_lost(void **state)
{
    struct ktap k = {0};
    struct outcome o = {
        .id = "a.b", .ktap = &k, .ending = ENDED_TIMEOUT, .messages = "", .qmp_lost = true};
    char *reason = NULL;

    (void)state;
    ktap_feed(&k, HALF, strlen(HALF));
    assert_int_equal(verdict(&o, &reason), ERROR);
    assert_contains(reason, "QEMU closed its QMP connection");
    free(reason);
    o.qmp_problem = "QEMU's QMP connection carried something else: \"x\"";
    assert_int_equal(verdict(&o, &reason), ERROR);
    assert_contains(reason, "something else");
    free(reason);
    /* It is of no consequence when the guest came to its end. */
    ktap_free(&k);
    ktap_feed(&k, PASSED, strlen(PASSED));
    o.ending = ENDED_ITSELF;
    o.wait_status = EXITED(33);
    assert_int_equal(verdict(&o, &reason), PASS);
    free(reason);
    ktap_free(&k);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_qmp_lost),
    };

    return RUN(tests);
}
