/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/string.h"

/* The copies are string instructions because the compiler turns an equivalent C loop into a call
 * of the very function it stands in. */
void *memcpy(void *dest, const void *src, size_t len)
{
    void *to = dest;

    __asm__ volatile("rep movsb" : "+D"(to), "+S"(src), "+c"(len) : : "memory");
    return dest;
}

void *memmove(void *dest, const void *src, size_t len)
{
    char *to = dest;
    const char *from = src;

    if ((size_t)(to - from) >= len)
        return memcpy(dest, src, len);
    to += len - 1;
    from += len - 1;
    __asm__ volatile("std; rep movsb; cld" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
    return dest;
}

void *memset(void *dest, int byte, size_t len)
{
    void *to = dest;

    __asm__ volatile("rep stosb" : "+D"(to), "+c"(len) : "a"(byte) : "memory");
    return dest;
}

int memcmp(const void *a, const void *b, size_t len)
{
    const unsigned char *x = a;
    const unsigned char *y = b;

    for (; len; len--, x++, y++) {
        if (*x != *y)
            return *x - *y;
    }
    return 0;
}

size_t strlen(const char *s)
{
    const char *end = s;

    while (*end) {
        end++;
        /* Hides the idiom: GCC 12 recognises the loop and would call strlen. */
        __asm__ volatile("" : "+r"(end));
    }
    return (size_t)(end - s);
}

int strcmp(const char *a, const char *b)
{
    for (; *a && *a == *b; a++, b++)
        ;
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t len)
{
    for (; len && *a && *a == *b; len--, a++, b++)
        ;
    return len ? (unsigned char)*a - (unsigned char)*b : 0;
}

char *strchr(const char *s, int c)
{
    for (; *s != (char)c; s++) {
        if (!*s)
            return NULL;
    }
    return (char *)s;
}

size_t strlcpy(char *dest, const char *src, size_t size)
{
    size_t len = strlen(src);

    if (size) {
        size_t kept = len < size ? len : size - 1;

        memcpy(dest, src, kept);
        dest[kept] = '\0';
    }
    return len;
}

char *strstr(const char *haystack, const char *needle)
{
    size_t n = strlen(needle);

    for (; *haystack; haystack++) {
        if (strncmp(haystack, needle, n) == 0)
            return (char *)haystack;
    }
    return n ? NULL : (char *)haystack;
}
