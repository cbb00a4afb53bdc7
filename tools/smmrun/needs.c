/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/needs.h"

#include <stdlib.h>
#include <string.h>

#define CPUS_MAX     4096UL
#define MEM_MAX      (1024UL * 1024UL)
#define TIMEOUT_MAX  86400UL
#define ICOUNT_MAX   10UL
#define FLASH_MAX    4096UL /* KiB; QEMU's own limit for all banks together is 8 MiB */
#define FLASH_SECTOR 4U     /* KiB, of the flash that QEMU emulates on a PC */

/* A word NAME=VALUE whose value is a number from 1. */
static const struct {
    const char *name;
    size_t offset;
    unsigned long max;
} numbers[] = {
    {"smp", offsetof(struct needs, smp), CPUS_MAX},
    {"maxcpus", offsetof(struct needs, maxcpus), CPUS_MAX},
    {"sockets", offsetof(struct needs, sockets), CPUS_MAX},
    {"dies", offsetof(struct needs, dies), CPUS_MAX},
    {"cores", offsetof(struct needs, cores), CPUS_MAX},
    {"threads", offsetof(struct needs, threads), CPUS_MAX},
    {"mem", offsetof(struct needs, mem), MEM_MAX},
    {"timeout", offsetof(struct needs, timeout), TIMEOUT_MAX},
    {"icount", offsetof(struct needs, icount), ICOUNT_MAX},
    {"flash", offsetof(struct needs, flash), FLASH_MAX},
};

/* A word NAME=VALUE whose value, or every part of it between commas, goes to a list. */
static const struct {
    const char *name;
    size_t offset;
    bool split;
} lists[] = {
    {"accel", offsetof(struct needs, accels), true},
    {"arch", offsetof(struct needs, arches), true},
    {"host", offsetof(struct needs, hosts), true},
    {"group", offsetof(struct needs, groups), false},
    {"global", offsetof(struct needs, globals), false},
    {"device", offsetof(struct needs, devices), false},
    {"arg", offsetof(struct needs, args), false},
};

/* A word NAME=VALUE whose value is one of some. */
static const struct {
    const char *word;
    size_t offset;
    int value;
} choices[] = {
    {"smm=on", offsetof(struct needs, smm), NEED_SMM_ON},
    {"smm=off", offsetof(struct needs, smm), NEED_SMM_OFF},
    {"smm=any", offsetof(struct needs, smm), NEED_SMM_ANY},
    {"firmware=any", offsetof(struct needs, firmware), NEED_FIRMWARE_ANY},
    {"firmware=virgin", offsetof(struct needs, firmware), NEED_FIRMWARE_VIRGIN},
    {"firmware=seabios", offsetof(struct needs, firmware), NEED_FIRMWARE_SEABIOS},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(sizeof(enum need_smm) == sizeof(int) && sizeof(enum need_firmware) == sizeof(int),
               "choices[] writes them as int");

static bool is_name(const char *word, const char *name, const char **value)
{
    size_t n = strlen(name);

    *value = word + n + 1;
    return strncmp(word, name, n) == 0 && word[n] == '=';
}

static void add_list(struct strings *list, const char *value, bool split)
{
    char *copy = xstrdup(value);
    char *rest = copy;
    char *part;

    while ((part = split ? strsep(&rest, ",") : rest)) {
        if (*part)
            strings_add(list, part);
        if (!split)
            break;
    }
    free(copy);
}

/* "machine>=pc-q35-5.2", "qemu<6.0"; false if the word is none. */
static bool parse_range(struct needs *needs, const char *word, bool *valid)
{
    bool machine = strncmp(word, "machine", 7) == 0;
    struct need_range *range = machine ? &needs->machine : &needs->qemu;
    const char *end = "x";
    const char *s;
    bool min;

    if (!machine && strncmp(word, "qemu", 4) != 0)
        return false;
    s = word + (machine ? 7 : 4);
    min = strncmp(s, ">=", 2) == 0;
    if (!min && *s != '<')
        return false;
    s += min ? 2 : 1;
    if (machine)
        *valid = version_of_machine(s, min ? &range->min : &range->max);
    else
        *valid = version_parse(s, min ? &range->min : &range->max, &end) && !*end;
    *(min ? &range->has_min : &range->has_max) = true;
    return true;
}

/* One word; false if it is unknown or its value is none of the possible ones. */
static bool parse_word(struct needs *needs, const char *word)
{
    const char *value;
    struct version version;
    unsigned long n;
    bool valid;

    for (size_t i = 0; i < COUNT(numbers); i++) {
        if (!is_name(word, numbers[i].name, &value))
            continue;
        if (!parse_number(value, numbers[i].max, &n) || n == 0)
            return false;
        *(unsigned int *)((char *)needs + numbers[i].offset) = (unsigned int)n;
        return true;
    }
    for (size_t i = 0; i < COUNT(lists); i++) {
        if (!is_name(word, lists[i].name, &value))
            continue;
        add_list((struct strings *)((char *)needs + lists[i].offset), value, lists[i].split);
        return *value != '\0';
    }
    for (size_t i = 0; i < COUNT(choices); i++) {
        if (strcmp(word, choices[i].word) != 0)
            continue;
        *(int *)((char *)needs + choices[i].offset) = choices[i].value;
        return true;
    }
    if (parse_range(needs, word, &valid))
        return valid;
    if (strcmp(word, "vga=std") == 0 || strcmp(word, "vga=none") == 0)
        needs->vga = word[4] == 's';
    else if (strcmp(word, "boot=own") == 0)
        needs->own_boot = true;
    else if (strcmp(word, "thread=single") == 0)
        needs->one_thread = true;
    else if (is_name(word, "cpu", &value) && *value) {
        free(needs->cpu);
        needs->cpu = xstrdup(value);
    } else if (is_name(word, "machine", &value) && version_of_machine(value, &version)) {
        free(needs->type);
        needs->type = xstrdup(value);
    } else
        return false;
    return true;
}

/* Fills in what was not said; returns what does not fit together. */
static char *complete(struct needs *n)
{
    unsigned int others;

    n->smp = n->smp ? n->smp : 1;
    n->maxcpus = n->maxcpus ? n->maxcpus : n->smp;
    n->sockets = n->sockets ? n->sockets : 1;
    n->dies = n->dies ? n->dies : 1;
    n->threads = n->threads ? n->threads : 1;
    n->mem = n->mem ? n->mem : strings_have(&n->hosts, "migrate") ? 128 : 256;
    n->timeout = n->timeout ? n->timeout : 20;
    if (n->flash % FLASH_SECTOR)
        return xasprintf("needs: flash=%u is not a multiple of %u KiB", n->flash, FLASH_SECTOR);
    if (n->maxcpus < n->smp)
        return xasprintf("needs: maxcpus=%u is less than smp=%u", n->maxcpus, n->smp);
    others = n->sockets * n->dies * n->threads;
    if (!n->cores)
        n->cores = n->maxcpus / others ? n->maxcpus / others : 1;
    if ((unsigned long)others * n->cores != n->maxcpus)
        return xasprintf("needs: sockets=%u dies=%u cores=%u threads=%u are not maxcpus=%u CPUs",
                         n->sockets, n->dies, n->cores, n->threads, n->maxcpus);
    return NULL;
}

char *needs_parse(struct needs *needs, const char *words)
{
    char *copy = xstrdup(words);
    char *rest = copy;
    char *word, *error = NULL;

    *needs = (struct needs){.smm = NEED_SMM_ON};
    while (!error && (word = strsep(&rest, " "))) {
        if (*word && !parse_word(needs, word))
            error = xasprintf("needs: the runner does not know the word \"%s\"", word);
    }
    free(copy);
    return error ? error : complete(needs);
}

void needs_free(struct needs *needs)
{
    free(needs->cpu);
    free(needs->type);
    for (size_t i = 0; i < COUNT(lists); i++)
        strings_free((struct strings *)((char *)needs + lists[i].offset));
    *needs = (struct needs){0};
}
