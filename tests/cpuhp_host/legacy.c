/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Plug and unplug while the legacy interface is in force, up to QEMU 10.2. */
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "kernel/host.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"

/* Bits of the CPUs' APIC ids, the others 0. */
static void expect_bitmap(const char *id, uint8_t first, const char *sentence)
{
    for (uint16_t i = 0; i < CPUHP_LEGACY_SIZE; i++) {
        CONTEXT("byte %u", i);
        EXPECT_EQ(id, inb(CPUHP_BASE + i), i == 0 ? first : 0, sentence);
    }
    CONTEXT_CLEAR();
}

TEST(cpuhp_host, legacy_plug,
     "in legacy mode a plug sets the bit of its APIC id and raises GPE0 bit 2",
     SPEC("QEMU docs/specs/acpi_cpu_hotplug, \"Legacy ACPI CPU hotplug interface registers\": "
          "\"CPU hot-remove isn't supported\""),
     NEEDS(SPARSE "smm=any qemu<11.0 host=plug,unplug,cpus "))
{
    uint8_t flags[SPARSE_SLOTS] = {[0] = CPUHP_ENABLED, [1] = CPUHP_ENABLED, [4] = CPUHP_ENABLED};

    if (!host_init())
        ERROR("there is no host on COM2");
    expect_bitmap("before", 0x03, "ids 0 and 1 at boot");
    EXPECT_EQ("no-gpe", ich9_pm_read8(GPE0_STS), 0, "no GPE is pending");
    slots_plug(4);
    expect_bitmap("after", 0x23, "the bit of APIC id 5 joins them");
    EXPECT_EQ("gpe", ich9_pm_read8(GPE0_STS), GPE0_CPU_HOTPLUG, "GPE0 bit 2 tells");
    ich9_pm_write8(GPE0_STS, GPE0_CPU_HOTPLUG);
    slots_refused("unplug-refused", "GenericError", "", "unplug", 4, "there is no unplug");
    slots_refused("unplug-refused", "GenericError", "", "unplug", 1, "of any CPU");
    expect_bitmap("unchanged", 0x23, "and no trace of the attempt");
    EXPECT_EQ("no-gpe-again", ich9_pm_read8(GPE0_STS), 0, "nor a GPE");
    slots_expect_number("number", 3, "firmware would find three CPUs");
    slots_expect_host("host", flags, SPARSE_SLOTS, "the host's list agrees");
    REQUIRE_TRUE("modern", cpuhp_modern_enable(), "the modern interface can be switched on");
    for (uint32_t slot = 0; slot < SPARSE_SLOTS; slot++) {
        CONTEXT("slot %u", slot);
        EXPECT_BITS("modern-flags", slots_flags(slot), (uint8_t)~CPUHP_INSERT, flags[slot],
                    "the modern interface knows the CPU as well");
    }
    CONTEXT_CLEAR();
}

TEST(
    cpuhp_host, legacy_sci, "in legacy mode every plug raises an SCI",
    SPEC("QEMU docs/specs/acpi_cpu_hotplug, legacy interface: \"issues SCI with GPE.2 event set\""),
    NEEDS(SPARSE "smm=any accel=tcg qemu<11.0 host=plug "))
{
    if (!host_init())
        ERROR("there is no host on COM2");
    os_route_sci();
    slots_plug(5);
    EXPECT_TRUE("sci", os_wait_sci(1), "the SCI comes");
    EXPECT_EQ("gpe", os_sci_gpe_status(), GPE0_CPU_HOTPLUG, "for GPE0 bit 2");
    os_gpe_done();
    slots_plug(2);
    EXPECT_TRUE("sci-again", os_wait_sci(2), "and for the next one, too");
    expect_bitmap("bitmap", 0x47, "the bits of APIC ids 2 and 6 are set");
}
