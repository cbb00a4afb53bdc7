/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks like a QEMU to the runner, and behaves or misbehaves as the environment
 * variable FAKE says (see behaviours[]). FAKE_REQUESTS: what the "guest" asks the
 * host, separated by "|"; the answers become diagnostics. "migrate" takes the requests
 * that are left to another one of us, unless FAKE_MIGRATE says how it goes wrong.
 */
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STATUS_PASS 33
#define STATUS_FAIL 35

static int qmp = -1, com1 = -1, com2 = -1;
static int incoming = -1; /* where the state comes from, -1: we begin */
static int state = -1;    /* where it goes to: what "getfd" names */
static bool asleep;       /* a guest falls asleep after it has asked to be woken */
static char *requests;    /* that the "guest" still has */
static char id[128] = "?";

static void put(int fd, const char *s)
{
    size_t len = strlen(s);

    while (len) {
        ssize_t n = write(fd, s, len);

        if (n <= 0)
            exit(3);
        s += n;
        len -= (size_t)n;
    }
}

static void head(void)
{
    put(com1,
        "KTAP version 1\n1..1\n# smm-unit-tests kernel fake\n  KTAP version 1\n  # Subtest: ");
    put(com1, id);
    put(com1, "\n  ok 1 first it begins\n");
}

static void tail(bool passed)
{
    put(com1, passed ? "  ok 2 second it goes on\n"
                     : "  # second: got 1, wanted 2 (fake.c:1)\n  not ok 2 second it goes on\n");
    put(com1, "  1..2\n");
    put(com1, passed ? "ok 1 " : "not ok 1 ");
    put(com1, id);
    put(com1, passed ? "\n# smm-unit-tests: PASS: 1 passed, 0 failed, 0 skipped, 0 errors\n"
                     : "\n# smm-unit-tests: FAIL: 0 passed, 1 failed, 0 skipped, 0 errors\n");
}

static void wait_long(void)
{
    for (;;)
        sleep(1000);
}

/* One line from a socket, without its end; false at the end. */
static bool get(int fd, char *line, size_t size)
{
    size_t n = 0;
    char c;

    while (read(fd, &c, 1) == 1) {
        if (c == '\n') {
            line[n] = '\0';
            return true;
        }
        if (n + 1 < size)
            line[n++] = c;
    }
    return false;
}

/* The same for the state and its descriptor, which comes with a byte of "getfd". */
static bool get_message(char *line, size_t size)
{
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    size_t n = 0;
    char c = 0;

    while (c != '\n') {
        struct iovec byte = {&c, 1};
        struct msghdr message = {.msg_iov = &byte,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof(control.space)};

        if (recvmsg(qmp, &message, 0) != 1)
            return false;
        if (message.msg_controllen >= CMSG_LEN(sizeof(int)))
            memcpy(&state, CMSG_DATA(&control.head), sizeof(state));
        if (n + 1 < size)
            line[n++] = c;
    }
    line[n] = '\0';
    return true;
}

static bool migrate_goes(const char *wrong)
{
    const char *how = getenv("FAKE_MIGRATE");

    return strcmp(how ? how : "well", wrong) == 0;
}

static void answer(json_t *message, json_t *request)
{
    json_t *number = json_object_get(request, "id");
    char *text;

    if (number)
        json_object_set(message, "id", number);
    text = json_dumps(message, JSON_COMPACT);
    put(qmp, text);
    put(qmp, "\r\n");
    free(text);
    json_decref(message);
}

static json_t *slots(void)
{
    return json_loads("[{\"type\":\"cpu\",\"props\":{\"core-id\":1,\"socket-id\":0}},"
                      "{\"type\":\"cpu\",\"props\":{\"core-id\":0,\"socket-id\":0},"
                      "\"qom-path\":\"/machine/boot\"}]",
                      0, NULL);
}

/* "pmemsave": the bytes 00 01 02 ... */
static void save_memory(json_t *arguments)
{
    FILE *f = fopen(json_string_value(json_object_get(arguments, "filename")), "wb");

    for (json_int_t i = 0; f && i < json_integer_value(json_object_get(arguments, "size")); i++)
        fputc((int)i, f);
    if (f)
        fclose(f);
}

/* "qom-list": /machine holds a, and that the wanted one. */
static json_t *list_objects(const char *path)
{
    if (strcmp(path, "/machine") == 0)
        return json_loads("[{\"name\":\"a\",\"type\":\"child<other>\"},"
                          "{\"name\":\"c\",\"type\":\"link<wanted>\"}]",
                          0, NULL);
    if (strcmp(path, "/machine/a") == 0)
        return json_loads("[{\"name\":\"b\",\"type\":\"child<wanted>\"}]", 0, NULL);
    return json_array();
}

static json_t *result_of(const char *name, json_t *arguments)
{
    const char *path = json_string_value(json_object_get(arguments, "path"));

    if (strcmp(name, "query-hotpluggable-cpus") == 0)
        return slots();
    if (strcmp(name, "human-monitor-command") == 0)
        return json_string("one\r\ntwo \\ three\r\n");
    if (strcmp(name, "qom-list") == 0)
        return list_objects(path);
    if (strcmp(name, "qom-get") == 0)
        return json_pack("[s]", path);
    if (strcmp(name, "query-migrate") == 0)
        return json_pack("{s:s}", "error-desc", "the road is closed");
    if (strcmp(name, "pmemsave") == 0)
        save_memory(arguments);
    return json_object();
}

static void error(json_t *request, const char *text)
{
    answer(json_loads(text, 0, NULL), request);
}

/* "migrate": all the state there is goes to the other one, and this one stops. */
static void migrate(json_t *request)
{
    if (migrate_goes("refuse")) {
        error(request, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"it is blocked\"}}");
        return;
    }
    answer(json_pack("{s:{}}", "return"), request);
    if (migrate_goes("crash"))
        raise(SIGSEGV);
    if (migrate_goes("fail"))
        put(qmp, "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"failed\"}}\r\n");
    if (migrate_goes("fail") || migrate_goes("never"))
        return;
    put(qmp, "{\"event\": \"STOP\"}\r\n");
    put(com1, "  # it stops here\n");
    put(state, requests ? requests : "");
    close(state);
    put(qmp, "{\"event\": \"MIGRATION\", \"data\": {\"status\": \"completed\"}}\r\n");
}

static void serve_qmp(void)
{
    char line[8192];
    json_t *request;
    const char *name;

    if (!get_message(line, sizeof(line)))
        exit(3);
    request = json_loads(line, 0, NULL);
    name = json_string_value(json_object_get(request, "execute"));
    if (!name)
        exit(3);
    if (strcmp(name, "device_add") == 0)
        put(qmp, "{\"event\": \"ACPI_DEVICE_OST\", \"data\": {\"slot\": \"1\"}}\r\n");
    if (strcmp(name, "system_wakeup") == 0 && !asleep) {
        error(request, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"not suspended\"}}");
        put(qmp, "{\"event\": \"SUSPEND\"}\r\n");
        asleep = true;
    } else if (strcmp(name, "device_del") == 0)
        error(request, "{\"error\":{\"class\":\"DeviceNotFound\",\"desc\":\"no such thing\"}}");
    else if (strcmp(name, "migrate") == 0)
        migrate(request);
    else
        answer(json_pack("{s:o}", "return", result_of(name, json_object_get(request, "arguments"))),
               request);
    json_decref(request);
}

/* Answers QMP until the host's answer is there. */
static void await_host(void)
{
    struct pollfd fds[] = {{qmp, POLLIN, 0}, {com2, POLLIN, 0}};
    char line[16384];

    for (;;) {
        poll(fds, 2, -1);
        if (fds[1].revents) {
            if (!get(com2, line, sizeof(line)))
                exit(3);
            put(com1, "  # ");
            put(com1, line);
            put(com1, "\n");
            return;
        }
        serve_qmp();
    }
}

/* What comes from the other one is the state; an answer to its request comes next. */
static void arrive(void)
{
    static char buffer[8192];
    ssize_t n;
    size_t len = 0;

    if (migrate_goes("astray")) {
        fputs("qemu: -incoming: nobody is expected here\n", stderr);
        exit(1);
    }
    put(qmp, "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n");
    serve_qmp();
    serve_qmp();
    while ((n = read(incoming, buffer + len, sizeof(buffer) - 1 - len)) > 0)
        len += (size_t)n;
    if (migrate_goes("die")) {
        fputs("qemu: error while loading state\n", stderr);
        exit(1);
    }
    requests = len ? buffer : NULL;
    put(com1, "  # it goes on there\n");
    put(qmp, "{\"event\": \"RESUME\"}\r\n");
    await_host();
}

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
    put(com1, "  ok 2 sec");
    raise(SIGSEGV);
    return 0;
}

static int flood(void)
{
    head();
    while (com1 >= 0)
        put(com1, "# and on, and on, and on, and on, and on, and on, and on, and on, and on\n");
    return 0;
}

static int refuse(void)
{
    fputs("qemu: warning: this is none of your business\nqemu: -frob: invalid option\n", stderr);
    return 1;
}

static int host(void)
{
    char *request;

    if (incoming >= 0)
        arrive();
    else {
        requests = getenv("FAKE_REQUESTS");
        put(qmp, "{\"QMP\": {\"version\"");
        usleep(10000);
        put(qmp, ": {}, \"capabilities\": []}}\r\n");
        head();
    }
    while (requests && (request = strsep(&requests, "|"))) {
        put(com2, request);
        put(com2, "\n");
        await_host();
    }
    tail(true);
    return STATUS_PASS;
}

/* The guest asks, and QEMU goes deaf in the middle of its greeting. */
static int qmp_close(void)
{
    char line[256] = "";

    put(qmp, "{\"QMP\": {\"ver");
    close(qmp);
    head();
    put(com2, "plug 1\n");
    if (get(com2, line, sizeof(line))) {
        put(com1, "  # ");
        put(com1, line);
        put(com1, "\n");
    }
    tail(true);
    return STATUS_PASS;
}

static int qmp_close_hang(void)
{
    close(qmp);
    return hang();
}

static int qmp_garbage(void)
{
    put(qmp, "Segmentation fault (core dumped)\n");
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
    put(com1, "\033]0;what\007\377\n");
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

/* The questions that the runner asks before it runs anything. */
static bool asked(int argc, char **argv)
{
    bool kvm = false, smm = false, probe = false;

    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("QEMU emulator version 8.1.2 (a fake)") > 0;
    if (argc == 3 && strcmp(argv[1], "-machine") == 0 && strcmp(argv[2], "help") == 0)
        return puts("microvm  none\npc-q35-8.1  Q35\nq35  Q35 (alias of pc-q35-8.1)\n"
                    "pc-q35-2.8  Q35 (deprecated)") > 0;
    if (argc == 3 && strcmp(argv[1], "-L") == 0)
        return true;
    for (int i = 1; i < argc; i++) {
        kvm |= strcmp(argv[i], "kvm") == 0;
        smm |= strstr(argv[i], "smm=on") != NULL;
        probe |= strcmp(argv[i], "-qmp") == 0;
    }
    if (probe && kvm && smm) {
        fputs("fakeqemu: no SMM in this fake.\n", stderr);
        exit(1);
    }
    return probe && puts("{\"return\": {}}") > 0;
}

static void find_channels(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i++) {
        sscanf(argv[i + 1], "file,id=com1,path=/proc/self/fd/%d", &com1);
        sscanf(argv[i + 1], "socket,id=com2,fd=%d", &com2);
        sscanf(argv[i + 1], "socket,id=qmp,fd=%d", &qmp);
        if (strcmp(argv[i], "-incoming") == 0)
            sscanf(argv[i + 1], "fd:%d", &incoming);
        if (strcmp(argv[i], "-append") == 0)
            sscanf(argv[i + 1], "test=%127s", id);
    }
    if (com1 < 0)
        com1 = STDOUT_FILENO;
}

int main(int argc, char **argv)
{
    const char *fake = getenv("FAKE");

    if (asked(argc, argv))
        return 0;
    find_channels(argc, argv);
    for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++) {
        if (strcmp(behaviours[i].name, fake ? fake : "pass") == 0)
            return behaviours[i].run();
    }
    fprintf(stderr, "fakeqemu: FAKE=%s is no behaviour\n", fake);
    return 1;
}
