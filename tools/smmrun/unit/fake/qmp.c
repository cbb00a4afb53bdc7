/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QMP, as far as the runner uses it. */
#include "fake.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int rtc;     /* seconds of the machine's clock: one more at each look */
static bool asleep; /* a guest falls asleep after it has asked to be woken */

bool migrate_goes(const char *wrong)
{
    const char *how = getenv("FAKE_MIGRATE");

    return strcmp(how ? how : "well", wrong) == 0;
}

static void answer(json_t *message, json_t *request)
{
    json_t *number = json_object_get(request, "id");
    char *text;

    if (number)
        json_object_set(message, "id", number);
    text = json_dumps(message, JSON_COMPACT);
    put(fake_qmp, text);
    put(fake_qmp, "\r\n");
    free(text);
    json_decref(message);
}

static json_t *slots(void)
{
    return json_loads("[{\"type\":\"cpu\",\"props\":{\"core-id\":1,\"socket-id\":0}},"
                      "{\"type\":\"cpu\",\"props\":{\"core-id\":0,\"socket-id\":0},"
                      "\"qom-path\":\"/machine/boot\"}]",
                      0, NULL);
}

/* "pmemsave": the bytes 00 01 02 ... */
static void save_memory(json_t *arguments)
{
    FILE *f = fopen(json_string_value(json_object_get(arguments, "filename")), "wb");

    for (json_int_t i = 0; f && i < json_integer_value(json_object_get(arguments, "size")); i++)
        fputc((int)i, f);
    if (f)
        fclose(f);
}

/* "qom-list": /machine holds a, and that the wanted one. */
static json_t *list_objects(const char *path)
{
    if (strcmp(path, "/machine") == 0)
        return json_loads("[{\"name\":\"a\",\"type\":\"child<other>\"},"
                          "{\"name\":\"c\",\"type\":\"link<wanted>\"}]",
                          0, NULL);
    if (strcmp(path, "/machine/a") == 0)
        return json_loads("[{\"name\":\"b\",\"type\":\"child<wanted>\"}]", 0, NULL);
    return json_array();
}

static json_t *result_of(const char *name, json_t *arguments)
{
    const char *path = json_string_value(json_object_get(arguments, "path"));

    if (strcmp(name, "query-hotpluggable-cpus") == 0)
        return slots();
    if (strcmp(name, "human-monitor-command") == 0)
        return json_string("one\r\ntwo \\ three\r\n");
    if (strcmp(name, "qom-list") == 0)
        return list_objects(path);
    if (strcmp(name, "qom-get") == 0 && strcmp(path, "/machine") == 0)
        return json_pack("{s:i}", "tm_sec", rtc++);
    if (strcmp(name, "qom-get") == 0)
        return json_pack("[s]", path);
    if (strcmp(name, "query-migrate") == 0)
        return json_pack("{s:s}", "error-desc", "the road is closed");
    if (strcmp(name, "query-status") == 0)
        return json_pack("{s:s}", "status", asleep ? "suspended" : "running");
    if (strcmp(name, "pmemsave") == 0)
        save_memory(arguments);
    return json_object();
}

static void error(json_t *request, const char *text)
{
    answer(json_loads(text, 0, NULL), request);
}

/* "migrate": all the fake_state there is goes to the other one, and this one stops. */
static void migrate(json_t *request)
{
    if (migrate_goes("refuse")) {
        error(request, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"it is blocked\"}}");
        return;
    }
    answer(json_pack("{s:{}}", "return"), request);
    if (migrate_goes("crash"))
        raise(SIGSEGV);
    if (migrate_goes("fail"))
        put(fake_qmp, "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"failed\"}}\r\n");
    if (migrate_goes("fail") || migrate_goes("never"))
        return;
    put(fake_qmp, "{\"event\": \"STOP\"}\r\n");
    put(fake_com1, "  # it stops here\n");
    put(fake_state, fake_requests ? fake_requests : "");
    close(fake_state);
    put(fake_qmp, "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"completed\"}}\r\n");
}

void serve_qmp(void)
{
    char line[8192];
    json_t *request;
    const char *name;

    if (!get_message(line, sizeof(line)))
        exit(3);
    request = json_loads(line, 0, NULL);
    name = json_string_value(json_object_get(request, "execute"));
    if (!name)
        exit(3);
    if (strcmp(name, "device_add") == 0)
        put(fake_qmp, "{\"event\": \"ACPI_DEVICE_OST\", \"data\": {\"slot\": \"1\"}}\r\n");
    if (strcmp(name, "system_wakeup") == 0 && !asleep) {
        error(request, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"not suspended\"}}");
        put(fake_qmp, "{\"event\": \"SUSPEND\"}\r\n");
        asleep = true;
    } else if (strcmp(name, "device_del") == 0)
        error(request, "{\"error\":{\"class\":\"DeviceNotFound\",\"desc\":\"no such thing\"}}");
    else if (strcmp(name, "migrate") == 0)
        migrate(request);
    else
        answer(json_pack("{s:o}", "return", result_of(name, json_object_get(request, "arguments"))),
               request);
    if (strcmp(name, "query-status") == 0 && !asleep && fake_request &&
        (strncmp(fake_request, "wakeup ", 7) == 0 || strcmp(fake_request, "doze") == 0)) {
        put(fake_qmp, "{\"event\": \"SUSPEND\"}\r\n");
        asleep = true;
    }
    json_decref(request);
}
