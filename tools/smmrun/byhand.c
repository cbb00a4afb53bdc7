/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/byhand.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/smmrun/command.h"
#include "tools/smmrun/run.h"

/* The first job that can run becomes the only one; NULL: the reason is printed. */
static struct job *choose(struct plan *p, int *status)
{
    for (size_t i = 0; i < p->jobs; i++) {
        if (p->job[i].result.status == STATUS_NONE)
            return &p->job[i];
    }
    *status = p->job[0].result.status == ERROR ? EXIT_INFRASTRUCTURE : EXIT_NOTHING;
    fprintf(stderr, "smmrun: %s cannot run: %s\n", p->job[0].test->id, p->job[0].result.reason);
    return NULL;
}

int byhand_print(struct plan *p, const struct options *o)
{
    int status = EXIT_OK;
    const struct job *job = choose(p, &status);
    char *script;

    if (!job)
        return status;
    script = command_script(&(struct command){
        .config = job->config, .needs = &job->needs, .id = job->test->id, .append = &o->append});
    fputs(script, stdout);
    free(script);
    return EXIT_OK;
}

/* A TCP port of the loopback interface that is free now; 0: none, with errno. */
static unsigned int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unsigned int port = 0;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, len) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &len) == 0)
        port = ntohs(address.sin_port);
    if (fd >= 0)
        close(fd);
    return port;
}

static void print_gdb(const struct job *job, unsigned int port)
{
    struct text t = {0};

    text_shell_word(&t, job->config->kernel);
    printf("QEMU waits for gdb. In another terminal:\n"
           "    gdb %s -ex 'target remote 127.0.0.1:%u'\n"
           "There is no time limit; Ctrl-C here ends it. COM1 follows.\n",
           t.data, port);
    fflush(stdout);
    text_free(&t);
}

int byhand_gdb(struct plan *p, const struct options *o)
{
    struct report report = {.plan = p, .options = o, .out = stdout};
    static const struct report_style quiet;
    unsigned int port = free_port();
    int status = EXIT_OK, signal;
    struct job *job = choose(p, &status), first;

    if (!job)
        return status;
    if (!port) {
        fprintf(stderr, "smmrun: no TCP port for gdb: %s\n", strerror(errno));
        return EXIT_INFRASTRUCTURE;
    }
    /* The others stay behind it, for plan_free(). */
    first = p->job[0];
    p->job[0] = *job;
    *job = first;
    for (size_t i = 1; i < p->jobs; i++) {
        needs_free(&p->job[i].needs);
        result_free(&p->job[i].result);
    }
    p->jobs = 1;
    report.style = &quiet;
    print_gdb(&p->job[0], port);
    signal = run_plan(p, o, &report, port);
    if (signal)
        return 128 + signal;
    printf("%s: %s%s%s\n", p->job[0].test->id, status_name(p->job[0].result.status),
           *p->job[0].result.reason ? ": " : "", p->job[0].result.reason);
    return run_status(p, o);
}
