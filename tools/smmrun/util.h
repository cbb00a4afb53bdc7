/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growing text, lists of strings, the clock, quoting. Running out of memory ends
 * the program with exit status 99; nothing here returns NULL.
 */
#ifndef SMMRUN_UTIL_H
#define SMMRUN_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses of the runner (docs/architecture.md); 128 + N after signal N. */
enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,          /* a test failed */
    EXIT_USAGE = 2,           /* wrong options, nothing was run */
    EXIT_NOTHING = 77,        /* nothing could run */
    EXIT_INFRASTRUCTURE = 99, /* a test, or all of them, could not be carried out */
    EXIT_BISECT_SKIP = 125,   /* "git bisect run": this commit cannot be judged */
};

/* Bytes with a NUL behind them once anything was added; starts as all zero. */
struct text {
    char *data;
    size_t len, cap;
};

void text_add(struct text *t, const void *data, size_t len);
void text_puts(struct text *t, const char *s);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Removes the first n bytes. */
void text_drop(struct text *t, size_t n);
/* The content as a string, "" if there is none; valid until the next change. */
const char *text_str(const struct text *t);
void text_free(struct text *t);
/* Appends a file's content. Returns NULL, or why it cannot be read as one sentence, to be freed. */
char *text_read(struct text *t, const char *path);

/* Copies of strings in the order they were added; starts as all zero. */
struct strings {
    char **item;
    size_t n;
};

void strings_add(struct strings *s, const char *item);
bool strings_have(const struct strings *s, const char *item);
void strings_free(struct strings *s);

/* Array of n elements of size bytes, all zero. */
void *xcalloc(size_t n, size_t size);
/* array with room for at least n elements; *cap is how many fit. */
void *xgrow(void *array, size_t n, size_t *cap, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list args);

/* Monotonic clock in milliseconds. */
int64_t now_ms(void);

/* A decimal number of at most max that takes the whole string. */
bool parse_number(const char *s, unsigned long max, unsigned long *value);

/* Appends s as one word of a POSIX shell command. */
void text_shell_word(struct text *t, const char *s);

/*
 * A copy of len bytes in which control characters other than newline and tab, and
 * what is not UTF-8, are written as \xNN: safe for a terminal and for XML.
 */
char *printable(const char *data, size_t len);

/* Name of a signal, such as "SIGSEGV"; in a static buffer. */
const char *signal_name(int signal);

#endif
