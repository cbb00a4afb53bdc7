/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "wakeup", "doze": the guest asks before it sleeps, as it cannot do so afterwards. */
#include <string.h>

#include "tools/smmrun/hostchan.h"

static bool is_suspended(const json_t *status)
{
    const char *s = json_string_value(json_object_get(status, "status"));

    return s && strcmp(s, "suspended") == 0;
}

#define RTC_MS 40 /* between two looks at the RTC */

/* Behind what was to leave the machine asleep. */
static void on_still(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct hostchan *h = arg;

    if (!result)
        hostchan_error(h, error_class, text);
    else if (!is_suspended(result))
        hostchan_error(h, "Host", "the machine is awake already");
    else {
        json_array_append_new(h->events, json_pack("[s, n]", HOSTCHAN_STILL_ASLEEP));
        qmp_command(h->qmp, "system_wakeup", NULL, hostchan_plain, h);
    }
}

static void on_command(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct hostchan *h = arg;

    if (result)
        qmp_command(h->qmp, "query-status", NULL, on_still, h);
    else
        hostchan_error(h, error_class, text);
}

static void disturb(struct hostchan *h)
{
    qmp_command(h->qmp, "human-monitor-command",
                json_pack("{s:s}", "command-line", h->request.rest), on_command, h);
}

static void look(void *arg);

/*
 * The time comes by way of QEMU's main loop, which deals with expired timers before it carries out
 * the next command: an alarm at this second has rung when the status is asked for.
 */
static void on_rtc(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct hostchan *h = arg;
    int seconds = (int)json_integer_value(json_object_get(result, "tm_sec"));

    if (!result)
        hostchan_error(h, error_class, text);
    else if (h->seconds >= 0 && h->seconds != seconds)
        qmp_command(h->qmp, "query-status", NULL, on_still, h);
    else {
        h->seconds = seconds;
        h->nap = loop_timer(h->loop, RTC_MS, look, h);
    }
}

static void look(void *arg)
{
    struct hostchan *h = arg;

    h->nap = NULL;
    qmp_command(h->qmp, "qom-get",
                json_pack("{s:s, s:s}", "path", "/machine", "property", "rtc-time"), on_rtc, h);
}

void hostchan_asleep(struct hostchan *h)
{
    h->asleep_wanted = false;
    h->seconds = -1;
    if (h->request.verb == HOST_DOZE)
        look(h);
    else if (*h->request.rest)
        disturb(h);
    else
        qmp_command(h->qmp, "system_wakeup", NULL, hostchan_plain, h);
}

static void on_early_wakeup(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct hostchan *h = arg;

    if (result)
        hostchan_ok(h, NULL);
    else if (strcmp(error_class, "GenericError") == 0)
        h->asleep_wanted = true;
    else
        hostchan_error(h, error_class, text);
}

static void on_status(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct hostchan *h = arg;

    if (!result)
        hostchan_error(h, error_class, text);
    else if (is_suspended(result))
        hostchan_asleep(h);
    else
        h->asleep_wanted = true;
}

void hostchan_wakeup(struct hostchan *h)
{
    if (h->request.verb == HOST_DOZE || *h->request.rest)
        qmp_command(h->qmp, "query-status", NULL, on_status, h);
    else
        qmp_command(h->qmp, "system_wakeup", NULL, on_early_wakeup, h);
}
