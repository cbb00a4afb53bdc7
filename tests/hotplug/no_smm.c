/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU hotplug where there is no SMM to protect, and where there can be none. */
#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"
#include "tests/hotplug/steps.h"

#define SPECS "QEMU docs/specs/acpi_cpu_hotplug; docs/system/cpu-hotplug; Intel SDM vol. 3, 8.4.4"
#define HERE  "boot=own timeout=40 host=plug,cpus,wait smm=off "

static uint64_t add_one(void *arg)
{
    return *(const uint64_t *)arg + 1;
}

/* From device_add to a CPU that works for the operating system, which does it alone. */
static void plug(uint32_t slot, uint8_t *flags, uint32_t slots)
{
    uint32_t id = (uint32_t)cpuhp_arch_id(slot);
    uint64_t value = 0, argument = slot;
    uint32_t n, cpus = smp_cpus();

    CONTEXT("slot %u", slot);
    step_nothing_pending(slot);
    slots_plug(slot);
    step_event_signalled(slot);
    flags[slot] = CPUHP_ENABLED | CPUHP_INSERT;
    slots_expect("step09-slots", flags, slots, "no other slot has changed");
    slots_expect_host("step09-host", flags, slots, "the host's list agrees");
    step_acknowledge(slot);
    flags[slot] = CPUHP_ENABLED;
    slots_expect("step18-slots", flags, slots, "the acknowledgement is for this slot");
    n = smp_start_one(id);
    REQUIRE_EQ("step16-init-sipi-sipi", n, cpus, "INIT-SIPI-SIPI starts the CPU");
    EXPECT_EQ("step16-apic-id", smp_apic_id(n), id, "it is the CPU that was called");
    REQUIRE_TRUE("step20-works", smp_call(n, add_one, &argument, &value), "it does its work");
    EXPECT_EQ("step20-result", value, slot + 1, "and the result is right");
    slots_expect_number("step20-number", cpus + 1, "firmware would find one more");
}

static void run(uint32_t boot)
{
    uint8_t flags[12] = {0};

    slots_begin();
    os_init();
    REQUIRE_TRUE("boot-aps", smp_start_all(), "the boot APs start");
    EXPECT_EQ("boot-cpus", smp_cpus(), boot, "all of them");
    for (uint32_t slot = 0; slot < boot; slot++)
        flags[slot] = CPUHP_ENABLED;
    plug(7, flags, 12);
    plug(3, flags, 12);
    plug(11, flags, 12);
}

TEST(hotplug, os_only, "without SMM the operating system takes a new CPU in by itself", SPEC(SPECS),
     NEEDS(HERE "smp=1 maxcpus=12 sockets=4 dies=1 cores=3 threads=1"))
{
    run(1);
}

TEST(hotplug, os_only_aps, "the same in a machine with boot APs", SPEC(SPECS),
     NEEDS(HERE "smp=3 maxcpus=12 sockets=4 dies=1 cores=3 threads=1"))
{
    run(3);
}

#define CPUID_SEV     0x8000001fU /* AMD APM vol. 3, Fn8000_001F */
#define SEV_SUPPORTED BIT(1)      /* of EAX */

TEST(hotplug, sev, "a CPU is taken in where the guest's memory is encrypted",
     SPEC("AMD APM vol. 2, 15.34 (SEV), 15.35.4 (SEV-ES: no SMM for the guest); edk2 "
          "OvmfPkg/SmmControl2Dxe/SmiFeatures.c requests broadcast only"),
     NEEDS("boot=own smm=any"))
{
    struct cpuid_regs last, sev = {0};

    cpuid(0x80000000, 0, &last);
    if (last.eax >= CPUID_SEV)
        cpuid(CPUID_SEV, 0, &sev);
    if (!(sev.eax & SEV_SUPPORTED))
        SKIP("this machine does not encrypt the guest's memory: SEV needs KVM on an AMD EPYC host, "
             "-object sev-guest and OVMF");
    SKIP("this kernel cannot be started in an encrypted guest: Multiboot's loader and COM2 write "
         "to memory in plain text, and a first-SMI handler for it needs OVMF's");
}
