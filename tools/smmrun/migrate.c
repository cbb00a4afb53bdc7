/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/migrate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/smmrun/channels.h"
#include "tools/smmrun/slots.h"

/* The guest's memory is copied once while it runs; what it has changed meanwhile may take this. */
#define DOWNTIME_MS       2000
#define BYTES_PER_SECOND  (64LL << 30)
#define DESCRIPTOR_NAME   "migration"
#define NUMBERED_LOG_FROM 2

struct migration {
    struct machine *m;
    struct qemu *to;      /* starts, receives, runs; NULL: not started, or ended */
    struct channels ends; /* of it, ours; -1: none */
    int state;            /* the sending end of the socket that carries the state, -1: passed on */
    bool sent, arrived;   /* one has sent all, the other runs */
    char *error_class, *text; /* why it failed, NULL: it has not */
};

/* Forgets the migration; what the machine has not taken over ends. */
static void release(struct migration *g)
{
    qmp_forget(&g->m->qemu->qmp, g);
    if (g->to) {
        qemu_stop(g->to);
        text_free(&g->to->messages);
    }
    if (g->ends.com1 >= 0)
        close(g->ends.com1);
    if (g->ends.com2 >= 0)
        close(g->ends.com2);
    if (g->state >= 0)
        close(g->state);
    g->m->migration = NULL;
    free(g->error_class);
    free(g->text);
    free(g);
}

static void on_continued(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct migration *g = arg;
    struct hostchan *h = &g->m->host;

    (void)result;
    (void)error_class;
    (void)text;
    hostchan_error(h, g->error_class, g->text);
    release(g);
}

/* The guest goes on where it is, wherever the failure has left it. */
static void fail(struct migration *g, const char *error_class, const char *text)
{
    struct qmp *from = &g->m->qemu->qmp;

    if (g->error_class)
        return;
    g->error_class = xstrdup(error_class);
    g->text = xstrdup(text);
    if (g->to)
        qemu_stop(g->to);
    qmp_forget(from, g);
    qmp_command(from, "migrate_cancel", NULL, NULL, g);
    qmp_command(from, "cont", NULL, on_continued, g);
}

/* For commands of which only the failure matters. */
static void on_step(void *arg, json_t *result, const char *error_class, const char *text)
{
    if (!result)
        fail(arg, error_class, text);
}

static void on_arrival(struct migration *g)
{
    struct machine *m = g->m;
    struct qemu *to = g->to;
    struct channels ends = g->ends;

    if (!g->sent || !g->arrived || g->error_class)
        return;
    g->to = NULL;
    g->ends = (struct channels){-1, -1};
    release(g);
    if (machine_move(m, to, &ends))
        hostchan_ok(&m->host, NULL);
}

static void on_report(void *arg, json_t *result, const char *error_class, const char *text)
{
    const char *why = json_string_value(json_object_get(result, "error-desc"));

    (void)error_class;
    (void)text;
    fail(arg, "GenericError", why ? why : "QEMU says that the migration has failed");
}

/* Events that a migration makes by itself, on either side. */
static bool is_internal(const char *name)
{
    static const char *const names[] = {"MIGRATION", "MIGRATION_PASS", "STOP", "RESUME"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

bool migrate_event(struct machine *m, const char *name, json_t *data)
{
    const char *status = json_string_value(json_object_get(data, "status"));
    struct migration *g = m->migration;

    if (!g || !is_internal(name))
        return strcmp(name, "MIGRATION") == 0;
    if (strcmp(name, "MIGRATION") == 0 && status && !g->error_class) {
        if (strcmp(status, "completed") == 0) {
            g->sent = true;
            on_arrival(g);
        } else if (strcmp(status, "failed") == 0 || strcmp(status, "cancelled") == 0)
            qmp_command(&m->qemu->qmp, "query-migrate", NULL, on_report, g);
    }
    return true;
}

static void on_event_there(void *arg, const char *name, json_t *data)
{
    struct migration *g = arg;

    if (!is_internal(name)) {
        hostchan_event(&g->m->host, name, data);
        return;
    }
    if (strcmp(name, "RESUME") == 0) {
        g->arrived = true;
        on_arrival(g);
    }
}

static void on_exit_there(void *arg)
{
    struct migration *g = arg;
    struct text *messages = &g->to->messages;
    char *line, *words, *text;

    qemu_stop(g->to);
    while (messages->len && messages->data[messages->len - 1] == '\n')
        messages->data[--messages->len] = '\0';
    line = strrchr(text_str(messages), '\n');
    line = line ? line + 1 : messages->data;
    words = line ? printable(line, strlen(line)) : xstrdup("");
    text = xasprintf("the QEMU that was to go on has ended%s%s", *words ? ": " : "", words);
    fail(g, "GenericError", text);
    free(text);
    free(words);
}

/* The other QEMU listens: the guest sets out. */
static void on_ready(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct migration *g = arg;
    struct qmp *from = &g->m->qemu->qmp;

    if (!result) {
        /* Its end says more. */
        if (!g->to->exit_watch)
            fail(g, error_class, text);
        return;
    }
    qmp_pass(from, g->state);
    g->state = -1;
    qmp_command(from, "getfd", json_pack("{s:s}", "fdname", DESCRIPTOR_NAME), on_step, g);
    qmp_command(from, "migrate-set-capabilities",
                json_pack("{s:[{s:s, s:b}]}", "capabilities", "capability", "events", "state", 1),
                on_step, g);
    qmp_command(from, "migrate-set-parameters",
                json_pack("{s:I, s:I}", "max-bandwidth", (json_int_t)BYTES_PER_SECOND,
                          "downtime-limit", (json_int_t)DOWNTIME_MS),
                on_step, g);
    qmp_command(from, "cont", NULL, on_step, g);
    qmp_command(from, "migrate", json_pack("{s:s}", "uri", "fd:" DESCRIPTOR_NAME), on_step, g);
}

/* The second QEMU's log lies beside the first one's: qemu.log, qemu-2.log, qemu-3.log, ... */
static char *numbered_log(const struct machine *m)
{
    const char *log = m->setup.log, *end = log ? strrchr(log, '.') : NULL;

    return end ? xasprintf("%.*s-%u%s", (int)(end - log), log, m->moves + NUMBERED_LOG_FROM, end)
               : NULL;
}

static char *start_other(struct migration *g, json_t *slots)
{
    struct machine *m = g->m;
    struct strings cpus = {0};
    struct command command;
    size_t boot = slots_leading(slots);
    char *log = numbered_log(m);
    int pair[2];
    char *error;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        free(log);
        return xasprintf("cannot make a socket: %s", strerror(errno));
    }
    if (boot > m->setup.job->needs.smp)
        boot = m->setup.job->needs.smp;
    for (size_t i = boot; i < json_array_size(slots); i++) {
        char *device = slots_present(slots, i) ? slots_device(slots, i) : NULL;

        if (device)
            strings_add(&cpus, device);
        free(device);
    }
    g->state = pair[0];
    command = machine_command(m);
    command.incoming = pair[1];
    command.boot_cpus = (unsigned int)boot;
    command.cpus = &cpus;
    command.log = log;
    g->to = machine_spare(m);
    error = channels_start(g->to, &g->ends, m->setup.loop, &command, log ? MACHINE_LOG_MAX : 0,
                           on_event_there, on_exit_there, g);
    if (error)
        g->to = NULL;
    close(pair[1]);
    strings_free(&cpus);
    free(log);
    return error;
}

static void on_slots(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct migration *g = arg;
    json_t *slots = result ? slots_sort(result) : NULL;
    char *error;

    if (!result) {
        fail(g, error_class, text);
        return;
    }
    if (!slots) {
        fail(g, "Host", "QEMU's list of CPU slots cannot be understood");
        return;
    }
    error = start_other(g, slots);
    json_decref(slots);
    if (error)
        fail(g, "Host", error);
    else
        qmp_command(&g->to->qmp, "query-status", NULL, on_ready, g);
    free(error);
}

void migrate_start(struct machine *m)
{
    struct migration *g;

    if (m->setup.gdb_port) {
        hostchan_error(&m->host, "Unsupported", "a debugger cannot follow a migration");
        return;
    }
    m->migration = g = xcalloc(1, sizeof(*g));
    *g = (struct migration){.m = m, .ends = {-1, -1}, .state = -1};
    /* The guest would only take the processor from the QEMU that starts. It runs when it moves. */
    qmp_command(&m->qemu->qmp, "stop", NULL, on_step, g);
    qmp_command(&m->qemu->qmp, "query-hotpluggable-cpus", NULL, on_slots, g);
}

bool migrate_survives(const struct machine *m)
{
    return m->migration && m->migration->sent && !m->migration->error_class;
}

void migrate_give_up(struct machine *m)
{
    struct migration *g = m->migration;
    struct qmp *from = &m->qemu->qmp;

    if (!g)
        return;
    if (!g->error_class) {
        qmp_command(from, "migrate_cancel", NULL, NULL, NULL);
        qmp_command(from, "cont", NULL, NULL, NULL);
    }
    release(g);
}

void migrate_abort(struct machine *m)
{
    if (m->migration)
        release(m->migration);
}
