/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/smmrun/machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/smmrun/channels.h"
#include "tools/smmrun/load.h"
#include "tools/smmrun/migrate.h"

/* Milliseconds on an idle machine for QEMU to end after the report's last line. */
#define LINGER_MS 5000
/* Milliseconds for QEMU to print its registers after a timeout. */
#define AUTOPSY_MS 1000
static void finish(struct machine *m, enum ending ending);

static bool take(void *arg, const char *data, size_t n)
{
    struct machine *m = arg;
    struct result *r = m->result;

    if (m->setup.echo) {
        fwrite(data, 1, n, stdout);
        fflush(stdout);
    }
    text_add(&r->serial, data, n);
    ktap_feed(&r->ktap, data, n);
    return r->serial.len <= MACHINE_SERIAL_MAX;
}

/* Reads what COM1 holds; false when that ended the machine. */
static bool read_com1(struct machine *m)
{
    com1_read(&m->com1, take, m);
    return m->result->serial.len <= MACHINE_SERIAL_MAX && !m->result->ktap.restarted;
}

static void on_linger(void *arg)
{
    struct machine *m = arg;

    m->timer = NULL;
    finish(m, ENDED_LINGERING);
}

/* False when what came ended the machine. */
static bool take_com1(struct machine *m)
{
    bool over = m->result->ktap.verdict != STATUS_NONE;

    if (!read_com1(m)) {
        finish(m, m->result->ktap.restarted ? ENDED_RESTARTED : ENDED_FLOOD);
        return false;
    }
    if (!over && m->result->ktap.verdict != STATUS_NONE && !m->setup.gdb_port) {
        timer_stop(m->timer);
        m->timer = loop_timer(m->setup.loop,
                              (int64_t)(LINGER_MS * load_factor(m->setup.options->jobs)), on_linger,
                              m);
    }
    return true;
}

static void on_com1(void *arg, short events)
{
    (void)events;
    take_com1(arg);
}

static double base_limit(const struct machine *m)
{
    double own = m->setup.options->timeout;

    if (m->setup.gdb_port)
        return 0;
    return own >= 0 ? own : (double)m->setup.job->needs.timeout;
}

static void on_no_registers(void *arg)
{
    struct machine *m = arg;

    m->timer = NULL;
    finish(m, ENDED_TIMEOUT);
}

static void on_registers(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct machine *m = arg;

    (void)error_class;
    (void)text;
    if (json_is_string(result))
        text_puts(&m->result->registers, json_string_value(result));
    finish(m, ENDED_TIMEOUT);
}

/* Where the CPUs are says more about a hang than anything; a QEMU that answers has a second. */
static void give_up(struct machine *m)
{
    if (m->qemu->qmp.lost || !m->qemu->qmp.ready) {
        finish(m, ENDED_TIMEOUT);
        return;
    }
    m->timer = loop_timer(m->setup.loop, AUTOPSY_MS, on_no_registers, m);
    qmp_command(&m->qemu->qmp, "human-monitor-command",
                json_pack("{s:s}", "command-line", "info registers -a"), on_registers, m);
}

/* The load may have risen since the start: then there is more time. */
static void on_timer(void *arg)
{
    struct machine *m = arg;
    double limit = base_limit(m) * load_factor(m->setup.options->jobs);
    int64_t left;

    m->timer = NULL;
    m->limit = limit > m->limit ? limit : m->limit;
    left = m->began + (int64_t)(m->limit * 1000) - now_ms();
    if (left > 0)
        m->timer = loop_timer(m->setup.loop, left, on_timer, m);
    else
        give_up(m);
}

static void on_event(void *arg, const char *name, json_t *data)
{
    struct machine *m = arg;
    const char *reason = json_string_value(json_object_get(data, "reason"));

    if (strcmp(name, "SHUTDOWN") == 0) {
        free(m->shutdown);
        m->shutdown = xstrdup(reason ? reason : "?");
    }
    if (!migrate_event(m, name, data))
        hostchan_event(&m->host, name, data);
}

static void on_exit_of_qemu(void *arg)
{
    if (!migrate_survives(arg))
        finish(arg, ENDED_ITSELF);
}

static void take_messages(struct machine *m, struct qemu *q)
{
    m->result->cpu_seconds += q->process.cpu_seconds;
    text_puts(&m->messages, text_str(&q->messages));
    text_free(&q->messages);
}

static void power_off(struct machine *m)
{
    timer_stop(m->timer);
    m->timer = NULL;
    migrate_abort(m);
    qemu_stop(m->qemu);
    hostchan_stop(&m->host);
    com1_detach(&m->com1);
    m->running = false;
}

/* A last look at what QEMU left in COM1 may show that the guest did more than was known. */
static enum ending last_look(struct machine *m, enum ending ending)
{
    if (ending == ENDED_FLOOD || ending == ENDED_RESTARTED || read_com1(m))
        return ending;
    return m->result->ktap.restarted ? ENDED_RESTARTED : ENDED_FLOOD;
}

static void finish(struct machine *m, enum ending ending)
{
    struct result *r = m->result;
    bool qmp_lost = m->qemu->qmp.lost;
    char *qmp_problem = m->qemu->qmp.problem ? xstrdup(m->qemu->qmp.problem) : NULL;

    if (!m->running)
        return;
    ending = last_look(m, ending);
    r->seconds = (double)(now_ms() - m->began) / 1000;
    r->host = m->host.log;
    m->host.log = (struct text){0};
    power_off(m);
    take_messages(m, m->qemu);
    r->messages = m->messages;
    m->messages = (struct text){0};
    r->status = verdict(&(struct outcome){.id = m->setup.job->test->id,
                                          .ktap = &r->ktap,
                                          .ending = ending,
                                          .wait_status = m->qemu->wait_status,
                                          .messages = text_str(&r->messages),
                                          .limit = m->limit,
                                          .flood = MACHINE_SERIAL_MAX,
                                          .qmp_lost = qmp_lost,
                                          .qmp_problem = qmp_problem,
                                          .shutdown = m->shutdown},
                        &r->reason);
    free(qmp_problem);
    free(m->shutdown);
    m->shutdown = NULL;
    m->done(m->arg);
}

static void on_migrate(void *arg)
{
    migrate_start(arg);
}

static void on_give_up(void *arg)
{
    migrate_give_up(arg);
}

/* Nothing runs: the sentence is the result. */
static void fail_to_start(struct machine *m, char *sentence)
{
    m->result->status = ERROR;
    m->result->reason = sentence;
    m->done(m->arg);
}

static void start_hostchan(struct machine *m, int fd, double factor)
{
    struct hostchan_owner owner = {.migrate = on_migrate, .give_up = on_give_up, .arg = m};

    hostchan_start(&m->host, m->setup.loop, fd, &m->qemu->qmp, &owner,
                   (int64_t)(HOSTCHAN_LIMIT_MS * factor));
}

void machine_start(struct machine *m, const struct machine_setup *setup, struct result *result,
                   machine_done_fn *done, void *arg)
{
    double factor = load_factor(setup->options->jobs);
    struct channels ends;
    struct command command;
    char *error;

    *m = (struct machine){
        .setup = *setup, .result = result, .com1 = {.fd = -1}, .done = done, .arg = arg};
    m->qemu = &m->carrier[0];
    m->began = now_ms();
    m->limit = base_limit(m) * factor;
    command = machine_command(m);
    error = channels_start(m->qemu, &ends, setup->loop, &command, setup->log ? MACHINE_LOG_MAX : 0,
                           on_event, on_exit_of_qemu, m);
    if (error) {
        fail_to_start(m, error);
        return;
    }
    m->running = true;
    com1_attach(&m->com1, setup->loop, ends.com1, on_com1, m);
    start_hostchan(m, ends.com2, factor);
    if (m->limit > 0)
        m->timer = loop_timer(setup->loop, (int64_t)(m->limit * 1000), on_timer, m);
}

struct command machine_command(const struct machine *m)
{
    return (struct command){.config = m->setup.job->config,
                            .needs = &m->setup.job->needs,
                            .id = m->setup.ids ? m->setup.ids : m->setup.job->test->id,
                            .append = &m->setup.options->append,
                            .gdb_port = m->setup.gdb_port,
                            .log = m->setup.log};
}

struct qemu *machine_spare(struct machine *m)
{
    return m->qemu == &m->carrier[0] ? &m->carrier[1] : &m->carrier[0];
}

bool machine_move(struct machine *m, struct qemu *to, const struct channels *ends)
{
    qemu_stop(m->qemu);
    take_messages(m, m->qemu);
    m->qemu = to;
    m->moves++;
    qemu_hand_over(to, on_event, on_exit_of_qemu, m);
    hostchan_move(&m->host, ends->com2, &to->qmp);
    if (!take_com1(m)) {
        close(ends->com1);
        return false;
    }
    com1_detach(&m->com1);
    com1_attach(&m->com1, m->setup.loop, ends->com1, on_com1, m);
    return true;
}

void machine_abort(struct machine *m)
{
    if (!m->running)
        return;
    power_off(m);
    text_free(&m->qemu->messages);
    text_free(&m->messages);
    text_free(&m->host.log);
    free(m->shutdown);
    m->shutdown = NULL;
}
