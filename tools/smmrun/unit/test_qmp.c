/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The QMP client against a peer that we write line by line. */
#include "tools/smmrun/unit/unit.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/smmrun/qmp.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n"
#define READY    "{\"return\": {}, \"id\": 1}\r\n"

/* What the client's callbacks were told. */
struct seen {
    struct text text;
};

struct fixture {
    struct loop *loop;
    struct qmp qmp;
    int peer;
    struct seen seen;
    bool stop;
};

static void on_event(void *arg, const char *name, json_t *data)
{
    struct fixture *f = arg;
    char *s = data ? json_dumps(data, JSON_COMPACT) : xstrdup("none");

    text_printf(&f->seen.text, "event %s %s;", name, s);
    free(s);
}

static void on_answer(void *arg, json_t *result, const char *error_class, const char *text)
{
    struct fixture *f = arg;
    char *s = result ? json_dumps(result, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    if (result)
        text_printf(&f->seen.text, "return %s;", s);
    else
        text_printf(&f->seen.text, "error %s %s;", error_class, text);
    free(s);
}

static void on_idle(void *arg)
{
    *(bool *)arg = true;
}

/* Lets the client run until it has nothing to do for 5 ms. */
static void settle(struct fixture *f)
{
    f->stop = false;
    loop_timer(f->loop, 5, on_idle, &f->stop);
    loop_run(f->loop, &f->stop);
}

static void say(struct fixture *f, const char *text)
{
    assert_int_equal(write(f->peer, text, strlen(text)), strlen(text));
    settle(f);
}

/* What the client has sent since the last time. */
static void expect_sent(struct fixture *f, const char *wanted)
{
    char buffer[4096];
    ssize_t n;

    settle(f);
    n = recv(f->peer, buffer, sizeof(buffer) - 1, MSG_DONTWAIT);
    buffer[n > 0 ? n : 0] = '\0';
    assert_string_equal(buffer, wanted);
}

static void expect_seen(struct fixture *f, const char *wanted)
{
    assert_string_equal(text_str(&f->seen.text), wanted);
    text_free(&f->seen.text);
}

static int set_up(void **state)
{
    struct fixture *f = xcalloc(1, sizeof(*f));
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return -1;
    f->loop = loop_new();
    f->peer = pair[1];
    qmp_start(&f->qmp, f->loop, pair[0], on_event, f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    qmp_stop(&f->qmp);
    loop_free(f->loop);
    close(f->peer);
    text_free(&f->seen.text);
    free(f);
    return 0;
}

static void greet(struct fixture *f)
{
    say(f, GREETING);
    expect_sent(f, "{\"execute\":\"qmp_capabilities\",\"id\":1}\n");
    say(f, READY);
}

static void test_greeting_in_pieces(void **state)
{
    struct fixture *f = *state;

    qmp_command(&f->qmp, "nmi", NULL, on_answer, f);
    for (const char *s = GREETING; *s; s++)
        say(f, (char[]){*s, 0});
    /* The command was given the first id but waits for the greeting's end. */
    expect_sent(f, "{\"execute\":\"qmp_capabilities\",\"id\":2}\n");
    say(f, "{\"return\": {}, \"id\": 2}\n");
    expect_sent(f, "{\"execute\":\"nmi\",\"id\":1}\n");
    say(f, "{\"return\": {}, \"id\": 1}\n");
    expect_seen(f, "return {};");
}

static void test_events_between(void **state)
{
    struct fixture *f = *state;

    greet(f);
    qmp_command(&f->qmp, "a", json_pack("{s:i}", "x", 1), on_answer, f);
    qmp_command(&f->qmp, "b", NULL, on_answer, f);
    expect_sent(f, "{\"execute\":\"a\",\"arguments\":{\"x\":1},\"id\":2}\n"
                   "{\"execute\":\"b\",\"id\":3}\n");
    say(f, "{\"event\": \"RESUME\"}\n{\"return\": [1], \"id\": 2}\n"
           "{\"event\": \"STOP\", \"data\": {\"y\": 2}}\n{\"return\": 7, \"id\": 3}\n");
    expect_seen(f, "event RESUME none;return [1];event STOP {\"y\":2};return 7;");
}

static void test_error(void **state)
{
    struct fixture *f = *state;

    greet(f);
    qmp_command(&f->qmp, "a", NULL, on_answer, f);
    say(f, "{\"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"no cpu9\"}, \"id\": 2}\n");
    expect_seen(f, "error DeviceNotFound no cpu9;");
    assert_false(f->qmp.lost);
}

static void test_closed_half_way(void **state)
{
    struct fixture *f = *state;

    greet(f);
    qmp_command(&f->qmp, "a", NULL, on_answer, f);
    qmp_command(&f->qmp, "b", NULL, on_answer, f);
    say(f, "{\"return\": {}, \"id");
    shutdown(f->peer, SHUT_RDWR);
    settle(f);
    expect_seen(f, "error Host QEMU closed its QMP connection;"
                   "error Host QEMU closed its QMP connection;");
    assert_true(f->qmp.lost);
    assert_null(f->qmp.problem);
    qmp_command(&f->qmp, "c", json_object(), on_answer, f);
    expect_seen(f, "error Host QEMU closed its QMP connection;");
}

static void expect_garbage(struct fixture *f, const char *text)
{
    qmp_command(&f->qmp, "a", NULL, on_answer, f);
    say(f, text);
    assert_true(f->qmp.lost);
    assert_contains(f->qmp.problem, "something else");
    assert_contains(text_str(&f->seen.text), "error Host QEMU's QMP connection carried");
}

static void test_no_greeting(void **state)
{
    expect_garbage(*state, "{\"return\": {}}\n");
}

static void test_garbage(void **state)
{
    greet(*state);
    expect_garbage(*state, "qemu: \033[31mwhat?\n");
}

static void test_answer_to_nothing(void **state)
{
    greet(*state);
    expect_garbage(*state, "{\"return\": {}, \"id\": 77}\n");
}

static void test_endless_line(void **state)
{
    struct fixture *f = *state;
    static char block[1 << 16];

    greet(f);
    memset(block, ' ', sizeof(block));
    for (int i = 0; i < 300 && !f->qmp.lost; i++) {
        assert_true(write(f->peer, block, sizeof(block)) > 0);
        settle(f);
    }
    assert_true(f->qmp.lost);
    assert_contains(f->qmp.problem, "line without an end");
}

static void test_forget(void **state)
{
    struct fixture *f = *state;

    greet(f);
    qmp_command(&f->qmp, "a", NULL, on_answer, f);
    qmp_forget(&f->qmp, f);
    qmp_command(&f->qmp, "b", NULL, on_answer, f);
    say(f, "{\"return\": \"a\", \"id\": 2}\n{\"return\": \"b\", \"id\": 3}\n");
    expect_seen(f, "return \"b\";");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_greeting_in_pieces), TEST(test_events_between), TEST(test_error),
        TEST(test_closed_half_way),    TEST(test_no_greeting),    TEST(test_garbage),
        TEST(test_answer_to_nothing),  TEST(test_endless_line),   TEST(test_forget),
    };

    return RUN(tests);
}
