/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of <string.h> that freestanding code needs, with the ISO C (strlcpy: BSD) semantics. */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <stddef.h>

void *memcpy(void *dest, const void *src, size_t len);
void *memmove(void *dest, const void *src, size_t len);
void *memset(void *dest, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);

size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t len);
char *strchr(const char *s, int c);

/* Copies src into size bytes at dest, always NUL terminated unless size is 0.  Returns strlen(src):
 * a result >= size means that the text was cut. */
size_t strlcpy(char *dest, const char *src, size_t size);

/* First occurrence of needle in haystack, NULL if there is none. */
char *strstr(const char *haystack, const char *needle);

#endif
