/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#include "tools/smmrun/load.h"
#include "tools/smmrun/options.h"
#include "tools/smmrun/outfile.h"
#include "tools/smmrun/util.h"
#include "tools/smmrun/version.h"

static void expect_printable(const char *in, const char *out)
{
    char *s = printable(in, strlen(in));

    assert_string_equal(s, out);
    free(s);
}

static void test_printable(void **state)
{
    (void)state;
    expect_printable("plain\ttext\n", "plain\ttext\n");
    expect_printable("\033[2J\r\x7f", "\\x1b[2J\\x0d\\x7f");
    expect_printable("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
                     "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
    expect_printable("\xc0\xaf", "\\xc0\\xaf");          /* overlong */
    expect_printable("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
    expect_printable("\xc2\x9b"
                     "1m",
                     "\\xc2\\x9b"
                     "1m");                              /* C1 control */
    expect_printable("\xef\xbf\xbf", "\\xef\\xbf\\xbf"); /* no XML character */
    expect_printable("\xe2\x82", "\\xe2\\x82");          /* cut off */
}

static void test_shell_word(void **state)
{
    struct text t = {0};

    (void)state;
    text_shell_word(&t, "q35,smm=on");
    text_puts(&t, " ");
    text_shell_word(&t, "it's $HOME");
    text_puts(&t, " ");
    text_shell_word(&t, "");
    assert_string_equal(t.data, "q35,smm=on 'it'\\''s $HOME' ''");
    text_free(&t);
}

static void test_numbers(void **state)
{
    unsigned long n = 0;

    (void)state;
    assert_true(parse_number("255", 255, &n));
    assert_int_equal(n, 255);
    assert_false(parse_number("256", 255, &n));
    assert_false(parse_number("", 255, &n));
    assert_false(parse_number("-1", 255, &n));
    assert_false(parse_number("1x", 255, &n));
    assert_false(parse_number("99999999999999999999999", 1UL << 40, &n));
    assert_false(parse_number("9", 5, &n));
}

static void test_durations(void **state)
{
    double s = 0;

    (void)state;
    assert_true(options_duration("90", &s) && s == 90);
    assert_true(options_duration("1.5", &s) && s == 1.5);
    assert_true(options_duration("2m", &s) && s == 120);
    assert_true(options_duration("0", &s) && s == 0);
    assert_false(options_duration("", &s));
    assert_false(options_duration("-1", &s));
    assert_false(options_duration("nan", &s));
    assert_false(options_duration("5 s", &s));
    assert_false(options_duration("25h", &s));
}

static void test_versions(void **state)
{
    struct version a, b;
    const char *end;

    (void)state;
    assert_true(version_parse("7.2.22 (Debian)", &a, &end));
    assert_int_equal(a.part[2], 22);
    assert_string_equal(end, " (Debian)");
    assert_true(version_parse("7.2.", &b, &end));
    assert_string_equal(end, ".");
    assert_true(version_compare(&a, &b) > 0);
    assert_true(version_of_machine("pc-q35-2.10", &a) && version_of_machine("pc-q35-2.9", &b));
    assert_true(version_compare(&a, &b) > 0);
    assert_true(version_of_machine("pc-q35-4.0.1", &a));
    assert_false(version_of_machine("pc-q35-rhel9.4.0", &a));
    assert_false(version_of_machine("q35", &a));
    assert_false(version_parse("7", &a, NULL));
    assert_false(version_parse("99999.1", &a, NULL));
}

/* Two cores: the idle machine, our own jobs, two busy loops besides, and a crowd. */
static void test_load(void **state)
{
    (void)state;
    assert_true(load_factor_from(1, 2, "0.00 0.00 0.00 1/80 100") == 1);
    assert_true(load_factor_from(2, 2, "0.00 0.00 0.00 1/80 100") == 1);
    assert_true(load_factor_from(8, 2, "0.00 0.00 0.00 1/80 100") == 4);
    assert_true(load_factor_from(2, 2, "0.10 0.00 0.00 5/80 100") == 2);
    assert_true(load_factor_from(2, 2, "4.00 0.00 0.00 1/80 100") == 2);
    assert_true(load_factor_from(2, 2, "400.0 0.00 0.00 1/80 100") == LOAD_FACTOR_MAX);
    assert_true(load_factor_from(2, 0, "") == 2);
    assert_true(load_factor_from(1, 4, "garbage") == 1);
    assert_true(load_factor(1) >= 1);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void expect_file(const char *path, const char *text)
{
    char buffer[64] = "";
    FILE *f = fopen(path, "r");

    assert_non_null(f);
    assert_int_equal(fread(buffer, 1, sizeof(buffer) - 1, f), strlen(text));
    fclose(f);
    assert_string_equal(buffer, text);
}

static void test_outfile(void **state)
{
    char dir[] = "/tmp/smmrun-unit-XXXXXX";
    char *file, *link, *nowhere, *error;

    (void)state;
    assert_non_null(mkdtemp(dir));
    file = xasprintf("%s/report", dir);
    link = xasprintf("%s/link", dir);
    nowhere = xasprintf("%s/no/report", dir);
    assert_null(outfile_check(file));
    assert_int_equal(access(file, F_OK), -1);
    write_file(file, "old");
    assert_int_equal(symlink(file, link), 0);
    assert_null(outfile_write(link, "new"));
    expect_file(file, "new");
    assert_true(readlink(link, (char[8]){0}, 8) > 0);
    error = outfile_check(nowhere);
    assert_contains(error, "no/report: No such file");
    free(error);
    error = outfile_write(dir, "x");
    assert_non_null(error);
    free(error);
    assert_null(outfile_check("/dev/null"));
    assert_null(outfile_write("/dev/null", "x"));
    assert_int_equal(access("/dev/null", W_OK), 0);
    unlink(file);
    unlink(link);
    assert_int_equal(rmdir(dir), 0); /* nothing else was left */
    free(file);
    free(link);
    free(nowhere);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printable), cmocka_unit_test(test_shell_word),
        cmocka_unit_test(test_numbers),   cmocka_unit_test(test_durations),
        cmocka_unit_test(test_versions),  cmocka_unit_test(test_load),
        cmocka_unit_test(test_outfile),
    };

    return RUN(tests);
}
