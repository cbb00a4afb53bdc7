/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/needs.h"

#include <stdarg.h>
#include <stddef.h>

#include "hw/mch.h"
#include "kernel/cmdline.h"
#include "kernel/machine.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "lib/string.h"

#define NEED_MAX TESTINFO_NEEDS_MAX

struct verdict {
    char *reason;
    uint32_t size;
};

static bool missing(struct verdict *v, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool missing(struct verdict *v, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(v->reason, v->size, format, args);
    va_end(args);
    return false;
}

static uint64_t number(const char *text)
{
    const char *end;
    uint64_t value = 0;

    parse_u64(text, &end, &value);
    return value;
}

static bool listed(const char *list, const char *word)
{
    size_t n = strlen(word);

    for (const char *p = list; p; p = strchr(p, ',')) {
        p += *p == ',';
        if (strncmp(p, word, n) == 0 && (p[n] == ',' || p[n] == '\0'))
            return true;
    }
    return false;
}

static bool firmware_met(const char *value, struct verdict *v)
{
    if (strcmp(value, "virgin") == 0 && (machine.firmware_smm || machine.seabios))
        return missing(v, "needs registers as after reset (qboot), a firmware was here before");
    if (strcmp(value, "seabios") == 0 && !machine.seabios)
        return missing(v, "needs SeaBIOS");
    return true;
}

static bool smm_met(const char *value, struct verdict *v)
{
    if (strcmp(value, "any") == 0 || machine.smm == (strcmp(value, "on") == 0))
        return true;
    return missing(v, "needs -machine smm=%s", value);
}

/* "machine>=", "machine<" and "machine=" pc-q35-X.Y, when the machine's type is known. */
static bool machine_met(const char *word, struct verdict *v)
{
    bool least = strncmp(word, "machine>=", 9) == 0;
    bool exact = strncmp(word, "machine=", 8) == 0;
    uint32_t limit = machine_version_of(word + (least ? 9 : 8));

    if (limit && (exact ? machine.type_version == limit : least == (machine.type_version >= limit)))
        return true;
    return missing(v, "needs %s, this is %s", word, machine.type);
}

/* One word of the needs; words that no guest can check are true. */
static bool word_met(const struct testinfo *t, const char *word, struct verdict *v)
{
    const char *value = strchr(word, '=');
    bool built_for_us = cmdline.host || cmdline_names(t->id);

    if (strncmp(word, "machine", 7) == 0 && machine.type_version)
        return machine_met(word, v);
    if ((strncmp(word, "machine", 7) == 0 || strncmp(word, "qemu", 4) == 0) && !built_for_us)
        return missing(v, "needs %s, and only the runner knows", word);
    if (!value)
        return true;
    value++;
    if (strncmp(word, "smp=", 4) == 0 && machine.boot_cpus < number(value))
        return missing(v, "needs %s, this machine has %u CPUs", word, machine.boot_cpus);
    /* Counting slots would switch the hotplug block to its modern interface: trust a host. */
    if (strncmp(word, "maxcpus=", 8) == 0 && !built_for_us)
        return missing(v, "needs %s and a host that plugs CPUs", word);
    if (strncmp(word, "mem=", 4) == 0 && mch_ram_size() >> 20 < number(value))
        return missing(v, "needs -m %s", value);
    if (strncmp(word, "firmware=", 9) == 0)
        return firmware_met(value, v);
    if (strncmp(word, "smm=", 4) == 0)
        return smm_met(value, v);
    if (strncmp(word, "accel=", 6) == 0 && strcmp(machine.accel, "?") != 0 &&
        !listed(value, machine.accel))
        return missing(v, "needs %s, this is %s", word, machine.accel);
    if (strncmp(word, "arch=", 5) == 0 && strcmp(value, ARCH_NAME) != 0)
        return missing(v, "needs the kernel for %s", value);
    if (strncmp(word, "vga=", 4) == 0 && machine.vga != (strcmp(value, "std") == 0))
        return missing(v, "needs -vga %s", value);
    if (strncmp(word, "host=", 5) == 0 && !cmdline.host)
        return missing(v, "needs a host on COM2 (the runner)");
    if (strcmp(word, "boot=own") == 0 && !built_for_us)
        return missing(v, "changes the machine for good; ask for it by name, or use the runner");
    if ((strncmp(word, "global=", 7) == 0 || strncmp(word, "device=", 7) == 0 ||
         strncmp(word, "cpu=", 4) == 0 || strncmp(word, "icount=", 7) == 0 ||
         strncmp(word, "flash=", 6) == 0) &&
        !built_for_us)
        return missing(v, "needs %s", word);
    return true;
}

bool needs_met(const struct testinfo *t, char *reason, uint32_t size)
{
    struct verdict v = {reason, size};
    char word[NEED_MAX];
    const char *s = t->needs;
    bool smm_named = false;

    while (*s) {
        size_t n = 0;

        while (*s == ' ')
            s++;
        while (*s && *s != ' ')
            word[n++] = *s++;
        word[n] = '\0';
        smm_named |= strncmp(word, "smm=", 4) == 0;
        if (!word_met(t, word, &v))
            return false;
    }
    return smm_named || smm_met("on", &v);
}
