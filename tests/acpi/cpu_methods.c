/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/acpi/cpu_methods.h"

#include <stddef.h>

#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "kernel/acpi.h"
#include "kernel/host.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "tests/cpuhp_host/slots.h"

uint32_t methods_slots = METHODS_SLOTS;
uint32_t methods_cpu[SLOTS_MAX];
uint8_t methods_flags[SLOTS_MAX];

uint64_t methods_evaluate(uint32_t node, const uint64_t *args, uint32_t count)
{
    struct aml_value v = {0};

    if (!aml_evaluate(node, args, count, &v)) {
        FAIL_CHECK("method", "the DSDT's methods can be carried out", "%s: %s", aml_name(node),
                   aml_error());
        test_end();
    }
    return v.integer;
}

/* Processor (ACPI 5) or Device with _HID "ACPI0007" (ACPI 6). */
static bool processor_id(uint32_t node, uint64_t *id)
{
    struct aml_value hid = {0};
    uint32_t child;

    *id = aml_number(node);
    if (aml_kind(node) == AML_PROCESSOR)
        return true;
    child = aml_kind(node) == AML_DEVICE ? aml_child(node, "_HID") : AML_NONE;
    if (child == AML_NONE || !aml_evaluate(child, NULL, 0, &hid) || hid.type != AML_STRING ||
        strcmp((const char *)hid.bytes, "ACPI0007") != 0)
        return false;
    child = aml_child(node, "_UID");
    *id = child == AML_NONE ? ~UINT64_C(0) : methods_evaluate(child, NULL, 0);
    return true;
}

static void find_processors(void)
{
    uint32_t found = 0;

    for (uint32_t node = 1; node < aml_nodes(); node++) {
        uint64_t id;

        if (!processor_id(node, &id))
            continue;
        REQUIRE_TRUE("processor-id", id < methods_slots && methods_cpu[id] == AML_NONE,
                     "every processor object has an id of its own, as in the MADT");
        methods_cpu[id] = node;
        found++;
    }
    REQUIRE_EQ("processors", found, methods_slots, "there is a processor object for every slot");
}

/* _INI of the device that owns the register block: an operating system starts with that. */
static void initialise(void)
{
    uint32_t device = AML_NONE, ini;

    for (uint32_t node = 1; node < aml_nodes(); node++) {
        if (aml_kind(node) == AML_REGION && aml_number(node) == CPUHP_BASE)
            device = aml_parent(node);
    }
    REQUIRE_TRUE("region", device != AML_NONE, "an operation region is at the register block");
    ini = aml_child(device, "_INI");
    if (ini != AML_NONE)
        methods_evaluate(ini, NULL, 0);
}

void methods_load(void)
{
    if (!acpi_rsdp())
        SKIP("the firmware installed no ACPI tables");
    if (!aml_load())
        ERROR("the DSDT cannot be read: %s", aml_error());
    find_processors();
    initialise();
}

/* Some QEMUs do not obey _INI: acpi.ini_method is about that. */
void methods_begin(void)
{
    uint32_t selector = 0;

    if (!host_init())
        ERROR("there is no host on COM2");
    methods_load();
    REQUIRE_TRUE("modern", cpuhp_modern_enable(), "the modern interface is in force");
    REQUIRE_TRUE("nothing-pending", !cpuhp_next_event(&selector), "no event is pending");
    methods_flags[0] = methods_flags[1] = CPUHP_ENABLED;
}

void methods_expect_states(const char *id)
{
    for (uint32_t slot = 0; slot < methods_slots; slot++) {
        bool present = methods_flags[slot] & CPUHP_ENABLED;

        CONTEXT("processor %u", slot);
        EXPECT_EQ(id, methods_evaluate(aml_child(methods_cpu[slot], "_STA"), NULL, 0),
                  present ? STA_PRESENT : 0, "_STA is that of a CPU that is there, or 0");
    }
    CONTEXT_CLEAR();
}

void methods_handle_gpe(const char *id, const struct aml_notify *want, uint32_t count)
{
    struct aml_notify got[16];
    uint32_t n, handler = aml_find("_GPE._E02");

    REQUIRE_TRUE("handler", handler != AML_NONE, "GPE 2 has a handler for its edge (_E02)");
    EXPECT_EQ("gpe", ich9_pm_read8(GPE0_STS), count ? GPE0_CPU_HOTPLUG : 0,
              "GPE0 bit 2 tells of it");
    ich9_pm_write8(GPE0_STS, GPE0_CPU_HOTPLUG);
    methods_evaluate(handler, NULL, 0);
    n = aml_take_notifies(got, 16);
    EXPECT_EQ(id, n, count, "the handler notifies of every event once");
    for (uint32_t i = 0; i < count; i++) {
        uint32_t times = 0;

        for (uint32_t k = 0; k < n; k++)
            times += got[k].node == methods_cpu[want[i].node] && got[k].value == want[i].value;
        CONTEXT("processor %u, value %u", want[i].node, want[i].value);
        EXPECT_EQ(id, times, 1, "the CPU is notified of its event");
    }
    CONTEXT_CLEAR();
    slots_expect("cleared", methods_flags, methods_slots, "and no event is left");
}
