/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/emulator.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/smmrun/capture.h"

#define HINT "; give --qemu the path of a qemu-system-x86_64"

char *emulator_find(const char *name)
{
    const char *path = getenv("PATH");
    char *copy, *rest, *dir, *found = NULL;

    if (strchr(name, '/'))
        return xstrdup(name);
    copy = rest = xstrdup(path ? path : "/usr/bin:/bin");
    while (!found && (dir = strsep(&rest, ":"))) {
        struct stat st;

        found = xasprintf("%s/%s", *dir ? dir : ".", name);
        if (access(found, X_OK) != 0 || stat(found, &st) != 0 || !S_ISREG(st.st_mode)) {
            free(found);
            found = NULL;
        }
    }
    free(copy);
    return found;
}

/* Runs "path option argument" and returns NULL if it could be run to its end. */
static char *ask(struct capture *c, const char *path, const char *option, const char *argument,
                 int64_t limit_ms)
{
    char *argv[] = {(char *)path, (char *)option, (char *)argument, NULL};
    char *error = capture_run(c, argv, NULL, limit_ms);

    if (!error && c->timed_out)
        error = xasprintf("%s did not answer \"%s\" in %.0f s: it is no QEMU, or it hangs" HINT,
                          path, option, (double)limit_ms / 1000);
    if (!error && c->interrupted)
        error = xstrdup("interrupted");
    return error;
}

static char *read_version(struct emulator *e, int64_t limit_ms)
{
    static const char start[] = "QEMU emulator version ";
    struct capture c;
    char *error = ask(&c, e->path, "--version", NULL, limit_ms);
    const char *line = text_str(&c.out);

    if (!error && (strncmp(line, start, strlen(start)) != 0 ||
                   !version_parse(line + strlen(start), &e->version, NULL)))
        error = xasprintf("%s is not a QEMU system emulator: its --version does not say so" HINT,
                          e->path);
    if (!error) {
        char *first = xstrdup(line);

        first[strcspn(first, "\n")] = '\0';
        e->version_text = printable(first, strlen(first));
        free(first);
    }
    capture_free(&c);
    return error;
}

/* Lines of "-machine help": a name, blanks, a description that may hold "(alias of NAME)". */
static void read_machine(struct emulator *e, char *line)
{
    static const char alias[] = "(alias of ";
    char *description = line + strcspn(line, " ");
    char *target;

    if (*description)
        *description++ = '\0';
    strings_add(&e->machines, line);
    if (strcmp(line, "q35") != 0)
        return;
    target = strstr(description, alias);
    e->q35 = xstrdup(target ? target + strlen(alias) : line);
    e->q35[strcspn(e->q35, ")")] = '\0';
}

static char *read_machines(struct emulator *e, int64_t limit_ms)
{
    struct capture c;
    char *error = ask(&c, e->path, "-machine", "help", limit_ms);
    char *copy = xstrdup(text_str(&c.out));
    char *rest = copy;
    char *line;

    while (!error && (line = strsep(&rest, "\n"))) {
        if (*line)
            read_machine(e, line);
    }
    if (!error && !e->q35)
        error = xasprintf("%s has no q35 machine: it is for another architecture" HINT, e->path);
    free(copy);
    capture_free(&c);
    return error;
}

/* "-L help" prints the folders in which QEMU looks for firmware. */
static char *read_firmware(struct emulator *e, int64_t limit_ms)
{
    struct capture c;
    char *error = ask(&c, e->path, "-L", "help", limit_ms);
    char *copy = xstrdup(text_str(&c.out));
    char *rest = copy;
    char *dir;

    while (!error && !e->qboot && (dir = strsep(&rest, "\n"))) {
        char *file = xasprintf("%s/qboot.rom", dir);

        if (*dir && access(file, R_OK) == 0)
            e->qboot = file;
        else
            free(file);
    }
    free(copy);
    capture_free(&c);
    return error;
}

char *emulator_probe(struct emulator *e, const char *path, int64_t limit_ms)
{
    struct stat st;
    char *error;

    *e = (struct emulator){.path = xstrdup(path)};
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return xasprintf("%s is a folder" HINT, path);
    error = read_version(e, limit_ms);
    if (!error)
        error = read_machines(e, limit_ms);
    if (!error)
        error = read_firmware(e, limit_ms);
    return error;
}

void emulator_free(struct emulator *e)
{
    free(e->path);
    free(e->version_text);
    strings_free(&e->machines);
    free(e->q35);
    free(e->qboot);
}

const char *emulator_machine(const struct emulator *e, const char *name)
{
    if (strcmp(name, "q35") == 0)
        return e->q35;
    for (size_t i = 0; i < e->machines.n; i++) {
        if (strcmp(e->machines.item[i], name) == 0)
            return e->machines.item[i];
    }
    return NULL;
}

/* Starts a machine, stopped, and ends it over QMP; *works if it got that far. */
static char *try_accel(const struct emulator *e, const char *accel, const char *cpu,
                       const char *machine, bool *works, char **complaint, int64_t limit_ms)
{
    char *argv[] = {e->path,
                    "-nodefaults",
                    "-no-user-config",
                    "-display",
                    "none",
                    "-machine",
                    (char *)machine,
                    "-accel",
                    (char *)accel,
                    "-S",
                    "-qmp",
                    "stdio",
                    cpu ? "-cpu" : NULL,
                    (char *)cpu,
                    NULL};
    struct capture c;
    char *error = capture_run(
        &c, argv, "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"quit\"}\n", limit_ms);

    if (!error && c.timed_out)
        error = xasprintf("%s -accel %s did not start in %.0f s", e->path, accel,
                          (double)limit_ms / 1000);
    if (!error && c.interrupted)
        error = xstrdup("interrupted");
    if (!error) {
        *works = c.status == 0 && strstr(text_str(&c.out), "\"return\"");
        *complaint = emulator_complaint(text_str(&c.err));
    }
    capture_free(&c);
    return error;
}

char *emulator_probe_accel(const struct emulator *e, const char *accel, const char *cpu,
                           struct accel_offer *offer, int64_t limit_ms)
{
    char *complaint = NULL, *error;
    bool works = false;

    *offer = (struct accel_offer){.smm = true};
    error = try_accel(e, accel, cpu, "q35,smm=on", &works, &complaint, limit_ms);
    if (error || works) {
        free(complaint);
        return error;
    }
    offer->smm = false;
    offer->smm_reason = complaint;
    complaint = NULL;
    error = try_accel(e, accel, cpu, "q35,smm=off", &works, &complaint, limit_ms);
    if (!error && !works)
        error = xasprintf("%s: -accel %s%s%s does not work: %s; use ACCEL=tcg", e->path, accel,
                          cpu ? " -cpu " : "", cpu ? cpu : "", complaint);
    free(complaint);
    return error;
}

char *emulator_complaint(const char *messages)
{
    const char *best = "", *line = messages;
    size_t best_len = 0, n;
    char *clean, *colon;

    for (; *line; line += n + (line[n] == '\n')) {
        n = strcspn(line, "\n");
        if (n && !memmem(line, n, "warning:", 8)) {
            best = line;
            best_len = n;
            break;
        }
    }
    clean = printable(best, best_len);
    /* "qemu-system-x86_64: " says nothing. */
    colon = strstr(clean, ": ");
    if (colon && strncmp(clean, "qemu", 4) == 0 && !memchr(clean, ' ', (size_t)(colon - clean)))
        memmove(clean, colon + 2, strlen(colon + 2) + 1);
    n = strlen(clean);
    while (n && (clean[n - 1] == '.' || clean[n - 1] == ' '))
        clean[--n] = '\0';
    return clean;
}
