/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the host is told of resets and of sleep: one event each, and who it was. */
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/host.h"
#include "kernel/stop.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/s3/s3.h"

#define RUN_STATE "QEMU qapi/run-state.json: "
#define ANSWER    256

/* One RESET has come, and nothing else of that name. */
static void expect_reset(const char *guest, const char *reason)
{
    char answer[ANSWER];

    CONTEXT("boot %u", test_boot());
    REQUIRE_TRUE("event", host_request(answer, sizeof(answer), "wait RESET"), "the host is told");
    EXPECT_TRUE("guest", strstr(answer, guest) != NULL, "and whether it was the guest");
    EXPECT_TRUE("reason", strstr(answer, reason) != NULL, "and why");
    REQUIRE_TRUE("events", host_request(answer, sizeof(answer), "events"), "the host has events");
    EXPECT_TRUE("once", strstr(answer, "RESET") == NULL, "it is told once");
    CONTEXT_CLEAR();
}

TEST(reset, events, "every reset is one event for the host, which says who it was and why",
     SPEC(RUN_STATE "RESET: guest, reason"),
     NEEDS("smm=any accel=tcg firmware=virgin boot=own host=wait,events,reset"))
{
    static const uint8_t ways[] = {RST_CNT_SYS_RST | RST_CNT_RST_CPU,
                                   RST_CNT_FULL_RST | RST_CNT_SYS_RST | RST_CNT_RST_CPU};
    uint32_t boot = test_boot();

    if (!host_init())
        ERROR("there is no host on COM2");
    if (boot == 4)
        expect_reset("\"guest\":false", "\"host-qmp-system-reset\"");
    else if (boot > 1)
        expect_reset("\"guest\":true", "\"guest-reset\"");
    if (boot < 3) {
        test_announce_reset();
        outb(RST_CNT, ways[boot - 1]);
        cpu_stop();
    }
    if (boot == 3) {
        test_announce_reset();
        host_do("reset");
        cpu_stop();
    }
}

TEST(reset, events_sleep, "going to sleep and waking up are one event each, in this order",
     SPEC(RUN_STATE "SUSPEND, WAKEUP"),
     NEEDS("smm=any accel=tcg firmware=virgin boot=own host=wakeup,events"))
{
    char answer[ANSWER];
    const char *suspend, *wakeup;

    if (!host_init())
        ERROR("there is no host on COM2");
    REQUIRE_TRUE("events", host_request(answer, sizeof(answer), "events"), "the host has events");
    if (test_boot() == 1)
        s3_suspend();
    CONTEXT("wake-up %u", test_boot() - 1);
    suspend = strstr(answer, "SUSPEND");
    wakeup = strstr(answer, "WAKEUP");
    EXPECT_TRUE("suspend", suspend != NULL, "the host is told that the machine sleeps");
    REQUIRE_TRUE("wakeup", wakeup != NULL && suspend < wakeup, "and then that it woke up");
    EXPECT_TRUE("once", !strstr(suspend + 1, "SUSPEND") && !strstr(wakeup + 1, "WAKEUP"),
                "once each");
    CONTEXT_CLEAR();
    if (test_boot() == 2)
        s3_suspend();
}
