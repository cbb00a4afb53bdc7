/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/deadline.h"

#include "hw/cpu.h"
#include "hw/ich9.h"
#include "hw/io.h"

#define TICKS_PER_MS   3580U
#define TIMER_MASK     0xffffffU
#define POLLS_PER_READ 64U
#define STUCK_READINGS (1U << 20)

struct deadline deadline_in(uint32_t ms)
{
    uint16_t pmbase = ich9_pmbase();
    struct deadline d = {.ticks = ms * TICKS_PER_MS};

    if (pmbase) {
        d.port = (uint16_t)(pmbase + PM1_TMR);
        d.last = inl(d.port) & TIMER_MASK;
    }
    return d;
}

bool deadline_over(struct deadline *d)
{
    uint32_t now, passed;

    cpu_pause();
    if (++d->polls < POLLS_PER_READ)
        return false;
    d->polls = 0;
    now = d->port ? inl(d->port) & TIMER_MASK : d->last;
    passed = (now - d->last) & TIMER_MASK;
    d->last = now;
    /* A timer that stands still, or is not decoded, must not make the wait endless. */
    d->unchanged = passed ? 0 : d->unchanged + 1;
    if (passed >= d->ticks || d->unchanged >= STUCK_READINGS)
        return true;
    d->ticks -= passed;
    return false;
}
