/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/cpuhp_host/slots.h"

#include "hw/cmos.h"
#include "hw/fw_cfg.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/host.h"
#include "kernel/test.h"
#include "lib/string.h"

void slots_begin(void)
{
    uint32_t selector = 0;

    if (!host_init())
        ERROR("there is no host on COM2");
    REQUIRE_TRUE("modern", cpuhp_modern_enable(), "the modern interface can be switched on");
    REQUIRE_TRUE("nothing-pending", !cpuhp_next_event(&selector), "no event is pending yet");
    EXPECT_EQ("no-gpe", ich9_pm_read8(GPE0_STS), 0, "no GPE is pending yet");
}

static void accepted(const char *request, uint32_t slot, const char *id, const char *sentence)
{
    char answer[200];

    if (!host_request(answer, sizeof(answer), "%s %u", request, slot)) {
        FAIL_CHECK(id, sentence, "slot %u: %s", slot, answer);
        test_end();
    }
    EXPECT_TRUE(id, true, sentence);
}

void slots_plug(uint32_t slot)
{
    accepted("plug", slot, "plug", "device_add is accepted");
}

void slots_unplug(uint32_t slot)
{
    accepted("unplug", slot, "unplug", "device_del is accepted");
}

void slots_refused(const char *id, const char *error_class, const char *words, const char *request,
                   uint32_t slot, const char *sentence)
{
    char answer[300];

    if (host_request(answer, sizeof(answer), "%s %u", request, slot)) {
        FAIL_CHECK(id, sentence, "%s of slot %u was accepted", request, slot);
        return;
    }
    CONTEXT("%s of slot %u: %s", request, slot, answer);
    EXPECT_TRUE(id,
                strncmp(answer, "error ", 6) == 0 &&
                    strncmp(answer + 6, error_class, strlen(error_class)) == 0 &&
                    strstr(answer, words),
                sentence);
    CONTEXT_CLEAR();
}

uint8_t slots_flags(uint32_t slot)
{
    cpuhp_select(slot);
    return cpuhp_flags() & FLAGS_MASK;
}

void slots_control(uint32_t slot, uint8_t bits)
{
    cpuhp_select(slot);
    cpuhp_write_flags(bits);
}

void slots_expect(const char *id, const uint8_t *flags, uint32_t count, const char *sentence)
{
    for (uint32_t slot = 0; slot < count; slot++) {
        CONTEXT("slot %u", slot);
        EXPECT_EQ(id, slots_flags(slot), flags[slot], sentence);
    }
    CONTEXT_CLEAR();
}

/* What the scan should find from start on; start if there is nothing. */
static uint32_t next_event(const uint8_t *flags, uint32_t count, uint32_t start)
{
    for (uint32_t i = 0; i < count; i++) {
        if (flags[(start + i) % count] & CPUHP_EVENTS)
            return (start + i) % count;
    }
    return start;
}

void slots_expect_scan(const char *id, const uint8_t *flags, uint32_t count)
{
    for (uint32_t start = 0; start < count; start++) {
        uint32_t want = next_event(flags, count, start);

        CONTEXT("from selector %u", start);
        cpuhp_select(start);
        EXPECT_EQ(id, cpuhp_command_data(CPUHP_CMD_NEXT_EVENT), want,
                  "command 0 selects the next CPU with an event, or none");
        EXPECT_EQ(id, inl(CPUHP_DATA2), 0, "command data 2 is 0 meanwhile");
        EXPECT_EQ(id, cpuhp_flags() & FLAGS_MASK, flags[want],
                  "the flags that follow are the found CPU's, events and all");
    }
    CONTEXT_CLEAR();
}

void slots_expect_host(const char *id, const uint8_t *flags, uint32_t count, const char *sentence)
{
    static char answer[1024];
    char want[2 * SLOTS_MAX + 1];
    const char *rest;
    uint32_t n = 0;

    for (uint32_t slot = 0; slot < count; slot++) {
        want[n++] = flags[slot] & CPUHP_ENABLED ? '1' : '0';
        want[n++] = ' ';
    }
    want[n - 1] = '\0';
    if (!host_request(answer, sizeof(answer), "cpus"))
        ERROR("the host cannot list the CPUs: %s", answer);
    CONTEXT("got \"%s\", wanted \"%s\"", answer, want);
    EXPECT_TRUE(id, strncmp(answer, want, n - 1) == 0, sentence);
    rest = strlen(answer) < n - 1 ? "" : answer + n - 1;
    EXPECT_TRUE(id, !strstr(rest, "1"), "slots behind these are empty");
    CONTEXT_CLEAR();
}

void slots_expect_number(const char *id, uint32_t n, const char *sentence)
{
    uint16_t number = 0;

    fw_cfg_select(FW_CFG_NB_CPUS);
    fw_cfg_read(&number, sizeof(number));
    CONTEXT("fw_cfg item 5");
    EXPECT_EQ(id, number, n, sentence);
    CONTEXT("CMOS byte 5Fh");
    EXPECT_EQ(id, cmos_read(CMOS_BOOT_CPUS), n > UINT8_MAX ? 0 : n - 1, sentence);
    CONTEXT_CLEAR();
}
