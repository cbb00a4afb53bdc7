/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/cmdline.h"

#include <stddef.h>

#include "kernel/console.h"
#include "lib/glob.h"
#include "lib/parse.h"
#include "lib/string.h"

#define MULTIBOOT_LOADER_MAGIC 0x2badb002U
#define MBI_FLAG_CMDLINE       (1U << 2)
#define WORD_MAX               1040

struct cmdline cmdline = {.seed = 1};

static const struct {
    char name[20];
    uint32_t bit;
} fault_names[] = {
    {"no-smbase-write", FAULT_NO_SMBASE_WRITE},
    {"same-smbase", FAULT_SAME_SMBASE},
    {"no-broadcast", FAULT_NO_BROADCAST},
    {"no-restore", FAULT_NO_RESTORE},
    {"no-pen", FAULT_NO_PEN},
    {"call-out", FAULT_CALL_OUT},
    {"crash", FAULT_CRASH},
    {"reset", FAULT_RESET},
    {"hang", FAULT_HANG},
};

static bool parse_fault(const char *name)
{
    for (size_t i = 0; i < sizeof(fault_names) / sizeof(fault_names[0]); i++) {
        if (strcmp(name, fault_names[i].name) == 0) {
            cmdline.faults |= fault_names[i].bit;
            return true;
        }
    }
    return false;
}

static bool parse_seed(const char *number)
{
    const char *end;
    uint64_t seed;

    if (!parse_u64(number, &end, &seed) || *end || seed > UINT32_MAX)
        return false;
    cmdline.seed = (uint32_t)seed;
    return true;
}

/*
 * Loaders differ in whether the kernel's name (which may contain blanks) comes
 * first: words without '=' ahead of the first known one belong to it.
 */
static void parse_word(const char *word)
{
    static bool behind_name;
    bool known = true;

    if (strncmp(word, "test=", 5) == 0)
        known = strlcpy(cmdline.tests, word + 5, sizeof(cmdline.tests)) < sizeof(cmdline.tests);
    else if (strcmp(word, "host=com2") == 0)
        cmdline.host = true;
    else if (strcmp(word, "verbose") == 0)
        cmdline.verbose = true;
    else if (strncmp(word, "fault=", 6) == 0)
        known = parse_fault(word + 6);
    else if (strncmp(word, "seed=", 5) == 0)
        known = parse_seed(word + 5);
    else
        known = false;
    behind_name |= known;
    if (!known && (behind_name || strchr(word, '=')))
        print("# the command line word \"%s\" is not known and ignored\n", word);
}

/* Copies the next blank-separated word; returns the rest, NULL when there is none. */
static const char *next_word(const char *s, char *word, size_t size)
{
    size_t n = 0;

    while (*s == ' ')
        s++;
    if (!*s)
        return NULL;
    for (; *s && *s != ' '; s++) {
        if (n + 1 < size)
            word[n++] = *s;
    }
    word[n] = '\0';
    return s;
}

void cmdline_init(uint32_t magic, const void *mbi)
{
    const uint32_t *info = mbi;
    static char word[WORD_MAX];
    const char *s;

    if (magic != MULTIBOOT_LOADER_MAGIC || !info || !(info[0] & MBI_FLAG_CMDLINE) || !info[4])
        return;
    s = (const char *)(uintptr_t)info[4];
    while ((s = next_word(s, word, sizeof(word))))
        parse_word(word);
}

static bool each_pattern(const char *id, bool exact)
{
    size_t len = exact ? strlen(id) : 0;

    for (const char *p = cmdline.tests; p; p = strchr(p, ',')) {
        p += *p == ',';
        if (exact ? strncmp(p, id, len) == 0 && (!p[len] || p[len] == ',') : glob_match(p, id))
            return true;
    }
    return false;
}

bool cmdline_selects(const char *id)
{
    return !cmdline.tests[0] || each_pattern(id, false);
}

bool cmdline_names(const char *id)
{
    return each_pattern(id, true);
}
