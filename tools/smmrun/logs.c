/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/logs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/smmrun/command.h"

static const char *const names[] = {"serial.log", "host.log", "messages.log",
                                    "command.sh", "qemu.log", "rerun-serial.log"};

static char *path_of(const struct options *o, const struct job *job)
{
    const struct config *c = job->config;
    const int *v = c->qemu->version.part;
    struct text t = {0};

    text_printf(&t, "%s/qemu-%d.%d.%d", o->logs, v[0], v[1], v[2]);
    if (c->twin)
        text_printf(&t, "-%zu", c->twin + 1);
    text_printf(&t, "/%s-%s-%s", c->arch, c->machine, job->test->id);
    if (o->repeat > 1)
        text_printf(&t, "-%u", job->repetition);
    return t.data;
}

/* As mkdir -p. */
static bool make_folders(char *path)
{
    for (char *s = strchr(path + 1, '/'); s; s = strchr(s + 1, '/')) {
        *s = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return false;
        *s = '/';
    }
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

static void remove_files(const char *folder)
{
    bool more = true;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = xasprintf("%s/%s", folder, names[i]);

        unlink(path);
        free(path);
    }
    /* One more after each migration. */
    for (unsigned int n = 2; more; n++) {
        char *path = xasprintf("%s/qemu-%u.log", folder, n);

        more = unlink(path) == 0;
        free(path);
    }
}

char *logs_folder(const struct options *o, const struct job *job)
{
    char *path = path_of(o, job);

    if (make_folders(path)) {
        remove_files(path);
        return path;
    }
    free(path);
    return NULL;
}

void logs_forget(const struct options *o, const struct job *job)
{
    char *path = path_of(o, job);

    remove_files(path);
    rmdir(path);
    free(path);
}

void logs_write_file(const char *folder, const char *name, const char *data, size_t len)
{
    char *path = xasprintf("%s/%s", folder, name);
    FILE *f = fopen(path, "we");

    if (f) {
        fwrite(data, 1, len, f);
        fclose(f);
    }
    free(path);
}

void logs_write(const struct options *o, const struct job *job)
{
    const struct result *r = &job->result;
    struct command command = {
        .config = job->config, .needs = &job->needs, .id = job->test->id, .append = &o->append};
    char *script, *path;

    if (!r->folder)
        return;
    logs_write_file(r->folder, "serial.log", text_str(&r->serial), r->serial.len);
    if (r->host.len)
        logs_write_file(r->folder, "host.log", r->host.data, r->host.len);
    if (r->messages.len)
        logs_write_file(r->folder, "messages.log", r->messages.data, r->messages.len);
    if (r->registers.len)
        logs_write_file(r->folder, "registers.log", r->registers.data, r->registers.len);
    script = command_script(&command);
    logs_write_file(r->folder, "command.sh", script, strlen(script));
    path = xasprintf("%s/command.sh", r->folder);
    chmod(path, 0755);
    free(path);
    free(script);
}
