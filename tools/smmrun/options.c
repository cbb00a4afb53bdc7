/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/smmrun/help.h"
#include "tools/smmrun/shard.h"

#define JOBS_MAX   1024UL
#define REPEAT_MAX 1000000UL

enum {
    OPT_SPEC = 256,
    OPT_REPEAT,
    OPT_APPEND,
    OPT_QEMU,
    OPT_MACHINE,
    OPT_ARCH,
    OPT_ACCEL,
    OPT_SHARD,
    OPT_NOT_RUN,
    OPT_MERGE,
    OPT_MATRIX,
    OPT_ALL,
    OPT_HTML,
    OPT_COMPARE,
    OPT_FIRMWARE,
    OPT_KERNEL_DIR,
    OPT_TIMEOUT,
    OPT_NO_RERUN,
    OPT_SHARE,
    OPT_NO_SHARE,
    OPT_FORK_SERVER,
    OPT_NO_FORK_SERVER,
    OPT_JSON,
    OPT_JUNIT,
    OPT_KNOWN,
    OPT_NO_KNOWN,
    OPT_KEEP_LOGS,
    OPT_BISECT,
    OPT_PRINT_COMMAND,
    OPT_GDB,
    OPT_VERSION,
};

static const struct option long_options[] = {
    {"list", no_argument, NULL, 'l'},
    {"spec", no_argument, NULL, OPT_SPEC},
    {"group", required_argument, NULL, 'g'},
    {"repeat", required_argument, NULL, OPT_REPEAT},
    {"append", required_argument, NULL, OPT_APPEND},
    {"qemu", required_argument, NULL, OPT_QEMU},
    {"machine", required_argument, NULL, OPT_MACHINE},
    {"arch", required_argument, NULL, OPT_ARCH},
    {"accel", required_argument, NULL, OPT_ACCEL},
    {"shard", required_argument, NULL, OPT_SHARD},
    {"not-run", required_argument, NULL, OPT_NOT_RUN},
    {"merge", no_argument, NULL, OPT_MERGE},
    {"matrix", no_argument, NULL, OPT_MATRIX},
    {"compare", no_argument, NULL, OPT_COMPARE},
    {"all", no_argument, NULL, OPT_ALL},
    {"firmware", required_argument, NULL, OPT_FIRMWARE},
    {"kernel-dir", required_argument, NULL, OPT_KERNEL_DIR},
    {"jobs", required_argument, NULL, 'j'},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"no-rerun", no_argument, NULL, OPT_NO_RERUN},
    {"share", no_argument, NULL, OPT_SHARE},
    {"no-share", no_argument, NULL, OPT_NO_SHARE},
    {"fork-server", no_argument, NULL, OPT_FORK_SERVER},
    {"no-fork-server", no_argument, NULL, OPT_NO_FORK_SERVER},
    {"tap", no_argument, NULL, 't'},
    {"verbose", no_argument, NULL, 'v'},
    {"json", required_argument, NULL, OPT_JSON},
    {"junit", required_argument, NULL, OPT_JUNIT},
    {"html", required_argument, NULL, OPT_HTML},
    {"known", required_argument, NULL, OPT_KNOWN},
    {"no-known", no_argument, NULL, OPT_NO_KNOWN},
    {"keep-logs", required_argument, NULL, OPT_KEEP_LOGS},
    {"bisect", no_argument, NULL, OPT_BISECT},
    {"print-command", required_argument, NULL, OPT_PRINT_COMMAND},
    {"gdb", required_argument, NULL, OPT_GDB},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static void set(char **to, const char *value)
{
    free(*to);
    *to = xstrdup(value);
}

static bool set_number(unsigned int *to, const char *name, const char *value, unsigned long max)
{
    unsigned long n;

    if (!parse_number(value, max, &n) || n == 0)
        return options_wrong("%s %s: not a number from 1 to %lu", name, value, max);
    *to = (unsigned int)n;
    return true;
}

static bool set_choice(char **to, const char *name, const char *value, const char *a, const char *b)
{
    if (strcmp(value, a) != 0 && strcmp(value, b) != 0)
        return options_wrong("%s %s: it can be %s or %s", name, value, a, b);
    set(to, value);
    return true;
}

static bool add_arch(struct options *o, const char *value)
{
    char *arch = NULL;
    bool ok = set_choice(&arch, "--arch", value, "x86_64", "i386");

    if (ok && !strings_have(&o->arches, arch))
        strings_add(&o->arches, arch);
    free(arch);
    return ok;
}

static bool add_word(struct options *o, const char *value)
{
    if (!*value || strpbrk(value, " \t\n"))
        return options_wrong("--append '%s': not one word; give one --append for each", value);
    strings_add(&o->append, value);
    return true;
}

static bool take_value(struct options *o, int option, const char *value)
{
    switch (option) {
    case 'g':
        strings_add(&o->groups, value);
        return true;
    case 'j':
        return set_number(&o->jobs, "-j", value, JOBS_MAX);
    case OPT_REPEAT:
        return set_number(&o->repeat, "--repeat", value, REPEAT_MAX);
    case OPT_TIMEOUT:
        return options_set_timeout(o, "--timeout", value);
    case OPT_ARCH:
        return add_arch(o, value);
    case OPT_APPEND:
        return add_word(o, value);
    case OPT_FIRMWARE:
        return set_choice(&o->firmware, "--firmware", value, "seabios", "qboot");
    case OPT_QEMU:
        strings_add(&o->qemus, value);
        return *value || options_wrong("--qemu needs a path");
    case OPT_MACHINE:
        strings_add(&o->machines, value);
        return true;
    case OPT_ACCEL:
        if (!strings_have(&o->accels, value))
            strings_add(&o->accels, value);
        return (*value && *value != ',') || options_wrong("--accel needs a name, such as tcg");
    case OPT_SHARD:
        return shard_parse(o, value) ||
               options_wrong("--shard %s: not I/N with I from 1 to N, such as 2/3", value);
    case OPT_NOT_RUN:
        strings_add(&o->not_run, value);
        return *value || options_wrong("--not-run needs a sentence");
    case OPT_KERNEL_DIR:
        set(&o->kernel_dir, value);
        return true;
    case OPT_JSON:
        set(&o->json, value);
        return true;
    case OPT_JUNIT:
        set(&o->junit, value);
        return true;
    case OPT_HTML:
        set(&o->html, value);
        return true;
    case OPT_KNOWN:
        set(&o->known, value);
        return true;
    case OPT_KEEP_LOGS:
        set(&o->logs, value);
        o->keep_all = true;
        return *value || options_wrong("--keep-logs needs a folder");
    case OPT_PRINT_COMMAND:
        set(&o->print_command, value);
        return true;
    default:
        set(&o->gdb, value);
        return true;
    }
}

static bool take(struct options *o, int option)
{
    switch (option) {
    case 'l':
        o->list = true;
        return true;
    case OPT_SPEC:
        o->list = o->spec = true;
        return true;
    case 't':
        o->tap = true;
        return true;
    case 'v':
        o->verbose++;
        return true;
    case OPT_NO_RERUN:
        o->rerun = false;
        return true;
    case OPT_SHARE:
    case OPT_NO_SHARE:
        o->share = option == OPT_SHARE;
        return true;
    case OPT_FORK_SERVER:
    case OPT_NO_FORK_SERVER:
        o->fork_server = option == OPT_FORK_SERVER;
        return true;
    case OPT_NO_KNOWN:
        o->no_known = true;
        return true;
    case OPT_BISECT:
        o->bisect = true;
        return true;
    case OPT_MERGE:
        o->merge = o->matrix = true;
        return true;
    case OPT_MATRIX:
        o->matrix = true;
        return true;
    case OPT_COMPARE:
        o->compare = o->matrix = true;
        return true;
    case OPT_ALL:
        o->all = o->matrix = true;
        return true;
    case '?':
    case ':':
        return false;
    default:
        return take_value(o, option, optarg);
    }
}

enum options_result options_parse(struct options *o, int argc, char **argv)
{
    int option;

    *o = (struct options){.repeat = 1, .timeout = -1, .rerun = true};
    while ((option = getopt_long(argc, argv, "lg:j:tvh", long_options, NULL)) != -1) {
        if (option == 'h')
            fputs(help_text, stdout);
        if (option == OPT_VERSION)
            puts("smmrun (smm-unit-tests) " SMMRUN_VERSION);
        if (option == 'h' || option == OPT_VERSION)
            return OPTIONS_DONE;
        if (!take(o, option)) {
            fputs("Try \"smmrun --help\".\n", stderr);
            return OPTIONS_WRONG;
        }
    }
    if (!options_arguments(o, argc - optind, argv + optind))
        return OPTIONS_WRONG;
    if (!options_environment(o))
        return OPTIONS_WRONG;
    options_defaults(o);
    return OPTIONS_RUN;
}

void options_free(struct options *o)
{
    struct strings *lists[] = {&o->qemus, &o->machines, &o->arches, &o->groups,
                               &o->globs, &o->append,   &o->accels, &o->not_run};
    char *texts[] = {o->firmware, o->kernel_dir,    o->logs, o->json, o->junit,
                     o->html,     o->print_command, o->gdb,  o->known};

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        strings_free(lists[i]);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
}
