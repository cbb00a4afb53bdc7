/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host channel: carries out the guest's requests from COM2 over QMP, one after
 * the other, and answers each with one line.
 */
#ifndef SMMRUN_HOSTCHAN_H
#define SMMRUN_HOSTCHAN_H

#include <jansson.h>

#include "tools/smmrun/hostreq.h"
#include "tools/smmrun/qmp.h"
#include "tools/smmrun/stream.h"

/* Milliseconds on an idle machine for "wait", and for QEMU to answer any request. */
#define HOSTCHAN_LIMIT_MS HOSTREQ_WAIT_MAX_MS
/* "migrate" starts a program and copies a machine: so many times that. */
#define HOSTCHAN_MIGRATE_LIMITS 3

/* What lies outside of one QEMU and its QMP: the owner of the machine does it. */
struct hostchan_owner {
    void (*migrate)(void *arg); /* hostchan_ok() or hostchan_error() follows */
    void (*give_up)(void *arg); /* not done in time: it is to be undone */
    void *arg;
};

/* Among the events: the machine was still asleep behind the TEXT of "wakeup TEXT", or "doze". */
#define HOSTCHAN_STILL_ASLEEP "STILL_ASLEEP"

struct hostchan {
    struct loop *loop;
    struct stream stream;
    struct qmp *qmp;
    struct hostchan_owner owner;
    struct hostreq request; /* the one in progress */
    bool busy;
    struct watch *timer;
    int64_t limit_ms;   /* HOSTCHAN_LIMIT_MS, scaled by the load */
    json_t *events;     /* [["NAME", data], ...], oldest first */
    struct text log;    /* requests, answers and events */
    json_t *paths;      /* "qom-get type:X": QOM paths still to be listed */
    int memory;         /* "peek": what QEMU writes to */
    bool asleep_wanted; /* "wakeup", "doze": the machine has still to fall asleep */
    struct watch *nap;  /* "doze": until the next look at the RTC */
    /* "revive": the machine is to be switched on again, and has been reset for it */
    enum { POWER_EXITS, POWER_STAYS, POWER_RESETS } power;
    int seconds; /* "doze": of the RTC, when the machine fell asleep; -1: not read yet */
};

/* Takes fd, our end of COM2, over. */
void hostchan_start(struct hostchan *h, struct loop *loop, int fd, struct qmp *qmp,
                    const struct hostchan_owner *owner, int64_t limit_ms);
/* Another QEMU goes on; the one before has ended. fd, our end of its COM2, is taken over. */
void hostchan_move(struct hostchan *h, int fd, struct qmp *qmp);
/* A QMP event; data may be NULL. */
void hostchan_event(struct hostchan *h, const char *name, json_t *data);
void hostchan_stop(struct hostchan *h);

/* For the files that carry out requests: answers the one in progress. */
void hostchan_ok(struct hostchan *h, const char *data);
void hostchan_error(struct hostchan *h, const char *error_class, const char *text);

/* Carries out h->request; hostchan_ok() or hostchan_error() follows, now or later. */
void hostchan_execute(struct hostchan *h);
/* "wakeup [TEXT]" or "doze", and that the machine has fallen asleep since: what is to be done then;
 * in hostsleep.c. */
void hostchan_wakeup(struct hostchan *h);
void hostchan_asleep(struct hostchan *h);
/* "revive", and every event; in hostpower.c. */
void hostchan_revive(struct hostchan *h);
void hostchan_power(struct hostchan *h, const char *event);
/* An answer whose result is of no interest. */
void hostchan_plain(void *arg, json_t *result, const char *error_class, const char *text);
/* "qom-get type:X PROP": finds the object and asks it; in hostqom.c. */
void hostchan_qom_get(struct hostchan *h);

#endif
