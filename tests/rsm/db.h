/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts the debug exceptions that come outside SMM. */
#ifndef TESTS_RSM_DB_H
#define TESTS_RSM_DB_H

#include <stdint.h>

#define DB_STEPS_MAX 8

struct rsm_db {
    volatile uint32_t count;
    uintptr_t ip[DB_STEPS_MAX];
    unsigned long dr6; /* at the last one */
    uint32_t stop;     /* clear TF at this one; 0: set RF at each */
};

/* Since rsm_db_begin(). */
extern struct rsm_db rsm_db;

/* Takes #DB over; debug registers as at power-up. stop: at this one the handler clears TF, 0: it
 * sets RF instead, so that an execution breakpoint does not come again. */
void rsm_db_begin(uint32_t stop);

/*
 * Arms two breakpoints of the calling CPU, on the execution of a function and the writing of a
 * word. What touches does both: two #DB, none where nothing is armed.
 */
void rsm_db_arm(void);
void rsm_db_touch(void);

/* Breakpoints off; #DB is an error again. */
void rsm_db_end(void);

#endif
