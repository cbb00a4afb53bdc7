/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "wakeup": the guest asks before it sleeps, as it cannot do so afterwards. */
#include <string.h>

#include "tools/smmrun/hostchan.h"

static bool is_suspended(const json_t *status)
{
    const char *s = json_string_value(json_object_get(status, "status"));

    return s && strcmp(s, "suspended") == 0;
}

/* Behind the command that was to leave the machine asleep. */
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

void hostchan_asleep(struct hostchan *h)
{
    h->asleep_wanted = false;
    if (*h->request.rest)
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
        disturb(h);
    else
        h->asleep_wanted = true;
}

void hostchan_wakeup(struct hostchan *h)
{
    if (*h->request.rest)
        qmp_command(h->qmp, "query-status", NULL, on_status, h);
    else
        qmp_command(h->qmp, "system_wakeup", NULL, on_early_wakeup, h);
}
