/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What FAKE may be. */
#include "fake.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int pass(void)
{
    head();
    tail(true);
    return STATUS_PASS;
}

static int failing(void)
{
    head();
    tail(false);
    return STATUS_FAIL;
}

static int hang(void)
{
    head();
    wait_long();
    return 0;
}

static int crash(void)
{
    head();
    put(fake_com1, "  ok 2 sec");
    raise(SIGSEGV);
    return 0;
}

static int flood(void)
{
    head();
    while (fake_com1 >= 0)
        put(fake_com1,
            "# and on, and on, and on, and on, and on, and on, and on, and on, and on\n");
    return 0;
}

static int refuse(void)
{
    fputs("qemu: warning: this is none of your business\nqemu: -frob: invalid option\n", stderr);
    return 1;
}

static int qmp_close(void)
{
    char line[256] = "";

    put(fake_qmp, "{\"QMP\": {\"ver");
    close(fake_qmp);
    head();
    put(fake_com2, "plug 1\n");
    if (get(fake_com2, line, sizeof(line))) {
        put(fake_com1, "  # ");
        put(fake_com1, line);
        put(fake_com1, "\n");
    }
    tail(true);
    return STATUS_PASS;
}

static int qmp_close_hang(void)
{
    close(fake_qmp);
    return hang();
}

static int qmp_garbage(void)
{
    put(fake_qmp, "Segmentation fault (core dumped)\n");
    return hang();
}

static int restart(void)
{
    head();
    head();
    wait_long();
    return 0;
}

static int contradict(void)
{
    pass();
    return STATUS_FAIL;
}

static int linger(void)
{
    pass();
    wait_long();
    return 0;
}

static int truncated(void)
{
    head();
    return STATUS_PASS;
}

static int garbage(void)
{
    head();
    put(fake_com1, "\033]0;what\007\377\n");
    tail(true);
    return STATUS_PASS;
}

/* Leaves a child behind, as a script that runs QEMU might. */
static int orphan(void)
{
    if (fork() == 0)
        wait_long();
    return pass();
}

static int orphan_hang(void)
{
    if (fork() == 0)
        wait_long();
    return hang();
}

/* Runs for a moment: long enough to be interrupted. */
static int slow(void)
{
    usleep(300000);
    return pass();
}

static const struct {
    const char *name;
    int (*run)(void);
} behaviours[] = {
    {"pass", pass},
    {"fail", failing},
    {"hang", hang},
    {"crash", crash},
    {"flood", flood},
    {"refuse", refuse},
    {"host", host},
    {"qmp-close", qmp_close},
    {"qmp-close-hang", qmp_close_hang},
    {"qmp-garbage", qmp_garbage},
    {"restart", restart},
    {"contradict", contradict},
    {"linger", linger},
    {"truncated", truncated},
    {"garbage", garbage},
    {"orphan", orphan},
    {"orphan-hang", orphan_hang},
    {"slow", slow},
};

int behave(const char *name)
{
    for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++) {
        if (strcmp(behaviours[i].name, name) == 0)
            return behaviours[i].run();
    }
    return -1;
}
