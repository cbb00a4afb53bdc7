/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carries out the requests of the host channel. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tools/smmrun/hostchan.h"
#include "tools/smmrun/slots.h"

/* "cpus", "plug N", "unplug N": all begin with the list of slots. */
static void on_slots(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct hostchan *h = arg;
    json_t *slots = result ? slots_sort(result) : NULL;
    size_t n = json_array_size(slots);
    char *answer = NULL;

    if (!result)
        hostchan_error(h, error_class, text);
    else if (!slots)
        hostchan_error(h, "Host", "QEMU's list of CPU slots cannot be understood");
    else if (h->request.verb == HOST_CPUS)
        hostchan_ok(h, answer = slots_presence(slots));
    else if (h->request.number >= n) {
        answer = xasprintf("there are %zu CPU slots", n);
        hostchan_error(h, "Usage", answer);
    } else if (h->request.verb == HOST_PLUG)
        qmp_command(h->qmp, "device_add", slots_add_arguments(slots, h->request.number),
                    hostchan_plain, h);
    else
        qmp_command(h->qmp, "device_del", slots_del_arguments(slots, h->request.number),
                    hostchan_plain, h);
    free(answer);
    json_decref(slots);
}

static void take_events(struct hostchan *h)
{
    struct text t = {0};

    for (size_t i = 0; i < json_array_size(h->events); i++)
        text_printf(&t, "%s%s", i ? " " : "",
                    json_string_value(json_array_get(json_array_get(h->events, i), 0)));
    json_array_clear(h->events);
    hostchan_ok(h, text_str(&t));
    text_free(&t);
}

/* "wait NAME": takes the oldest of that name; else hostchan_event() answers. */
static void wait_event(struct hostchan *h)
{
    for (size_t i = 0; i < json_array_size(h->events); i++) {
        json_t *event = json_array_get(h->events, i);
        json_t *data = json_array_get(event, 1);
        char *text;

        if (strcmp(json_string_value(json_array_get(event, 0)), h->request.word) != 0)
            continue;
        text = json_is_object(data) ? json_dumps(data, JSON_COMPACT) : NULL;
        json_array_remove(h->events, i);
        hostchan_ok(h, text ? text : "{}");
        free(text);
        return;
    }
}

static void on_peek(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct hostchan *h = arg;
    unsigned char data[HOSTREQ_PEEK_MAX];
    struct text hex = {0};

    if (!result)
        hostchan_error(h, error_class, text);
    else if (pread(h->memory, data, h->request.length, 0) != (ssize_t)h->request.length)
        hostchan_error(h, "Host", "QEMU wrote less than was asked for");
    else {
        size_t n = h->request.length;

        /* Mostly it is empty memory, and the way to the guest is a slow one. */
        while (n && !data[n - 1])
            n--;
        for (size_t i = 0; i < n; i++)
            text_printf(&hex, "%02x", data[i]);
        hostchan_ok(h, text_str(&hex));
    }
    text_free(&hex);
}

/* QEMU opens the runner's memory file by its name in /proc: no file on disk. */
static void peek(struct hostchan *h)
{
    char *name;

    h->memory = memfd_create("smmrun-peek", MFD_CLOEXEC);
    if (h->memory < 0) {
        hostchan_error(h, "Host", "no memory file for the answer");
        return;
    }
    name = xasprintf("/proc/%d/fd/%d", getpid(), h->memory);
    qmp_command(h->qmp, "pmemsave",
                json_pack("{s:I, s:I, s:s}", "val", (json_int_t)h->request.number, "size",
                          (json_int_t)h->request.length, "filename", name),
                on_peek, h);
    free(name);
}

static void on_hmp(void *arg, json_t *result, const char *error_class, const char *text)
{
    if (result)
        hostchan_ok(arg, json_string_value(result));
    else
        hostchan_error(arg, error_class, text);
}

/* "cpu=N" ahead of the command makes it one on that CPU. */
static void hmp(struct hostchan *h)
{
    unsigned int cpu = 0;
    int begin = 0;
    json_t *arguments = json_object();

    if (sscanf(h->request.rest, "cpu=%u %n", &cpu, &begin) == 1 && begin)
        json_object_set_new(arguments, "cpu-index", json_integer((json_int_t)cpu));
    json_object_set_new(arguments, "command-line", json_string(h->request.rest + begin));
    qmp_command(h->qmp, "human-monitor-command", arguments, on_hmp, h);
}

/* The same text for the same answer, whatever the order of the keys that QEMU sends. */
static void on_query(void *arg, json_t *result, const char *error_class, const char *text)
{
    char *json = NULL;

    if (!result)
        hostchan_error(arg, error_class, text);
    else {
        json = json_dumps(result, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
        hostchan_ok(arg, json ? json : "null");
    }
    free(json);
}

static void query(struct hostchan *h)
{
    char *command = xasprintf("query-%s", h->request.rest);

    qmp_command(h->qmp, command, NULL, on_query, h);
    free(command);
}

/* Whatever the answer: if QMP does not work, that is for the request that needs it to say. */
static void on_greeted(void *arg, json_t *result, const char *error_class, const char *text)
{
    char *greeting = xasprintf("smmrun %d", HOSTREQ_VERSION);

    (void)result;
    (void)error_class;
    (void)text;
    hostchan_ok(arg, greeting);
    free(greeting);
}

/* QEMU sends no event before it has heard from us: a guest that is greeted misses none. */
static void hello(struct hostchan *h)
{
    qmp_command(h->qmp, "query-status", NULL, on_greeted, h);
}

void hostchan_execute(struct hostchan *h)
{
    switch (h->request.verb) {
    case HOST_HELLO:
        hello(h);
        break;
    case HOST_PLUG:
    case HOST_UNPLUG:
    case HOST_CPUS:
        qmp_command(h->qmp, "query-hotpluggable-cpus", NULL, on_slots, h);
        break;
    case HOST_EVENTS:
        take_events(h);
        break;
    case HOST_WAIT:
        wait_event(h);
        break;
    case HOST_NMI:
        qmp_command(h->qmp, "inject-nmi", NULL, hostchan_plain, h);
        break;
    case HOST_RESET:
        qmp_command(h->qmp, "system_reset", NULL, hostchan_plain, h);
        break;
    case HOST_WAKEUP:
    case HOST_DOZE:
        hostchan_wakeup(h);
        break;
    case HOST_REVIVE:
        hostchan_revive(h);
        break;
    case HOST_PEEK:
        peek(h);
        break;
    case HOST_QOM_GET:
        hostchan_qom_get(h);
        break;
    case HOST_HMP:
        hmp(h);
        break;
    case HOST_QUERY:
        query(h);
        break;
    case HOST_LOG:
        hostchan_ok(h, NULL);
        break;
    case HOST_MIGRATE:
        h->owner.migrate(h->owner.arg);
        break;
    }
}
