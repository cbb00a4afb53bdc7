/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests on the host channel, and CPU slots. */
#include "tools/smmrun/unit/unit.h"

#include "tools/smmrun/hostreq.h"
#include "tools/smmrun/slots.h"

static struct hostreq good(const char *line)
{
    struct hostreq r;
    char *error = hostreq_parse(&r, line);

    if (error)
        fail_msg("%s: %s", line, error);
    return r;
}

static void bad(const char *line, const char *answer)
{
    struct hostreq r;
    char *error = hostreq_parse(&r, line);

    assert_non_null(error);
    assert_int_equal(strncmp(error, answer, strlen(answer)), 0);
    free(error);
    hostreq_free(&r);
}

static void test_requests(void **state)
{
    struct hostreq r = good("plug 3");

    (void)state;
    assert_int_equal(r.verb, HOST_PLUG);
    assert_int_equal(r.number, 3);
    hostreq_free(&r);
    r = good("peek 0x7f000000 4096");
    assert_int_equal(r.number, 0x7f000000);
    assert_int_equal(r.length, 4096);
    hostreq_free(&r);
    r = good("qom-get type:ICH9-LPC x-smi-negotiated-features");
    assert_string_equal(r.word, "type:ICH9-LPC");
    assert_string_equal(r.rest, "x-smi-negotiated-features");
    hostreq_free(&r);
    r = good("hmp info  registers -a");
    assert_string_equal(r.rest, "info  registers -a");
    hostreq_free(&r);
    r = good("query acpi-ospm-status");
    assert_int_equal(r.verb, HOST_QUERY);
    assert_string_equal(r.rest, "acpi-ospm-status");
    hostreq_free(&r);
    r = good("wait ACPI_DEVICE_OST");
    assert_string_equal(r.word, "ACPI_DEVICE_OST");
    assert_int_equal(r.number, 0);
    hostreq_free(&r);
    r = good("wait ACPI_DEVICE_OST 500");
    assert_string_equal(r.word, "ACPI_DEVICE_OST");
    assert_int_equal(r.number, 500);
    hostreq_free(&r);
    r = good("hello 1");
    hostreq_free(&r);
    r = good("cpus ");
    hostreq_free(&r);
}

static void test_bad_requests(void **state)
{
    (void)state;
    bad("migrates", "Unsupported ");
    bad("migrate there", "Usage migrate");
    bad("", "Unsupported ");
    bad("\033[H", "Unsupported this runner knows no request \"\\x1b[H\"");
    bad("plugs 3", "Unsupported ");
    bad("plug", "Usage plug NUMBER");
    bad("plug three", "Usage ");
    bad("plug -1", "Usage ");
    bad("plug 3 4", "Usage ");
    bad("plug 99999999999999999999999", "Usage ");
    bad("cpus 1", "Usage cpus");
    bad("wait", "Usage wait NAME");
    bad("wait A B", "Usage ");
    bad("wait A 0", "Usage ");
    bad("wait A 1 2", "Usage ");
    bad("wait A 5001", "Usage wait has a limit of 5000 ms");
    bad("peek 0x1000", "Usage peek ADDRESS LENGTH");
    bad("peek 0x1000 0", "Usage peek reads 1 to 4096");
    bad("peek 0x1000 4097", "Usage peek reads 1 to 4096");
    bad("peek 0x 1", "Usage ");
    bad("qom-get /machine", "Usage qom-get PATH PROPERTY");
    bad("qom-get a b c", "Usage ");
    bad("hmp", "Usage hmp TEXT");
    bad("query", "Usage query TEXT");
    bad("hello 2", "Unsupported this runner speaks version 1");
}

/* As QEMU answers: last slot first; slot 2's CPU was plugged, slot 0's is there from boot. */
static const char answer[] =
    "[{\"props\":{\"core-id\":1,\"thread-id\":0,\"die-id\":0,\"socket-id\":1},\"vcpus-count\":1,"
    "  \"type\":\"c\"},"
    " {\"props\":{\"core-id\":0,\"thread-id\":0,\"die-id\":0,\"socket-id\":1},\"vcpus-count\":1,"
    "  \"qom-path\":\"/machine/peripheral/cpu2\",\"type\":\"c\"},"
    " {\"props\":{\"core-id\":1,\"thread-id\":0,\"die-id\":0,\"socket-id\":0},\"vcpus-count\":1,"
    "  \"type\":\"c\"},"
    " {\"props\":{\"core-id\":0,\"thread-id\":0,\"die-id\":0,\"socket-id\":0},\"vcpus-count\":1,"
    "  \"qom-path\":\"/machine/unattached/device[0]\",\"type\":\"c\"}]";

static void expect_json(json_t *got, const char *wanted)
{
    char *text = json_dumps(got, JSON_COMPACT | JSON_SORT_KEYS);

    assert_string_equal(text, wanted);
    free(text);
    json_decref(got);
}

static void test_slots(void **state)
{
    json_t *list = json_loads(answer, 0, NULL), *slots = slots_sort(list);
    char *presence = slots_presence(slots), *device = slots_device(slots, 2);

    (void)state;
    assert_string_equal(presence, "1 0 1 0");
    expect_json(slots_add_arguments(slots, 3),
                "{\"core-id\":1,\"die-id\":0,\"driver\":\"c\",\"id\":\"cpu3\",\"socket-id\":1,"
                "\"thread-id\":0}");
    expect_json(slots_add_arguments(slots, 1),
                "{\"core-id\":1,\"die-id\":0,\"driver\":\"c\",\"id\":\"cpu1\",\"socket-id\":0,"
                "\"thread-id\":0}");
    expect_json(slots_del_arguments(slots, 0), "{\"id\":\"/machine/unattached/device[0]\"}");
    expect_json(slots_del_arguments(slots, 2), "{\"id\":\"/machine/peripheral/cpu2\"}");
    expect_json(slots_del_arguments(slots, 3), "{\"id\":\"cpu3\"}");
    assert_int_equal(slots_leading(slots), 1);
    assert_true(slots_present(slots, 2));
    assert_false(slots_present(slots, 3));
    assert_false(slots_present(slots, 4));
    assert_string_equal(device, "c,core-id=0,thread-id=0,die-id=0,socket-id=1,id=cpu2");
    free(device);
    free(presence);
    json_decref(slots);
    json_decref(list);
}

static void test_no_slots(void **state)
{
    static const char *const none[] = {"[]", "{}", "[1]", "[{\"type\":\"c\"}]",
                                       "[{\"type\":1,\"props\":{}}]"};

    (void)state;
    assert_null(slots_sort(NULL));
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        json_t *list = json_loads(none[i], 0, NULL);

        assert_null(slots_sort(list));
        json_decref(list);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_bad_requests),
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_no_slots),
    };

    return RUN(tests);
}
