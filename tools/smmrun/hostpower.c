/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "revive": the guest asks, switches the machine off, and finds itself in its next boot. */
#include <string.h>

#include "tools/smmrun/hostchan.h"

static void set_action(struct hostchan *h, const char *shutdown, qmp_answer_fn *fn)
{
    qmp_command(h->qmp, "set-action", json_pack("{s:s}", "shutdown", shutdown), fn, h);
}

static void on_armed(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct hostchan *h = arg;

    if (result)
        h->power = POWER_STAYS;
    hostchan_plain(h, result, error_class, text);
}

void hostchan_revive(struct hostchan *h)
{
    set_action(h, "pause", on_armed);
}

/* QEMU lets a machine go on that was switched off when its reset is done, and not before. */
void hostchan_power(struct hostchan *h, const char *event)
{
    if (h->power == POWER_STAYS && strcmp(event, "SHUTDOWN") == 0) {
        h->power = POWER_RESETS;
        qmp_command(h->qmp, "system_reset", NULL, NULL, NULL);
    } else if (h->power == POWER_RESETS && strcmp(event, "RESET") == 0) {
        h->power = POWER_EXITS;
        set_action(h, "poweroff", NULL);
        qmp_command(h->qmp, "cont", NULL, NULL, NULL);
    }
}
