/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GPE0 bit 2 and the SCI: how the operating system learns that something happened. */
#include "hw/cpu.h"
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "kernel/host.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"

#define GPE                                                                                   \
    "QEMU docs/specs/acpi_cpu_hotplug: GPE.2 notifies of CPU hot-add and hot-remove events; " \
    "ICH9 datasheet, GPE0_STS (R/WC), GPE0_EN"
/* TCG: under KVM the interrupt controllers are the kernel's. */
#define HERE             SPARSE "smm=any accel=tcg host=plug,unplug "
#define GPE0_LEN         8
#define GPE0_PCI_HOTPLUG BIT(1) /* QEMU docs/specs/acpi_pci_hotplug */

/* All bytes of the status register: only bit 2 may ever be set here. */
static void expect_status(const char *id, uint8_t first, const char *sentence)
{
    for (uint8_t i = 0; i < GPE0_LEN; i++) {
        CONTEXT("byte %u", i);
        EXPECT_EQ(id, ich9_pm_read8(GPE0_STS + i), i == 0 ? first : 0, sentence);
    }
    CONTEXT_CLEAR();
}

/* A pending SCI is taken behind the instruction that follows STI. */
static void let_interrupts_in(void)
{
    sti();
    __asm__ volatile("nop");
    cli();
}

static void without_enable(const char *what)
{
    uint32_t before = os_sci_count();

    CONTEXT("%s", what);
    expect_status("status", GPE0_CPU_HOTPLUG, "GPE0 bit 2 is set, and no other");
    CONTEXT("%s", what);
    let_interrupts_in();
    EXPECT_EQ("no-sci", os_sci_count(), before, "without its enable bit there is no SCI");
    ich9_pm_write8(GPE0_EN, (uint8_t)~GPE0_CPU_HOTPLUG);
    let_interrupts_in();
    EXPECT_EQ("other-enables", os_sci_count(), before, "nor with all others");
    ich9_pm_write8(GPE0_EN, GPE0_CPU_HOTPLUG);
    EXPECT_TRUE("late-sci", os_wait_sci(before + 1), "enabling it raises the SCI that waited");
    CONTEXT_CLEAR();
    ich9_pm_write8(GPE0_STS, (uint8_t)~GPE0_CPU_HOTPLUG);
    expect_status("not-others", GPE0_CPU_HOTPLUG, "writing 1 to other bits does not clear it");
    ich9_pm_write8(GPE0_STS, 0);
    expect_status("not-zero", GPE0_CPU_HOTPLUG, "writing 0 does not clear it");
    ich9_pm_write8(GPE0_STS, GPE0_CPU_HOTPLUG);
    expect_status("cleared", 0, "writing 1 clears it");
    ich9_pm_write8(GPE0_EN, GPE0_CPU_HOTPLUG);
    let_interrupts_in();
    EXPECT_EQ("sci-gone", os_sci_count(), before + 1, "and with it goes the SCI");
    ich9_pm_write8(GPE0_EN, 0);
}

TEST(cpuhp_host, gpe_status, "plug and device_del set GPE0 bit 2, which waits for its enable bit",
     SPEC(GPE), NEEDS(HERE))
{
    uint8_t flags[SPARSE_SLOTS] = {CPUHP_ENABLED, CPUHP_ENABLED};

    slots_begin();
    os_init();
    ich9_pm_write8(GPE0_EN, 0);
    slots_plug(4);
    without_enable("plug");
    slots_plug(2);
    without_enable("second plug");
    slots_unplug(4);
    without_enable("device_del");
    slots_unplug(4);
    without_enable("second device_del");
    flags[2] = CPUHP_ENABLED | CPUHP_INSERT;
    flags[4] = CPUHP_ENABLED | CPUHP_INSERT | CPUHP_REMOVE;
    slots_expect("events", flags, SPARSE_SLOTS, "clearing the GPE clears no CPU's event");
}

/* One SCI comes for what just happened, GPE0 bit 2 tells why, and acknowledging ends it. */
static void expect_one_sci(const char *what)
{
    uint32_t before = os_sci_count();

    CONTEXT("%s", what);
    EXPECT_TRUE("sci", os_wait_sci(before + 1), "an SCI comes");
    EXPECT_EQ("gpe", ich9_pm_read8(GPE0_STS), GPE0_CPU_HOTPLUG, "GPE0 bit 2 is why");
    os_gpe_done();
    let_interrupts_in();
    EXPECT_EQ("once", os_sci_count(), before + 1, "once, and no more when it is acknowledged");
    CONTEXT_CLEAR();
}

TEST(cpuhp_host, sci, "every plug and every device_del raises one SCI", SPEC(GPE), NEEDS(HERE))
{
    slots_begin();
    os_init();
    EXPECT_EQ("none", os_sci_count(), 0, "none before");
    slots_plug(5);
    expect_one_sci("plug");
    slots_plug(3);
    expect_one_sci("second plug, insert event of the first pending");
    slots_unplug(5);
    expect_one_sci("device_del");
    slots_unplug(5);
    expect_one_sci("device_del again, remove event pending");
    slots_unplug(1);
    expect_one_sci("device_del of a boot CPU");
    slots_control(5, CPUHP_INSERT);
    slots_control(5, CPUHP_REMOVE);
    slots_control(3, CPUHP_INSERT);
    slots_control(1, CPUHP_REMOVE);
    cpuhp_ost(5, 3, 0);
    let_interrupts_in();
    EXPECT_EQ("own-writes", os_sci_count(), 5,
              "what the operating system writes to the block raises none");
    EXPECT_EQ("own-writes-gpe", ich9_pm_read8(GPE0_STS), 0, "nor does it set the GPE");
}

TEST(cpuhp_host, gpe_collects, "several events before the acknowledgement are one SCI", SPEC(GPE),
     NEEDS(HERE))
{
    slots_begin();
    os_init();
    slots_plug(2);
    slots_plug(4);
    slots_plug(5);
    slots_unplug(2);
    expect_one_sci("three plugs and a device_del");
    slots_control(2, CPUHP_INSERT);
    slots_unplug(4);
    expect_one_sci("later ones are told again");
}

TEST(cpuhp_host, gpe_neighbour, "a CPU event leaves a pending PCI hotplug event alone",
     SPEC(GPE "; docs/specs/acpi_pci_hotplug: GPE.1"),
     NEEDS(SPARSE "accel=tcg host=plug,unplug,hmp qemu>=6.1 machine>=pc-q35-6.1 "
                  "device=pcie-root-port,id=rp0,chassis=1"))
{
    uint32_t before;

    slots_begin();
    os_init();
    host_do("hmp device_add pci-testdev,bus=rp0,id=neighbour");
    REQUIRE_EQ("pci", ich9_pm_read8(GPE0_STS), GPE0_PCI_HOTPLUG, "a PCI device sets GPE0 bit 1");
    slots_plug(4);
    expect_status("both", GPE0_PCI_HOTPLUG | GPE0_CPU_HOTPLUG, "a CPU adds bit 2");
    ich9_pm_write8(GPE0_STS, GPE0_CPU_HOTPLUG);
    expect_status("one", GPE0_PCI_HOTPLUG, "clearing that leaves bit 1");
    slots_unplug(4);
    expect_status("both-again", GPE0_PCI_HOTPLUG | GPE0_CPU_HOTPLUG, "device_del adds it again");
    let_interrupts_in();
    os_gpe_done();
    before = os_sci_count();
    REQUIRE_EQ("still-pci", ich9_pm_read8(GPE0_STS), GPE0_PCI_HOTPLUG, "bit 1 is set all the time");
    slots_plug(2);
    EXPECT_TRUE("sci", os_wait_sci(before + 1),
                "bit 2 raises its SCI, though bit 1 has been set before");
}
