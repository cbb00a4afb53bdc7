/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/test.h"

#include <stdarg.h>
#include <stddef.h>

#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/machine.h"
#include "kernel/needs.h"
#include "kernel/persist.h"
#include "kernel/plan.h"
#include "kernel/report.h"
#include "kernel/stop.h"
#include "lib/printf.h"
#include "lib/recover.h"

enum { LANDED_END = 1, LANDED_SKIP, LANDED_ERROR };

static struct recover landing;
static char reason[200];
static char context[120];

void test_context(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(context, sizeof(context), format, args);
    va_end(args);
}

void test_end(void)
{
    recover_jump(&landing, LANDED_END);
}

void test_skip(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    recover_jump(&landing, LANDED_SKIP);
}

void test_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    recover_jump(&landing, LANDED_ERROR);
}

void test_skip_check(const char *id, const char *format, ...)
{
    char text[200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    report_check_skip(id, text);
}

/* Records a failure as " [context]: what (file:line)". */
static void failed(const char *id, const char *sentence, const char *file, int line,
                   const char *what)
{
    char detail[400];

    snprintf(detail, sizeof(detail), "%s%s%s: %s (%s:%d)", context[0] ? " [" : "", context,
             context[0] ? "]" : "", what, file, line);
    report_check(id, sentence, false, detail);
}

void test_fail(const char *id, const char *sentence, const char *file, int line, const char *format,
               ...)
{
    char what[200];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    failed(id, sentence, file, line, what);
}

bool test_true(const char *id, bool cond, const char *text, const char *sentence, const char *file,
               int line)
{
    if (cond)
        report_check(id, sentence, true, NULL);
    else
        test_fail(id, sentence, file, line, "got false, wanted %s", text);
    return cond;
}

bool test_masked(const char *id, uint64_t value, uint64_t mask, uint64_t want, const char *sentence,
                 const char *file, int line)
{
    bool ok = (value & mask) == want;

    if (ok)
        report_check(id, sentence, true, NULL);
    else if (mask == ~0ULL)
        test_fail(id, sentence, file, line, "got %#llx, wanted %#llx", (unsigned long long)value,
                  (unsigned long long)want);
    else
        test_fail(id, sentence, file, line, "got %#llx (mask %#llx of %#llx), wanted %#llx",
                  (unsigned long long)(value & mask), (unsigned long long)mask,
                  (unsigned long long)value, (unsigned long long)want);
    return ok;
}

bool test_range(const char *id, uint64_t got, uint64_t low, uint64_t high, const char *sentence,
                const char *file, int line)
{
    bool ok = got >= low && got <= high;

    if (ok)
        report_check(id, sentence, true, NULL);
    else
        test_fail(id, sentence, file, line, "got %#llx, wanted %#llx to %#llx",
                  (unsigned long long)got, (unsigned long long)low, (unsigned long long)high);
    return ok;
}

bool test_differs(const char *id, uint64_t got, uint64_t unwanted, const char *sentence,
                  const char *file, int line)
{
    if (got != unwanted)
        report_check(id, sentence, true, NULL);
    else
        test_fail(id, sentence, file, line, "got %#llx, wanted anything else",
                  (unsigned long long)got);
    return got != unwanted;
}

bool test_memory(const char *id, const void *got, const void *want, uint32_t len,
                 const char *sentence, const char *file, int line)
{
    const volatile uint8_t *a = got;
    const volatile uint8_t *b = want;

    for (uint32_t i = 0; i < len; i++) {
        uint8_t x = a[i], y = b[i];

        if (x != y) {
            test_fail(id, sentence, file, line, "at %p + %#x of %#x: got %#x, wanted %#x", got, i,
                      len, x, y);
            return false;
        }
    }
    report_check(id, sentence, true, NULL);
    return true;
}

uint32_t test_boot(void)
{
    return persist.boots;
}

void test_announce_reset(void)
{
    report_flush();
    console_drain();
    persist.reset_announced = 1;
    persist_save();
}

uint64_t test_word(unsigned int n)
{
    return persist.word[n];
}

void test_set_word(unsigned int n, uint64_t value)
{
    persist.word[n] = value;
    persist_save();
}

/* The faults that are the harness's own to survive. */
static void fault_now(void)
{
    if (cmdline.faults & FAULT_CRASH)
        __asm__ volatile("ud2");
    if (cmdline.faults & FAULT_RESET)
        outb(RST_CNT, RST_CNT_SYS_RST | RST_CNT_RST_CPU);
    if (cmdline.faults & (FAULT_RESET | FAULT_HANG))
        cpu_stop();
}

static enum test_status run(const struct testinfo *t)
{
    int landed = recover_point(&landing);

    if (landed == 0) {
        fault_now();
        t->run();
        landed = LANDED_END;
    }
    if (report_test_failed())
        return TEST_FAIL;
    if (landed == LANDED_SKIP)
        return TEST_SKIP;
    if (landed == LANDED_ERROR)
        return TEST_ERROR;
    if (!report_test_checks()) {
        snprintf(reason, sizeof(reason), "the test made no check");
        return TEST_ERROR;
    }
    return TEST_PASS;
}

static void run_one(uint32_t position, bool resumed)
{
    const struct testinfo *t = plan_test(position);

    context[0] = reason[0] = '\0';
    if (!resumed) {
        if (!needs_met(t, reason, sizeof(reason))) {
            report_test_skip(position, t->id, reason);
            return;
        }
        report_test_begin(position, t->id);
    }
    report_test_end(run(t), reason);
}

void test_run_all(void)
{
    uint32_t first = 0;

    if (persist_load()) {
        report_test_resume(plan_id(persist.test_position));
        if (!persist.reset_announced)
            report_crash("a reset of the machine that the test had not asked for");
        persist.reset_announced = 0;
        persist.boots++;
        persist_save();
        run_one(persist.test_position, true);
        first = persist.test_position + 1;
    } else {
        report_begin(plan_size());
        machine_banner();
    }
    for (uint32_t i = first; i < plan_size(); i++)
        run_one(i, false);
    report_finish();
}
