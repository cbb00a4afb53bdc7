/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/cpuhp_host/hostevent.h"

#include <stddef.h>

#include "kernel/host.h"
#include "kernel/test.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "lib/string.h"

#define EVENT_MAX 400

/* Blanks between JSON's tokens do not matter; none of our values has one inside. */
static void squeeze(char *text)
{
    char *out = text;

    for (; *text; text++) {
        if (*text != ' ')
            *out++ = *text;
    }
    *out = '\0';
}

/* The value behind "key": in JSON without blanks, NULL if there is none. */
static const char *value_of(const char *json, const char *key)
{
    char quoted[32];
    const char *at;

    snprintf(quoted, sizeof(quoted), "\"%s\":", key);
    at = strstr(json, quoted);
    return at ? at + strlen(quoted) : NULL;
}

static bool json_string(const char *json, const char *key, char *out, uint32_t size)
{
    const char *value = value_of(json, key);
    uint32_t n = 0;

    out[0] = '\0';
    if (!value || *value != '"')
        return false;
    for (value++; *value && *value != '"' && n + 1 < size; value++)
        out[n++] = *value;
    out[n] = '\0';
    return *value == '"';
}

static bool json_number(const char *json, const char *key, uint64_t *out)
{
    const char *value = value_of(json, key);
    const char *end;

    return value && parse_u64(value, &end, out) && (*end == ',' || *end == '}');
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

/* Data of the next event of that name, as JSON without blanks. */
static bool take(const char *id, const char *name, char *json)
{
    if (!host_request(json, EVENT_MAX, "wait %s", name)) {
        FAIL_CHECK(id, "the event reaches the host", "%s: %s", name, json);
        return false;
    }
    squeeze(json);
    return true;
}

bool hostevent_take_ost(const char *id, struct ost_event *event)
{
    char json[EVENT_MAX];
    bool whole;

    memset(event, 0, sizeof(*event));
    if (!take(id, "ACPI_DEVICE_OST", json))
        return false;
    (void)json_string(json, "device", event->device, sizeof(event->device));
    whole = json_string(json, "slot", event->slot, sizeof(event->slot)) &&
            json_string(json, "slot-type", event->slot_type, sizeof(event->slot_type)) &&
            json_number(json, "source", &event->source) &&
            json_number(json, "status", &event->status);
    CONTEXT("%s", json);
    EXPECT_TRUE(id, whole, "the event has the members of QEMU's qapi/acpi.json, in their ranges");
    CONTEXT_CLEAR();
    return whole;
}

void hostevent_expect_ost(const char *id, uint32_t slot, const char *device, uint32_t source,
                          uint32_t status)
{
    struct ost_event e;
    char number[16];

    if (!hostevent_take_ost(id, &e))
        return;
    snprintf(number, sizeof(number), "%u", slot);
    CONTEXT("slot %u: device \"%s\" slot \"%s\" slot-type \"%s\"", slot, e.device, e.slot,
            e.slot_type);
    EXPECT_TRUE(id, strcmp(e.slot, number) == 0, "it is of this slot");
    EXPECT_TRUE(id, strcmp(e.slot_type, "CPU") == 0, "its slot type is CPU");
    EXPECT_TRUE(id, strcmp(e.device, device ? device : "") == 0,
                "it names the device if that has an id");
    EXPECT_EQ(id, e.source, source, "source is the OST event register");
    EXPECT_EQ(id, e.status, status, "status is the OST status register");
    CONTEXT_CLEAR();
}

/* An unplugged CPU and what belongs to it give two events; some may be late ones of others. */
#define DELETED_MAX 8

/* Milliseconds on an idle machine for an event, and for one that is overdue. */
#define EVENT_LIMIT_MS   5000
#define EVENT_HURRIED_MS 500

static bool is_deleted(const char *json, uint32_t slot, bool itself)
{
    char device[32], path[96], id[16], end[16], inside[16];

    snprintf(id, sizeof(id), "cpu%u", slot);
    snprintf(end, sizeof(end), "/cpu%u", slot);
    snprintf(inside, sizeof(inside), "/cpu%u/", slot);
    (void)json_string(json, "device", device, sizeof(device));
    (void)json_string(json, "path", path, sizeof(path));
    if (itself)
        return strcmp(device, id) == 0 && ends_with(path, end);
    return strstr(path, inside) || ends_with(path, end);
}

static void expect_deleted(const char *id, uint32_t slot, bool itself, uint32_t limit_ms,
                           const char *sentence)
{
    char json[EVENT_MAX];

    for (int i = 0; i < DELETED_MAX; i++) {
        if (!host_request(json, sizeof(json), "wait DEVICE_DELETED %u", limit_ms))
            break;
        squeeze(json);
        if (is_deleted(json, slot, itself)) {
            EXPECT_TRUE(id, true, sentence);
            return;
        }
    }
    FAIL_CHECK(id, sentence, "slot %u: the last answer was %s", slot, json);
}

void hostevent_expect_deleted(const char *id, uint32_t slot)
{
    expect_deleted(id, slot, false, EVENT_LIMIT_MS,
                   "DEVICE_DELETED tells the host (QEMU qapi/qdev.json)");
}

/*
 * QEMU finalizes objects in RCU callbacks, one of which may lead to the next. A device_add
 * returns when those that were due have run (QEMU softmmu/qdev-monitor.c, qmp_device_add()),
 * also one that is refused. So there is little left to wait for.
 */
static void hurry_deletions(void)
{
    char answer[160];

    for (int i = 0; i < 3; i++) {
        if (host_request(answer, sizeof(answer), "plug 0"))
            ERROR("the host plugged a CPU into slot 0, which has one");
    }
}

void hostevent_expect_device_deleted(const char *id, uint32_t slot)
{
    hurry_deletions();
    expect_deleted(id, slot, true, EVENT_HURRIED_MS,
                   "DEVICE_DELETED names the CPU by its id (QEMU qapi/qdev.json)");
}

void hostevent_expect_deleted_once(const char *id, uint32_t slot, uint32_t later)
{
    static const char sentence[] = "DEVICE_DELETED comes once for every device of the CPU";
    char path[DELETED_MAX][96];
    char json[EVENT_MAX];

    for (int n = 0; n < DELETED_MAX; n++) {
        if (!take(id, "DEVICE_DELETED", json))
            return;
        if (is_deleted(json, later, false)) {
            EXPECT_NE(id, n, 0, sentence);
            return;
        }
        CONTEXT("%s", json);
        EXPECT_TRUE(id, is_deleted(json, slot, false), "the first CPU's come first");
        (void)json_string(json, "path", path[n], sizeof(path[n]));
        for (int k = 0; k < n; k++)
            EXPECT_TRUE(id, strcmp(path[k], path[n]) != 0, sentence);
        CONTEXT_CLEAR();
    }
    FAIL_CHECK(id, sentence, "%d events, none of them of slot %u", DELETED_MAX, later);
}

void hostevent_expect_none(const char *id, const char *name, const char *sentence)
{
    char events[400];

    host_do("cpus");
    if (!host_request(events, sizeof(events), "events"))
        ERROR("the host cannot list the events: %s", events);
    CONTEXT("events \"%s\"", events);
    EXPECT_TRUE(id, !strstr(events, name), sentence);
    CONTEXT_CLEAR();
}
