/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the linked tests are to be run, in which order. */
#ifndef KERNEL_PLAN_H
#define KERNEL_PLAN_H

#include <stdint.h>

#include "include/testinfo.h"

/* Number of tests that the command line selects. */
uint32_t plan_size(void);

/* The position-th of them, from 0; NULL behind the last. */
const struct testinfo *plan_test(uint32_t position);

/* Its id; "?" behind the last. */
const char *plan_id(uint32_t position);

#endif
