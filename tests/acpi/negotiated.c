/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DSDT after a negotiation: QEMU writes it when the firmware first selects an ACPI file, with
 * the features that are in force then. qboot negotiates nothing, so the host does it in its place
 * between the reset and qboot's first instruction.
 */
#include <stddef.h>

#include "hw/cpuhp.h"
#include "hw/fw_cfg.h"
#include "hw/ich9.h"
#include "kernel/acpi.h"
#include "kernel/host.h"
#include "kernel/stop.h"
#include "kernel/test.h"
#include "tests/acpi/cpu_methods.h"
#include "tests/acpi/negotiated.h"
#include "tests/acpi/ports.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/negotiation/features.h"

#define RULE                                                                              \
    "QEMU commits 9cc5a90b0e (the DSDT collects new CPUs, raises SMI 4 at APM_CNT, then " \
    "notifies), 69dea9d6b3 (_EJ0: bit 4 and SMI 4); docs/specs/acpi_cpu_hotplug"
#define HERE METHODS_MACHINE NEGOTIATED_NEEDS

static struct aml_write writes[AML_WRITES_MAX];
static uint32_t count;

/* Resets the machine; before it runs again, the host has negotiated this set. */
static void reset_negotiated(uint64_t set)
{
    static struct fw_cfg_dma dma;
    static uint64_t request;
    uint16_t requested = features_key(FW_SMI_FILE_REQUESTED);
    uint16_t ok = features_key(FW_SMI_FILE_OK);

    request = set;
    dma.control = __builtin_bswap32(FW_CFG_DMA_KEY(requested) | FW_CFG_DMA_SELECT |
                                    FW_CFG_DMA_WRITE);
    dma.length = __builtin_bswap32(sizeof(request));
    dma.address = __builtin_bswap64((uintptr_t)&request);
    REQUIRE_TRUE("modern", cpuhp_modern_enable(), "the modern interface is in force");
    test_announce_reset();
    /* An event starts it, when all is said: this machine will be stopped. */
    host_post("wait ACPI_DEVICE_OST");
    host_post("hmp stop");
    host_post("hmp system_reset");
    host_post("hmp o /w %#x 0", FW_CFG_DMA_HIGH);
    host_post("hmp o /w %#x %#x", FW_CFG_DMA_LOW, __builtin_bswap32((uint32_t)(uintptr_t)&dma));
    host_post("hmp o /h %#x %#x", FW_CFG_SELECTOR, ok);
    host_post("hmp cont");
    cpuhp_ost(0, 0, 0);
    cpu_stop();
}

void negotiated_begin(uint64_t set)
{
    uint64_t supported = features_require();

    if (!features_valid(set, supported))
        SKIP("the machine type does not offer %#llx", (unsigned long long)set);
    if (test_boot() == 1)
        reset_negotiated(set);
    if (features_in_force() != set)
        ERROR("the host could not negotiate in the firmware's place");
    methods_begin();
    ich9_pm_enable();
    ich9_smi_en_write(0);
    aml_take_writes(writes, AML_WRITES_MAX);
}

static void take_writes(void)
{
    count = aml_take_writes(writes, AML_WRITES_MAX);
    if (count == AML_WRITES_MAX)
        ERROR("the methods write more often than this test can see");
}

/* Number of writes with any of these bits to a port; the position of the last one, from 1. */
static uint32_t writes_to(uint16_t port, uint32_t bits, uint32_t *last)
{
    uint32_t n = 0;

    *last = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (writes[i].port == port && (bits == ~0U || writes[i].value & bits)) {
            *last = i + 1;
            n++;
        }
    }
    return n;
}

static void expect_no_smi(const char *id, const char *sentence)
{
    uint32_t at;

    EXPECT_EQ(id, writes_to(APM_CNT, ~0U, &at), 0, sentence);
}

/* One command for the firmware. Returns its position among the writes. */
static uint32_t expect_smi(const char *id)
{
    uint32_t at;

    REQUIRE_EQ(id, writes_to(APM_CNT, ~0U, &at), 1, "the firmware is called, once");
    EXPECT_EQ("command", writes[at - 1].value, APM_CNT_CPU_HOTPLUG, "with command 4");
    EXPECT_EQ("byte", writes[at - 1].bytes, 1, "a byte: APM_STS is not written");
    return at;
}

/* These CPUs come; they are all told to the OS in one run of the handler. */
static void plug(const char *id, const uint32_t *slot, uint32_t n)
{
    struct aml_notify want[4];

    for (uint32_t i = 0; i < n; i++) {
        slots_plug(slot[i]);
        methods_flags[slot[i]] = CPUHP_ENABLED;
        want[i] = (struct aml_notify){slot[i], NOTIFY_DEVICE_CHECK};
    }
    methods_handle_gpe(id, want, n);
    take_writes();
}

/* The firmware is called when all is collected: no CPU has been told of, no event cleared. */
static void check_plug(const char *id, const uint32_t *slot, uint32_t n)
{
    uint32_t smi, at;

    plug(id, slot, n);
    CONTEXT("%u CPUs", n);
    smi = expect_smi("smi");
    EXPECT_EQ("before-notify", writes[smi - 1].notifies, 0, "before the OS is told of any CPU");
    EXPECT_EQ("clears", writes_to(CPUHP_FLAGS, CPUHP_INSERT, &at), n,
              "every insert event is cleared once");
    for (uint32_t i = 0; i < smi; i++)
        EXPECT_TRUE("before-clear", writes[i].port != CPUHP_FLAGS,
                    "but none before the firmware has seen it");
    CONTEXT_CLEAR();
}

static void eject(uint32_t slot)
{
    static const uint64_t one[] = {1};

    methods_evaluate(aml_child(methods_cpu[slot], "_EJ0"), one, 1);
    take_writes();
}

static void check_direct_eject(uint32_t slot)
{
    uint32_t at;

    eject(slot);
    expect_no_smi("eject-smi", "_EJ0 does not call the firmware");
    EXPECT_EQ("eject", writes_to(CPUHP_FLAGS, CPUHP_EJECT, &at), 1, "it ejects the CPU itself");
    EXPECT_EQ("eject-request", writes_to(CPUHP_FLAGS, CPUHP_FW_REMOVE, &at), 0,
              "and asks nobody else to");
    methods_flags[slot] = 0;
    slots_expect("ejected", methods_flags, METHODS_SLOTS, "the slot is empty at once");
}

TEST(acpi, smi_plug, "the GPE handler calls the firmware for new CPUs before the OS hears of them",
     SPEC(RULE), NEEDS(HERE "machine>=pc-q35-6.0 qemu>=6.0"))
{
    negotiated_begin(NEGOTIATED_UNPLUG);
    EXPECT_TRUE("ports", ports_reserved(APM_CNT, 2),
                "APM_CNT and APM_STS are a device's: the OS gives them to nobody else");
    methods_handle_gpe("none", NULL, 0);
    take_writes();
    expect_no_smi("none-smi", "without an event there is nothing to call it for");
    check_plug("one", (const uint32_t[]){9}, 1);
    check_plug("three", (const uint32_t[]){2, 5, 11}, 3);
    slots_unplug(5);
    slots_unplug(1);
    methods_handle_gpe("unplug", (const struct aml_notify[]){{1, NOTIFY_EJECT}, {5, NOTIFY_EJECT}},
                       2);
    take_writes();
    expect_no_smi("unplug-smi", "nor for CPUs that shall go: the OS comes first");
}

TEST(acpi, smi_plug_only, "with hotplug but not unplug negotiated, _EJ0 leaves the firmware alone",
     SPEC(RULE), NEEDS(HERE "machine>=pc-q35-5.2 qemu>=5.2"))
{
    negotiated_begin(NEGOTIATED_HOTPLUG);
    check_plug("two", (const uint32_t[]){4, 11}, 2);
    check_direct_eject(11);
    check_direct_eject(4);
}

TEST(acpi, smi_eject, "with unplug negotiated, _EJ0 hands the CPU to the firmware and calls it",
     SPEC(RULE), NEEDS(HERE "machine>=pc-q35-6.0 qemu>=6.0"))
{
    static const uint32_t slots[] = {7, 1, 3};
    uint32_t smi, at;

    negotiated_begin(NEGOTIATED_UNPLUG);
    check_plug("two", (const uint32_t[]){3, 7}, 2);
    for (unsigned int i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        eject(slots[i]);
        CONTEXT("processor %u", slots[i]);
        smi = expect_smi("smi");
        EXPECT_EQ("handed", writes_to(CPUHP_FLAGS, CPUHP_FW_REMOVE, &at), 1,
                  "bit 4 is written, once");
        EXPECT_TRUE("order", at && at < smi, "before the firmware is called");
        EXPECT_EQ("left", writes_to(CPUHP_FLAGS, CPUHP_EJECT, &at), 0,
                  "the OS leaves the eject bit alone");
        CONTEXT_CLEAR();
        methods_flags[slots[i]] |= CPUHP_FW_REMOVE;
        slots_expect("waits", methods_flags, METHODS_SLOTS,
                     "the CPU is there and waits for the firmware, none other does");
    }
}

TEST(acpi, smi_none, "with broadcast alone negotiated, the DSDT never calls the firmware",
     SPEC(RULE), NEEDS(HERE "machine>=pc-q35-2.9 qemu>=5.2"))
{
    negotiated_begin(FW_SMI_BROADCAST);
    methods_handle_gpe("none", NULL, 0);
    take_writes();
    expect_no_smi("none-smi", "the GPE handler does not");
    check_direct_eject(1);
}
