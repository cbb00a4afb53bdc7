/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests on the host channel, COM2 (docs/architecture.md). */
#ifndef SMMRUN_HOSTREQ_H
#define SMMRUN_HOSTREQ_H

#include "tools/smmrun/util.h"

#define HOSTREQ_VERSION  1
#define HOSTREQ_PEEK_MAX 4096
/* The longest time that "wait" may ask for, and what it has without, on an idle machine. */
#define HOSTREQ_WAIT_MAX_MS 5000

enum hostreq_verb {
    HOST_HELLO,
    HOST_PLUG,
    HOST_UNPLUG,
    HOST_CPUS,
    HOST_EVENTS,
    HOST_WAIT,
    HOST_NMI,
    HOST_RESET,
    HOST_WAKEUP,
    HOST_PEEK,
    HOST_QOM_GET,
    HOST_HMP,
    HOST_LOG,
    HOST_MIGRATE,
    HOST_QUERY,
    HOST_DOZE,
    HOST_REVIVE,
};

struct hostreq {
    enum hostreq_verb verb;
    unsigned long number, length; /* "plug 3", "peek ADDR LEN", "wait NAME 500" */
    char *word, *rest; /* "wait NAME", "qom-get PATH PROP", "hmp TEXT", NULL where there is none */
};

/* The name of a verb, as in a test's host= need. */
const char *hostreq_verb_name(enum hostreq_verb verb);
bool hostreq_is_verb(const char *name);

/*
 * Reads one line; *r is to be freed in any case. Returns NULL, or "CLASS TEXT" for
 * the answer "error CLASS TEXT", to be freed.
 */
char *hostreq_parse(struct hostreq *r, const char *line);
void hostreq_free(struct hostreq *r);

#endif
