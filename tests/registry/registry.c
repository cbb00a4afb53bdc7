/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registry of CPUs that the firmware keeps in SMM, over everything that changes it:
 * adding, removing, switching the BSP, a reset. The services are those of edk2's
 * EFI_SMM_CPU_SERVICE_PROTOCOL.
 */
#include <stddef.h>

#include "firmware/hotplug.h"
#include "firmware/smm.h"
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "hw/smi_features.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/hotplug/scenario.h"
#include "tests/registry/view.h"
#include "tests/unplug/steps.h"

#define REGISTRY                                                                           \
    "edk2 Protocol/SmmCpuService.h; Intel SDM vol. 3, 8.4.1 (IA32_APIC_BASE.BSP), 34.13; " \
    "QEMU docs/specs/acpi_cpu_hotplug"
#define SPARSE12 "smp=2 maxcpus=12 sockets=4 dies=1 cores=3 threads=1 "
#define SLOTS    12U
#define HOST     "boot=own group=scenario timeout=40 " SPARSE12
#define UNPLUG   HOST "host=plug,unplug,cpus,events,wait qemu>=6.0 machine>=pc-q35-6.0"

static uint32_t id_of(uint32_t slot)
{
    return slot / 3 << 2 | slot % 3;
}

/* The view after an event: registered are boot CPUs and those of the slots, nobody else. */
static struct view check_after(const struct view *before, uint32_t count)
{
    struct view now;

    view_read(&now);
    EXPECT_EQ("count", now.count, count, "the registry has followed the event");
    view_check(&now);
    if (before)
        view_check_kept(before, &now);
    return now;
}

TEST(registry, who_am_i, "every CPU finds itself, with its APIC id, under a number of its own",
     SPEC(REGISTRY), NEEDS("smp=6 sockets=2 cores=3 boot=own"))
{
    struct view v;

    REQUIRE_SMM();
    REQUIRE_TRUE("block", cpuhp_modern_enable(), "there is a CPU hotplug block");
    v = check_after(NULL, 6);
    for (uint32_t n = 0; n < 6; n++)
        EXPECT_NE("registered", view_find(&v, smp_apic_id(n)), UINT32_MAX,
                  "all boot CPUs are there");
    EXPECT_EQ("absent", view_find(&v, 3), UINT32_MAX, "the gap of the APIC ids is not");
}

static void monarchs(bool broadcast)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        REQUIRE_TRUE("switch", view_switch_bsp(smp_apic_id(n)), "the registry takes the choice");
        for (uint32_t writer = 0; writer < smp_cpus(); writer++)
            view_check_monarch(smp_apic_id(n), writer, broadcast);
    }
    EXPECT_TRUE("refused", !view_switch_bsp(3), "a CPU that does not exist cannot be chosen");
    view_check_monarch(smp_apic_id(smp_cpus() - 1), 0, broadcast);
    view_switch_bsp_back();
    view_check_monarch(smp_apic_id(0), 1, broadcast);
}

/* APIC ids 0, 1, 2 and 4. All that are in SMM together share the host's processors. */
#define GAP "smp=4 maxcpus=6 sockets=2 cores=3 boot=own"

TEST(registry, switch_bsp, "any CPU can be made the monarch, for broadcast SMIs",
     SPEC(REGISTRY ", SwitchBsp(); QEMU 5ce45c7a2b"), NEEDS(GAP " thread=single"))
{
    uint64_t supported = 0;

    if (!smi_features_supported(&supported) || !(supported & FW_SMI_BROADCAST))
        SKIP("the machine type offers no broadcast SMI");
    REQUIRE_SMM();
    REQUIRE_TRUE("negotiate", firmware_negotiate(FW_SMI_BROADCAST), "broadcast is negotiated");
    monarchs(true);
}

TEST(registry, switch_bsp_unicast, "the same where the monarch is pulled in by a directed SMI",
     SPEC(REGISTRY ", SwitchBsp(); QEMU 3c23402d40"), NEEDS(GAP " thread=single"))
{
    REQUIRE_SMM();
    monarchs(false);
}

static void require_unplug(void)
{
    uint64_t supported = 0;

    if (!smi_features_supported(&supported) || !(supported & FW_SMI_CPU_UNPLUG))
        SKIP("the machine type offers no CPU unplug with SMI (supported-features %#llx)",
             (unsigned long long)supported);
}

/* Two come, the first one goes; freed is the number that it had. */
static struct view come_and_go(struct scenario *s, uint32_t *freed)
{
    struct slots slots;
    struct view v;

    require_unplug();
    scenario_prepare(s);
    v = check_after(NULL, 2);
    scenario_plug_another(s);
    v = check_after(&v, 3);
    *freed = view_find(&v, id_of(7));
    s->slot = 3;
    scenario_plug_another(s);
    v = check_after(&v, 4);
    unplug_slots(&slots, SLOTS);
    unplug_with_firmware(&slots, 7);
    v = check_after(&v, 3);
    EXPECT_EQ("removed", view_find(&v, id_of(7)), UINT32_MAX, "the ejected CPU is forgotten");
    return v;
}

TEST(registry, add_remove, "CPUs that come and go are in the registry exactly while they are there",
     SPEC(REGISTRY ", AddProcessor(), RemoveProcessor()"), NEEDS(UNPLUG))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 7};
    uint32_t freed;

    come_and_go(&s, &freed);
}

TEST(registry, add_again, "the number of a CPU that went is the next one's; it can come back too",
     SPEC(REGISTRY ", AddProcessor(), RemoveProcessor()"), NEEDS(UNPLUG))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 7};
    uint32_t freed;
    struct view v = come_and_go(&s, &freed);

    s.slot = 11;
    scenario_plug_another(&s);
    v = check_after(&v, 4);
    EXPECT_EQ("reused", view_find(&v, id_of(11)), freed, "its number goes to the next new CPU");
    s.slot = 7;
    scenario_plug_another(&s);
    check_after(&v, 5);
}

TEST(registry, monarch_hotplug, "a CPU that came by hotplug can take in the next one, as monarch",
     SPEC(REGISTRY ", SwitchBsp()"), NEEDS(HOST "host=plug,wait"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 5};
    const struct smm_hotplug_report *r = &smm_mailbox.hotplug;

    scenario_run(&s);
    EXPECT_EQ("bsp-first", r->monarch_apic_id, smp_apic_id(0),
              "the BSP has taken the first one in");
    REQUIRE_TRUE("switch", view_switch_bsp(id_of(5)), "the new CPU can be chosen");
    s.slot = 4;
    scenario_plug_another(&s);
    EXPECT_EQ("new-monarch", r->monarch_apic_id, id_of(5), "it has taken in the next one");
    view_check_monarch(id_of(5), 0, true);
    check_after(NULL, 4);
}

TEST(registry, monarch_unplug, "the monarch does not eject itself; without the choice it can go",
     SPEC(REGISTRY ", RemoveProcessor(), SwitchBsp()"), NEEDS(UNPLUG))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 5};
    struct slots slots;
    uint32_t slot = 5;

    require_unplug();
    scenario_run(&s);
    unplug_slots(&slots, SLOTS);
    REQUIRE_TRUE("switch", view_switch_bsp(id_of(5)), "the new CPU can be chosen");
    step_unplug_request(&slots, 5);
    step_unplug_offline(&slots, 5, smp_find(id_of(5)));
    step_unplug_hand_over(&slots, 5);
    apm_write(APM_CNT_CPU_HOTPLUG, 0);
    EXPECT_EQ("keeps-itself", smm_mailbox.hotplug.ejected, 0, "as monarch it ejects nobody");
    cpuhp_select(5);
    EXPECT_BITS("still-there", cpuhp_flags(), CPUHP_ENABLED | CPUHP_FW_REMOVE,
                CPUHP_ENABLED | CPUHP_FW_REMOVE, "the request waits");
    view_switch_bsp_back();
    step_unplug_command(&slots, &slot, 1);
    step_unplug_gone(&slots, 5);
    check_after(NULL, 2);
    EXPECT_TRUE("gone", !view_switch_bsp(id_of(5)), "it cannot be chosen any more");
    view_check_monarch(smp_apic_id(0), 1, true);
}

TEST(registry, reset, "after a reset a plugged CPU is registered as a boot CPU, the BSP as before",
     SPEC(REGISTRY "; docs/system/cpu-hotplug"), NEEDS(HOST "host=plug,wait firmware=virgin"))
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 8};
    struct view v;

    if (test_boot() == 1) {
        scenario_run(&s);
        check_after(NULL, 3);
        REQUIRE_TRUE("switch", view_switch_bsp(id_of(8)), "the new CPU is made the monarch");
        test_announce_reset();
        ich9_reset();
    }
    REQUIRE_SMM();
    REQUIRE_TRUE("block", cpuhp_modern_enable(), "there is a CPU hotplug block");
    v = check_after(NULL, 3);
    EXPECT_NE("still-there", view_find(&v, id_of(8)), UINT32_MAX, "the plugged CPU is among them");
    view_check_monarch(smp_apic_id(0), 1, false);
    view_check_monarch(smp_apic_id(0), 2, false);
}
