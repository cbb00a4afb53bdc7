/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cmocka with the headers it wants. */
#ifndef SMMRUN_UNIT_H
#define SMMRUN_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RUN(tests) cmocka_run_group_tests(tests, NULL, NULL)

/* text contains part; says both if not. */
#define assert_contains(text, part)                                          \
    do {                                                                     \
        const char *text_ = (text);                                          \
        if (!text_ || !strstr(text_, part))                                  \
            fail_msg("\"%s\" lacks \"%s\"", text_ ? text_ : "(null)", part); \
    } while (0)

#endif
