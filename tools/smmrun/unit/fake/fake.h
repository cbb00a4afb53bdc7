/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that looks like a QEMU to the runner, and behaves or misbehaves as the environment
 * variable FAKE says (behaviours.c). FAKE_REQUESTS: what the "guest" asks the host, separated by
 * "|"; the answers become diagnostics. "migrate" takes the requests that are left to another one
 * of us, unless FAKE_MIGRATE says how it goes wrong.
 */
#ifndef FAKE_FAKE_H
#define FAKE_FAKE_H

#include <stdbool.h>
#include <stddef.h>

#define STATUS_PASS 33
#define STATUS_FAIL 35

/* Descriptors that the runner gave us, -1: none. */
extern int fake_qmp, fake_com1, fake_com2;
extern int fake_incoming; /* where the state comes from, -1: we begin */
extern int fake_state;    /* where it goes to: what "getfd" names */

extern char *fake_requests; /* that the "guest" still has */
extern char *fake_request;  /* the one it has made last */
extern char fake_id[128];   /* the test's */

/* Writes all of s, or ends the program. */
void put(int fd, const char *s);

/* The report of a test, up to its first check, and what comes behind that. */
void head(void);
void tail(bool passed);

/* Until somebody ends us. */
void wait_long(void);

/* One line from a socket, without its end; false at the end. */
bool get(int fd, char *line, size_t size);

/* The same from QMP, for the state and its descriptor, which comes with a byte of "getfd". */
bool get_message(char *line, size_t size);

/* Whether FAKE_MIGRATE is that word; "well" where it is not set. */
bool migrate_goes(const char *wrong);

/* Answers one request. */
void serve_qmp(void);

/* Answers QMP until the host's answer is there. */
void await_host(void);

/* The behaviour "host": asks what there is to ask, there or where the state came to. */
int host(void);

/* Carries out the behaviour of that name; its value is QEMU's exit status, -1: there is none. */
int behave(const char *name);

#endif
