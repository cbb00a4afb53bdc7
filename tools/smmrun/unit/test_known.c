/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Known issues: what is expected to fail, and what is news. */
#include "tools/smmrun/unit/unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/smmrun/known.h"

#define ENTRY(more) \
    "{\"issues\": [{\"finding\": \"f\", \"reason\": \"r\", \"test\": \"a.b\"" more "}]}"
#define REPORT(checks, verdict, counts) \
    "KTAP version 1\n1..1\n  KTAP version 1\n" checks verdict " a.b\n# smm-unit-tests: " counts "\n"

static const char failing[] = REPORT("  ok 1 one x\n  not ok 2 two x\n  1..2\n", "not ok 1",
                                     "FAIL: 0 passed, 1 failed, 0 skipped, 0 errors");
static const char passing[] = REPORT("  ok 1 one x\n  ok 2 two x\n  1..2\n", "ok 1",
                                     "PASS: 1 passed, 0 failed, 0 skipped, 0 errors");
static const char skipping[] = REPORT("  ok 1 one x\n  ok 2 two # SKIP not here\n  1..2\n", "ok 1",
                                      "PASS: 1 passed, 0 failed, 0 skipped, 0 errors");
static const char broken_off[] = "KTAP version 1\n1..1\n  KTAP version 1\n  ok 1 one x\n";

static char *read_text(struct known *k, const char *text)
{
    char path[] = "/tmp/smmrun-unit-XXXXXX";
    int fd = mkstemp(path);
    char *error;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    error = known_read(k, path);
    unlink(path);
    return error;
}

/* What becomes of a result with this report under these known issues, on QEMU 7.2.5, tcg. */
static enum status apply(const char *issues, const char *report, enum status status)
{
    static struct emulator qemu = {.version = {{7, 2, 5}}};
    static struct testinfo test = {.id = "a.b"};
    static struct config config = {
        .qemu = &qemu, .machine = "pc-q35-6.2", .arch = "i386", .accel_name = (char *)"tcg"};
    struct job job = {.config = &config, .test = &test};
    struct known k;

    assert_null(read_text(&k, issues));
    job.result.status = status;
    job.result.reason = xstrdup("before");
    ktap_feed(&job.result.ktap, report, strlen(report));
    known_apply(&k, &job);
    status = job.result.status;
    result_free(&job.result);
    known_free(&k);
    return status;
}

static void test_expected(void **state)
{
    (void)state;
    assert_int_equal(apply(ENTRY(", \"check\": \"two\""), failing, FAIL), XFAIL);
    assert_int_equal(apply(ENTRY(", \"check\": \"t*\""), failing, FAIL), XFAIL);
    assert_int_equal(apply(ENTRY(", \"check\": \"three\""), failing, FAIL), FAIL);
    assert_int_equal(apply("{\"issues\": []}", failing, FAIL), FAIL);
    assert_int_equal(apply(ENTRY(", \"check\": \"two\""), failing, ERROR), ERROR);
}

static void test_only_there(void **state)
{
    (void)state;
#define TWO(more) ENTRY(", \"check\": \"two\", " more)
    assert_int_equal(apply(TWO("\"qemu\": \">=7.0 <7.3\""), failing, FAIL), XFAIL);
    assert_int_equal(apply(TWO("\"qemu\": \"<7.2\""), failing, FAIL), FAIL);
    assert_int_equal(apply(TWO("\"qemu\": \">=7.2.6\""), failing, FAIL), FAIL);
    assert_int_equal(apply(TWO("\"machine\": \"<pc-q35-6.2\""), failing, FAIL), FAIL);
    assert_int_equal(apply(TWO("\"machine\": \">=pc-q35-6.2\""), failing, FAIL), XFAIL);
    assert_int_equal(apply(TWO("\"arch\": \"x86_64\""), failing, FAIL), FAIL);
    assert_int_equal(apply(TWO("\"arch\": \"i386\""), failing, FAIL), XFAIL);
    assert_int_equal(apply(TWO("\"accel\": \"kvm\""), failing, FAIL), FAIL);
}

static void test_news(void **state)
{
    (void)state;
    assert_int_equal(apply(ENTRY(", \"check\": \"two\""), passing, PASS), XPASS);
    assert_int_equal(apply(ENTRY(", \"check\": \"two\", \"qemu\": \"<7.0\""), passing, PASS), PASS);
    assert_int_equal(apply(ENTRY(", \"check\": \"two\", \"statistical\": true"), passing, PASS),
                     PASS);
    /* A check that was not made says nothing. */
    assert_int_equal(apply(ENTRY(", \"check\": \"two\""), skipping, PASS), PASS);
    assert_int_equal(apply(ENTRY(", \"check\": \"three\""), passing, PASS), PASS);
}

static void test_qemu_died(void **state)
{
    (void)state;
    assert_int_equal(apply(ENTRY(", \"check\": \"qemu\""), broken_off, FAIL), XFAIL);
    assert_int_equal(apply(ENTRY(", \"check\": \"two\""), broken_off, FAIL), FAIL);
    assert_int_equal(apply(ENTRY(", \"check\": \"qemu\""), failing, FAIL), FAIL);
    assert_int_equal(apply(ENTRY(", \"check\": \"qemu\""), passing, PASS), XPASS);
}

static void expect_error(const char *text, const char *why)
{
    struct known k;
    char *error = read_text(&k, text);

    assert_contains(error, why);
    free(error);
    known_free(&k);
}

static void test_damaged(void **state)
{
    struct testinfo other = {.id = "a.c"};
    struct records records = {&other, 1};
    struct known k;
    char *error;

    (void)state;
    expect_error("{", ":1: ");
    expect_error("[]", "no array");
    expect_error("{\"issues\": {}}", "no array");
    expect_error(ENTRY(""), "issue 1: ");
    expect_error(ENTRY(", \"check\": 1"), "issue 1: ");
    expect_error(ENTRY(", \"check\": \"two\", \"frob\": 1"), "frob");
    expect_error(ENTRY(", \"check\": \"two\", \"qemu\": \"7.2\""), "range \"7.2\"");
    assert_null(read_text(&k, ENTRY(", \"check\": \"two\"")));
    error = known_check(&k, &records, 1);
    assert_contains(error, "\"a.b\" that does not exist");
    free(error);
    strcpy(other.id, "a.b");
    assert_null(known_check(&k, &records, 1));
    known_free(&k);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void assert_page(const struct known *k, const char *finding, const char *page)
{
    char *text = known_page(k, finding);

    assert_string_equal(text, page);
    free(text);
}

/* The sentence, and the page in the folder beside the list. */
static void test_pages(void **state)
{
    char folder[] = "/tmp/smmrun-unit-XXXXXX", list[64], pages[64], page[80];
    struct known k;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(list, sizeof(list), "%s/list.json", folder);
    snprintf(pages, sizeof(pages), "%s/findings", folder);
    snprintf(page, sizeof(page), "%s/f.md", pages);
    assert_int_equal(mkdir(pages, 0700), 0);
    write_file(page, "# It is odd\n");
    write_file(list, ENTRY(", \"check\": \"two\""));
    assert_null(known_read(&k, list));
    assert_string_equal(known_reason(&k, "f"), "r");
    assert_string_equal(known_reason(&k, "g"), "");
    assert_page(&k, "f", "# It is odd\n");
    assert_page(&k, "g", "");
    known_free(&k);
    unlink(page);
    unlink(list);
    rmdir(pages);
    rmdir(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected), cmocka_unit_test(test_only_there),
        cmocka_unit_test(test_news),     cmocka_unit_test(test_qemu_died),
        cmocka_unit_test(test_damaged),  cmocka_unit_test(test_pages),
    };

    return RUN(tests);
}
