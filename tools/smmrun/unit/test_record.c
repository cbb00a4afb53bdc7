/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader of records, on a good file (argv[1], or records.elf beside us) and damaged copies. */
#include "tools/smmrun/unit/unit.h"

#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

#include "tools/smmrun/record.h"

static char *good_path;
static char *image;
static size_t image_len;

static void load(const char *self)
{
    char *copy = xstrdup(self);
    FILE *f;

    good_path = xasprintf("%s/aux/x86_64/kernel.elf", dirname(copy));
    free(copy);
    f = fopen(good_path, "rb");
    if (!f) {
        fprintf(stderr, "%s is missing: build it with make\n", good_path);
        exit(1);
    }
    image = xcalloc(1, 1 << 20);
    image_len = fread(image, 1, 1 << 20, f);
    fclose(f);
}

/* Reads a file with this content and returns the error, NULL if there is none. */
static char *read_image(const char *data, size_t len)
{
    char path[] = "/tmp/smmrun-unit-XXXXXX";
    struct records r;
    char *error;
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    close(fd);
    error = records_read(&r, path);
    unlink(path);
    if (error)
        assert_null(r.test);
    records_free(&r);
    return error;
}

static void expect_error(const char *data, size_t len, const char *why)
{
    char *error = read_image(data, len);

    assert_contains(error, why);
    free(error);
}

/* A copy of the image, and in it the record of this id. */
static struct testinfo *find(char *copy, const char *id)
{
    memcpy(copy, image, image_len);
    for (size_t i = 0; i + TESTINFO_SIZE <= image_len; i++) {
        struct testinfo *t = (struct testinfo *)(copy + i);

        if (memcmp(copy + i, "SMMT", 4) == 0 && strcmp(t->id, id) == 0)
            return t;
    }
    fprintf(stderr, "%s has no record %s\n", good_path, id);
    abort();
}

static void test_good(void **state)
{
    struct records r;

    (void)state;
    assert_null(records_read(&r, good_path));
    assert_int_equal(r.n, 6);
    assert_string_equal(r.test[0].id, "fake.one");
    assert_non_null(records_find(&r, "fake.host"));
    assert_string_equal(records_find(&r, "fake.host")->spec, "chapter 2");
    assert_null(records_find(&r, "fake"));
    records_free(&r);
}

static void test_not_elf(void **state)
{
    struct records r;
    char *error = records_read(&r, "/nonexistent/kernel.elf");

    (void)state;
    assert_contains(error, "No such file");
    free(error);
    expect_error("", 0, "not an ELF file");
    expect_error("#!/bin/sh\n", 10, "not an ELF file");
    error = records_read(&r, "/");
    assert_non_null(error);
    free(error);
}

static void test_damaged(void **state)
{
    char *copy = xcalloc(1, image_len);
    struct testinfo *t;

    (void)state;
    t = find(copy, "fake.host");
    t->magic ^= 1;
    expect_error(copy, image_len, "record 1 has no magic number");
    t = find(copy, "fake.host");
    t->version = 9;
    expect_error(copy, image_len, "record 1 has version 9, this runner knows 1");
    t = find(copy, "fake.host");
    memset(t->needs, 'x', sizeof(t->needs));
    expect_error(copy, image_len, "text without an end");
    t = find(copy, "fake.host");
    strcpy(t->id, "fake.one");
    expect_error(copy, image_len, "two records have the id fake.one");
    t = find(copy, "fake.host");
    t->id[0] = '\0';
    expect_error(copy, image_len, "no usable id");
    t = find(copy, "fake.host");
    strcpy(t->id, "../../x");
    expect_error(copy, image_len, "no usable id");
    free(copy);
}

/* The name of the section, and its size in the header. */
static void test_section(void **state)
{
    char *copy = xcalloc(1, image_len);
    char *name;

    (void)state;
    memcpy(copy, image, image_len);
    for (name = copy; (name = memmem(name, image_len - (size_t)(name - copy), ".testinfo", 9));)
        name[1] = 'X';
    expect_error(copy, image_len, "no readable section .testinfo");
    memcpy(copy, image, image_len);
    for (size_t i = 0; i + 8 <= image_len; i++) {
        uint64_t size;

        memcpy(&size, copy + i, sizeof(size));
        if (size == 6ULL * TESTINFO_SIZE)
            copy[i]++;
    }
    expect_error(copy, image_len, "not a multiple of 1024");
    free(copy);
}

/* Cut anywhere: an error or, behind the last thing that is needed, a success, but no crash. */
static void test_cut(void **state)
{
    (void)state;
    for (size_t len = 0; len < image_len; len += 97)
        free(read_image(image, len));
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),    cmocka_unit_test(test_not_elf),
        cmocka_unit_test(test_damaged), cmocka_unit_test(test_section),
        cmocka_unit_test(test_cut),
    };
    int status;

    (void)argc;
    load(argv[0]);
    status = RUN(tests);
    free(good_path);
    free(image);
    return status;
}
