/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What QEMU tells the host about CPU slots when it is asked, record by record. */
#include <stddef.h>

#include "kernel/host.h"
#include "kernel/test.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "tests/cpuhp_host/slots.h"

static char answer[HOST_ANSWER_MAX];

static void query(const char *name)
{
    if (!host_request(answer, sizeof(answer), "query %s", name))
        ERROR("query-%s: %s", name, answer);
}

static uint32_t count(const char *text, const char *what)
{
    uint32_t n = 0;

    for (text = strstr(text, what); text; text = strstr(text + 1, what))
        n++;
    return n;
}

/* What each slot's _OST has reported last; the boot CPUs have no device id. */
static struct {
    uint32_t source, status;
} reported[SPARSE_SLOTS];

static void report(uint32_t slot, uint32_t source, uint32_t status)
{
    cpuhp_ost(slot, source, status);
    reported[slot].source = source;
    reported[slot].status = status;
}

/* plugged: the slot with an id, 0: none of them. */
static void expect_reports(const char *id, uint32_t plugged, const char *sentence)
{
    query("acpi-ospm-status");
    EXPECT_EQ("slots", count(answer, "\"slot-type\":\"CPU\""), SPARSE_SLOTS,
              "there is one record for every CPU slot");
    for (uint32_t slot = 0; slot < SPARSE_SLOTS; slot++) {
        char device[32] = "", record[160];

        if (plugged && slot == plugged)
            snprintf(device, sizeof(device), "\"device\":\"cpu%u\",", slot);
        snprintf(record, sizeof(record),
                 "{%s\"slot\":\"%u\",\"slot-type\":\"CPU\",\"source\":%u,\"status\":%u}", device,
                 slot, reported[slot].source, reported[slot].status);
        CONTEXT("%s", record);
        EXPECT_EQ(id, count(answer, record), 1, sentence);
    }
    CONTEXT_CLEAR();
}

TEST(cpuhp_host, ost_status, "the host can ask what every slot's _OST has reported last",
     SPEC("QEMU qapi/acpi.json, query-acpi-ospm-status, ACPIOSTInfo"),
     NEEDS(SPARSE "smm=any host=plug,unplug,query "))
{
    slots_begin();
    expect_reports("none", 0, "none so far");
    slots_plug(5);
    report(5, 1, 0x83);
    expect_reports("plugged", 5, "the plugged CPU's, with its device id");
    report(3, 0x103, 0x80);
    report(0, 0x200, 0x81);
    expect_reports("others", 5, "that of any other slot as well");
    report(5, 3, 0);
    expect_reports("replaced", 5, "the last one of each");
    slots_control(5, CPUHP_EJECT);
    expect_reports("ejected", 0, "a CPU that is ejected takes its id along");
}

#define CORES   3U
#define THREADS 2U
#define SLOTS   12U

TEST(cpuhp_host, hotpluggable, "the host's list says of every slot what CPU it takes and has",
     SPEC("QEMU qapi/machine.json, query-hotpluggable-cpus, HotpluggableCPU"),
     NEEDS("smp=3 maxcpus=12 sockets=2 dies=1 cores=3 threads=2 boot=own smm=any "
           "host=plug,query "))
{
    static const uint32_t plugged[] = {11, 7};

    slots_begin();
    for (unsigned int i = 0; i < sizeof(plugged) / sizeof(plugged[0]); i++)
        slots_plug(plugged[i]);
    query("hotpluggable-cpus");
    EXPECT_EQ("slots", count(answer, "{\"props\":{"), SLOTS, "there is one record for every slot");
    EXPECT_EQ("vcpus", count(answer, "\"vcpus-count\":1}"), SLOTS, "each takes one CPU");
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        bool there = slot < 3 || slot == plugged[0] || slot == plugged[1];
        uint32_t records = 0;
        char core[32], rest[64];

        snprintf(core, sizeof(core), "{\"props\":{\"core-id\":%u,", slot / THREADS % CORES);
        snprintf(rest, sizeof(rest),
                 "\"socket-id\":%u,\"thread-id\":%u},\"%s\":", slot / THREADS / CORES,
                 slot % THREADS, there ? "qom-path" : "type");
        /* Between them are the ids of levels that not every QEMU has. */
        for (const char *at = strstr(answer, core); at; at = strstr(at + 1, core)) {
            const char *end = strchr(at, '}'), *found = strstr(at, rest);

            records += found && found < end;
        }
        CONTEXT("slot %u: %s ... %s", slot, core, rest);
        EXPECT_EQ("record", records, 1,
                  "one record has its socket, core and thread, and a path if the CPU is there");
    }
    CONTEXT_CLEAR();
}
