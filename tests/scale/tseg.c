/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As many CPUs as SMRAM has room for, in every size of TSEG: the last one's save area is
 * the last 512 bytes of TSEG. The next CPU is refused with a sentence, and no harm done.
 */
#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/cpuhp.h"
#include "hw/ich9.h"
#include "hw/io.h"
#include "hw/mch.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "lib/string.h"
#include "smm/pen.h"
#include "tests/cpuhp_host/slots.h"
#include "tests/hotplug/os.h"
#include "tests/hotplug/scenario.h"
#include "tests/hotplug/steps.h"
#include "tests/scale/roads.h"

#define TSEG                                                                                  \
    "Q35 MCH datasheet, ESMRAMC (9Eh): TSEG_SZ; QEMU 2f295167e0 (extended TSEG), docs/specs/" \
    "acpi_cpu_hotplug; Intel SDM vol. 3, 34.4 (save area), 34.11"
#define HERE "host=plug,wait boot=own thread=single timeout=40 smp=2 maxcpus=4 "

static const struct smm_hotplug_report *const report = &smm_mailbox.hotplug;

/* The operating system hands over a CPU that there is no room for. */
static void expect_refused(uint32_t slot)
{
    uint32_t id = (uint32_t)cpuhp_arch_id(slot);
    uint32_t before[SMP_MAX_CPUS] = {0};
    uint32_t cpus = smp_cpus(), runs = report->runs;
    uint32_t arrived = pen_at(POST_SMM_PEN_BASE)->arrived;

    slots_plug(slot);
    step_event_signalled(slot);
    step_count_smis(before);
    apm_write(APM_CNT_CPU_HOTPLUG, 0);
    REQUIRE_EQ("full-command", report->runs, runs + 1, "the firmware's handler runs");
    step_smi_counts(before, cpus, "full-once", "every existing CPU took exactly one SMI for it");
    EXPECT_EQ("full-added", report->added, 0, "no CPU is taken in");
    REQUIRE_EQ("full-refused", report->refused, 1, "one is refused");
    EXPECT_EQ("full-apic-id", report->refused_apic_id, id, "it is the new one");
    EXPECT_TRUE("full-sentence", strstr(report->refusal, "no room") != NULL,
                "the reason is said: SMRAM has no room for it");
    EXPECT_TRUE("full-unknown", smm_report_of(id) == NULL, "the registry does not have it");
    EXPECT_EQ("full-pen", pen_at(POST_SMM_PEN_BASE)->arrived, arrived, "it is not let out");
    EXPECT_EQ("full-held", smp_cpus(), cpus, "nor has it reached the operating system");
    os_acknowledge_insert(slot);
}

/* The bytes that decide what the last CPU does in SMM are nobody else's. */
static void expect_hidden(uint32_t address)
{
    uint32_t seen = mmio_read32(address);

    EXPECT_EQ("hidden", seen, 0xffffffff, "outside SMM the end of TSEG reads FFh");
    mmio_write32(address, 0x12345678);
    EXPECT_EQ("hidden-still", mmio_read32(address), 0xffffffff, "and cannot be written");
}

static void last_place(uint8_t tseg_sz, uint32_t mib)
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true, .slot = 2};
    uint32_t end = mch_low_ram_top();

    firmware_choose_smram(tseg_sz, 3);
    scenario_prepare(&s);
    EXPECT_EQ("size", mch_tseg_size(), mib << 20, "TSEG has the size that was selected");
    scenario_plug_another(&s);
    EXPECT_EQ("last", smm_report_of((uint32_t)cpuhp_arch_id(2))->smbase + 0x10000, end,
              "the save area of the last CPU ends where TSEG ends");
    expect_hidden(end - 4);
    expect_hidden(end - 0x100); /* revision and SMBASE are here */
    expect_refused(3);
    step_smi_reach(true);
}

TEST(scale, tseg_1m, "SMRAM of 1 MiB, full to its last byte", SPEC(TSEG), NEEDS(HERE))
{
    last_place(ESMRAMC_TSEG_SZ_1M, 1);
}

TEST(scale, tseg_2m, "SMRAM of 2 MiB, full to its last byte", SPEC(TSEG), NEEDS(HERE))
{
    last_place(ESMRAMC_TSEG_SZ_2M, 2);
}

TEST(scale, tseg_8m, "SMRAM of 8 MiB, full to its last byte", SPEC(TSEG), NEEDS(HERE))
{
    last_place(ESMRAMC_TSEG_SZ_8M, 8);
}

TEST(scale, tseg_ext_3m, "SMRAM of 3 MiB, a size that only the extended TSEG has", SPEC(TSEG),
     NEEDS(HERE "global=mch.extended-tseg-mbytes=3"))
{
    last_place(ESMRAMC_TSEG_SZ_EXT, 3);
}

TEST(scale, tseg_ext_16m, "SMRAM of 16 MiB, the size for 255 CPUs and more", SPEC(TSEG),
     NEEDS(HERE "global=mch.extended-tseg-mbytes=16"))
{
    last_place(ESMRAMC_TSEG_SZ_EXT, 16);
}

TEST(scale, tseg_ext_48m, "SMRAM of 48 MiB, the size for 1024 CPUs", SPEC(TSEG),
     NEEDS(HERE "global=mch.extended-tseg-mbytes=48"))
{
    last_place(ESMRAMC_TSEG_SZ_EXT, 48);
}

TEST(scale, tseg_too_small, "more boot CPUs than SMRAM has room for: the firmware says so",
     SPEC(TSEG), NEEDS("smp=4 boot=own"))
{
    firmware_error error;

    REQUIRE_TRUE("start", smp_start_all(), "all boot APs come up");
    firmware_choose_smram(ESMRAMC_TSEG_SZ_1M, 3);
    error = firmware_install_smm();
    REQUIRE_TRUE("refused", error != NULL, "three places are not enough for four CPUs");
    CONTEXT("%s", error);
    EXPECT_TRUE("numbers",
                strstr(error, "1024 KiB has room for 3 CPUs, this machine has 4") != NULL,
                "the sentence has both numbers and the size");
    EXPECT_TRUE("advice", strstr(error, "larger TSEG") != NULL, "and says what to do");
    firmware_choose_smram(ESMRAMC_TSEG_SZ_1M, 4);
    error = firmware_install_smm();
    CONTEXT("%s", error ? error : "");
    EXPECT_TRUE("enough", error == NULL, "four places are");
}

static void fill(uint8_t tseg_sz, uint32_t slots)
{
    struct scenario s = {.mode = SMM_DEFAULT_RESIDENT, .broadcast = true};
    uint32_t slot, room;

    firmware_choose_smram(tseg_sz, 0);
    scenario_prepare(&s);
    room = smm_state.layout.max_cpus;
    CONTEXT("room for %u CPUs", room);
    REQUIRE_TRUE("slots", room < slots, "there are more slots than room");
    CONTEXT_CLEAR();
    for (slot = smp_cpus(); slot < room; slot++) {
        s.slot = slot;
        scenario_plug_another(&s);
    }
    EXPECT_EQ("filled", smp_cpus(), room, "as many CPUs have come in as have room");
    expect_refused(slot);
    /* Also leaves a command on APM_CNT that a CPU can carry out alone. */
    step_smi_reach(true);
    roads_check_each(false);
}

TEST(scale, tseg_1m_full, "plug from 100 CPUs on until 1 MiB of SMRAM is full", SPEC(TSEG),
     NEEDS("host=plug,wait boot=own group=large timeout=600 mem=512 smp=100 maxcpus=120"))
{
    fill(ESMRAMC_TSEG_SZ_1M, 120);
}

TEST(scale, tseg_2m_full, "the same for 2 MiB, from 230 CPUs on", SPEC(TSEG),
     NEEDS("host=plug,wait boot=own group=large timeout=600 mem=512 smp=230 maxcpus=250"))
{
    fill(ESMRAMC_TSEG_SZ_2M, 250);
}
