/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bound for waits. Never part of a verdict: it only keeps a wait for an event
 * that does not come from lasting forever, so it is generous.
 */
#ifndef HW_DEADLINE_H
#define HW_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

struct deadline {
    uint16_t port;      /* PM1_TMR, 0 if not decoded */
    uint32_t last;      /* its last value, 24 bit */
    uint32_t ticks;     /* left, 3.579545 MHz (ICH9 datasheet, PM1_TMR) */
    uint32_t polls;     /* since the timer was last read */
    uint32_t unchanged; /* readings in a row that showed no progress */
};

/* Starts a wait of ms milliseconds, at most 600000. */
struct deadline deadline_in(uint32_t ms);

/*
 * Call it in the loop of the wait; true when the time is over. Contains a PAUSE.
 * A wait of less than 2 s must call it at least every 4 s, as the timer wraps.
 */
bool deadline_over(struct deadline *d);

/* Waits until condition holds, at most ms; the value is the condition's last. */
#define WAIT_FOR(condition, ms)                                  \
    ({                                                           \
        struct deadline wait_ = deadline_in(ms);                 \
        bool held_;                                              \
        while (!(held_ = (condition)) && !deadline_over(&wait_)) \
            ;                                                    \
        held_;                                                   \
    })

/* What is waited for needs another CPU's or the host's attention, on a busy machine. */
#define PATIENCE_MS 5000
/* The same for something that all of these CPUs have to do, on a host with few of its own. */
#define PATIENCE_FOR(cpus) (PATIENCE_MS + (cpus)*100U)

/* What should have happened before the wait begins, were it not for emulation. */
#define SETTLE_MS 500

#endif
