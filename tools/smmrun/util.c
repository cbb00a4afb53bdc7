/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/util.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void *checked(void *p)
{
    if (!p) {
        fputs("smmrun: out of memory\n", stderr);
        _exit(EXIT_INFRASTRUCTURE);
    }
    return p;
}

void *xcalloc(size_t n, size_t size)
{
    return checked(calloc(n ? n : 1, size ? size : 1));
}

void *xgrow(void *array, size_t n, size_t *cap, size_t size)
{
    if (n <= *cap)
        return array;
    *cap = n < 8 ? 8 : n + n / 2;
    return checked(reallocarray(array, *cap, size));
}

char *xstrdup(const char *s)
{
    return checked(strdup(s));
}

char *xvasprintf(const char *format, va_list args)
{
    char *s = NULL;

    if (vasprintf(&s, format, args) < 0)
        s = NULL;
    return checked(s);
}

char *xasprintf(const char *format, ...)
{
    va_list args;
    char *s;

    va_start(args, format);
    s = xvasprintf(format, args);
    va_end(args);
    return s;
}

void text_add(struct text *t, const void *data, size_t len)
{
    t->data = xgrow(t->data, t->len + len + 1, &t->cap, 1);
    if (len)
        memcpy(t->data + t->len, data, len);
    t->len += len;
    t->data[t->len] = '\0';
}

void text_puts(struct text *t, const char *s)
{
    text_add(t, s, strlen(s));
}

void text_printf(struct text *t, const char *format, ...)
{
    va_list args;
    char *s;

    va_start(args, format);
    s = xvasprintf(format, args);
    va_end(args);
    text_puts(t, s);
    free(s);
}

void text_drop(struct text *t, size_t n)
{
    if (!n)
        return;
    memmove(t->data, t->data + n, t->len - n + 1);
    t->len -= n;
}

const char *text_str(const struct text *t)
{
    return t->data ? t->data : "";
}

void text_free(struct text *t)
{
    free(t->data);
    *t = (struct text){0};
}

char *text_read(struct text *t, const char *path)
{
    char buffer[16384];
    size_t n;
    FILE *f = fopen(path, "re");
    int error = f ? 0 : errno;

    while (f && (n = fread(buffer, 1, sizeof(buffer), f)) > 0)
        text_add(t, buffer, n);
    if (f && ferror(f))
        error = errno;
    if (f)
        fclose(f);
    return error ? xasprintf("cannot read %s: %s", path, strerror(error)) : NULL;
}

void strings_add(struct strings *s, const char *item)
{
    s->item = checked(reallocarray(s->item, s->n + 2, sizeof(*s->item)));
    s->item[s->n++] = xstrdup(item);
    s->item[s->n] = NULL;
}

bool strings_have(const struct strings *s, const char *item)
{
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->item[i], item) == 0)
            return true;
    }
    return false;
}

void strings_free(struct strings *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->item[i]);
    free(s->item);
    *s = (struct strings){0};
}

int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool parse_number(const char *s, unsigned long max, unsigned long *value)
{
    unsigned long n = 0;

    if (!*s)
        return false;
    for (; *s; s++) {
        unsigned long digit = (unsigned long)(*s - '0');

        if (*s < '0' || *s > '9' || digit > max || n > (max - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *value = n;
    return true;
}

void text_shell_word(struct text *t, const char *s)
{
    static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789@%+=:,./_-";

    if (*s && strspn(s, harmless) == strlen(s)) {
        text_puts(t, s);
        return;
    }
    text_puts(t, "'");
    for (; *s; s++) {
        if (*s == '\'')
            text_puts(t, "'\\''");
        else
            text_add(t, s, 1);
    }
    text_puts(t, "'");
}

/* Length of the UTF-8 sequence at s, 0 if none: no surrogates, C1 controls, overlong forms. */
static size_t utf8_length(const unsigned char *s, size_t len)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

    if (n == 0 || n > len || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f) ||
        (s[0] == 0xef && s[1] == 0xbf && s[2] > 0xbd) || (s[0] == 0xc2 && s[1] < 0xa0))
        return 0;
    return n;
}

char *printable(const char *data, size_t len)
{
    const unsigned char *s = (const unsigned char *)data;
    struct text out = {0};

    text_add(&out, "", 0);
    while (len) {
        size_t n = utf8_length(s, len);

        if (n == 1 && (s[0] == 0x7f || (s[0] < ' ' && s[0] != '\n' && s[0] != '\t')))
            n = 0;
        if (n)
            text_add(&out, s, n);
        else
            text_printf(&out, "\\x%02x", s[0]);
        n = n ? n : 1;
        s += n;
        len -= n;
    }
    return out.data;
}

const char *signal_name(int signal)
{
    static char name[32];
    const char *abbreviation = sigabbrev_np(signal);

    if (abbreviation)
        snprintf(name, sizeof(name), "SIG%s", abbreviation);
    else
        snprintf(name, sizeof(name), "signal %d", signal);
    return name;
}
