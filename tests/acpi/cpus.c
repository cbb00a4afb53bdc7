/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Four sources say which CPUs there are: the MADT, fw_cfg, the CMOS and the hotplug block.  The
 * topologies are chosen so that APIC ids have gaps. */
#include "hw/apic.h"
#include "hw/cmos.h"
#include "hw/cpuhp.h"
#include "hw/fw_cfg.h"
#include "hw/ich9.h"
#include "kernel/acpi.h"
#include "kernel/host.h"
#include "kernel/test.h"
#include "lib/string.h"

#define MAX_SLOTS 1024U

#define ALL_CPUS \
    0xffffffffU /* ACPI 6.3, 5.2.12.13: the UID of all CPUs; FFh in 8 bits (5.2.12.7) */

struct madt_cpus {
    uint32_t count;
    uint32_t enabled;
    uint32_t id[MAX_SLOTS];
    uint32_t uid[MAX_SLOTS];
    uint8_t type[MAX_SLOTS];
    bool present[MAX_SLOTS];
    uint32_t nmis;    /* structures that connect LINT1 of all CPUs to NMI */
    uint8_t nmi_type; /* of the last of them */
};

/* LINT1 of all CPUs, as an NMI structure of the type that goes with their ids says. */
static void note_nmi(struct madt_cpus *cpus, const struct acpi_madt_entry *entry)
{
    const struct acpi_madt_nmi *nmi = (const void *)entry;
    const struct acpi_madt_x2apic_nmi *x2apic = (const void *)entry;

    if ((entry->type == ACPI_MADT_NMI && nmi->uid == (uint8_t)ALL_CPUS && nmi->lint == 1) ||
        (entry->type == ACPI_MADT_X2APIC_NMI && x2apic->uid == ALL_CPUS && x2apic->lint == 1)) {
        cpus->nmis++;
        cpus->nmi_type = entry->type;
    }
}

static uint32_t uid_of(const struct acpi_madt_entry *entry)
{
    if (entry->type == ACPI_MADT_LOCAL_X2APIC)
        return ((const struct acpi_madt_local_x2apic *)entry)->uid;
    return ((const struct acpi_madt_local_apic *)entry)->uid;
}

static const struct madt_cpus *read_madt(void)
{
    static struct madt_cpus cpus;
    const struct acpi_madt *madt = acpi_madt();

    if (acpi_rsdp() == NULL)
        SKIP("the firmware installed no ACPI tables");
    memset(&cpus, 0, sizeof(cpus));
    REQUIRE_TRUE("madt", madt != NULL, "there is a MADT");
    for (const struct acpi_madt_entry *entry = acpi_madt_next(madt, NULL); entry;
         entry = acpi_madt_next(madt, entry)) {
        uint32_t id;
        uint32_t flags;

        note_nmi(&cpus, entry);
        if (!acpi_madt_cpu(entry, &id, &flags))
            continue;
        if (cpus.count < MAX_SLOTS) {
            cpus.id[cpus.count] = id;
            cpus.uid[cpus.count] = uid_of(entry);
            cpus.type[cpus.count] = entry->type;
            cpus.present[cpus.count] = flags & ACPI_MADT_ENABLED;
        }
        cpus.count++;
        cpus.enabled += flags & ACPI_MADT_ENABLED;
    }
    return &cpus;
}

static uint16_t fw_cfg_word(uint16_t key)
{
    uint16_t value;

    fw_cfg_select(key);
    fw_cfg_read(&value, sizeof(value));
    return value;
}

/* Each id in the structure that has room for it, each UID once, and NMIs for all. */
static void check_structures(const struct madt_cpus *madt, uint32_t limit)
{
    for (uint32_t i = 0; i < madt->count && i < MAX_SLOTS; i++) {
        bool x2apic = madt->id[i] >= 255;

        CONTEXT("entry %u, APIC id %u", i, madt->id[i]);
        EXPECT_EQ("type", madt->type[i], x2apic ? ACPI_MADT_LOCAL_X2APIC : ACPI_MADT_LOCAL_APIC,
                  "ids of 255 and more are in x2APIC structures, only they (5.2.12.12)");
        for (uint32_t other = 0; other < i; other++) {
            if (madt->uid[i] == madt->uid[other])
                FAIL_CHECK("uid", "every CPU has a UID of its own", "%u also at entry %u",
                           madt->uid[i], other);
        }
    }
    CONTEXT_CLEAR();
    EXPECT_EQ("nmi", madt->nmis, 1, "one structure connects NMI to LINT1 of all CPUs");
    EXPECT_EQ("nmi-type", madt->nmi_type, limit > 255 ? ACPI_MADT_X2APIC_NMI : ACPI_MADT_NMI,
              "of the type that can name them all (5.2.12.7, 5.2.12.13)");
}

/* boot, slots: CPUs at boot and CPU slots; limit: highest possible APIC id plus 1. */
static void check_cpus(uint32_t boot, uint32_t slots, uint32_t limit)
{
    const struct madt_cpus *madt = read_madt();

    EXPECT_EQ("madt-enabled", madt->enabled, boot,
              "the MADT has as many enabled CPUs as there are");
    EXPECT_EQ("madt-all", madt->count, slots, "and an entry for every slot");
    EXPECT_EQ("fw-cfg-cpus", fw_cfg_word(FW_CFG_NB_CPUS), boot, "fw_cfg counts the same CPUs");
    EXPECT_EQ("fw-cfg-limit", fw_cfg_word(FW_CFG_MAX_CPUS), limit,
              "fw_cfg names the exclusive limit of APIC ids");
    if (boot <= 256)
        EXPECT_EQ("cmos-cpus", cmos_read(CMOS_BOOT_CPUS), boot - 1,
                  "and so does the CMOS, minus 1");
    REQUIRE_TRUE("cpuhp", cpuhp_modern_enable(), "there is a CPU hotplug block");
    EXPECT_EQ("cpuhp-slots", cpuhp_max_cpus(), slots, "the hotplug block has as many slots");
    EXPECT_EQ("cpuhp-present", cpuhp_present_cpus(), boot, "and as many CPUs in them");
    for (uint32_t i = 0; i < madt->count && i < MAX_SLOTS; i++) {
        uint64_t id = cpuhp_arch_id(i);

        CONTEXT("slot %u", i);
        EXPECT_EQ("id", id, madt->id[i], "MADT and hotplug block agree on the APIC id");
        EXPECT_EQ("present", cpuhp_flags() & CPUHP_ENABLED, madt->present[i],
                  "and on whether the CPU is there");
        EXPECT_RANGE("limit", id, 0, limit - 1, "the id is below the limit");
        EXPECT_TRUE("ascending", i == 0 || id > madt->id[i - 1], "ids ascend with the slots");
    }
    CONTEXT_CLEAR();
    check_structures(madt, limit);
    EXPECT_EQ("bsp", madt->id[0], cpu_initial_apic_id(), "the boot CPU has the first entry");
}

TEST(acpi, cpus_dense, "every source counts the same CPUs: 2 of 4, all in one socket",
     SPEC("ACPI 6.3, 5.2.12 MADT; QEMU docs/specs/acpi_cpu_hotplug; FW_CFG_MAX_CPUS in "
          "hw/i386/fw_cfg.c"),
     NEEDS("smp=2 maxcpus=4 sockets=1 dies=1 cores=4 threads=1 smm=any"))
{
    check_cpus(2, 4, 4);
}

TEST(acpi, cpus_plugged,
     "every source counts the same CPUs behind a reset: 2, and 2 plugged before",
     SPEC("ACPI 6.3, 5.2.12 MADT: Enabled; QEMU docs/specs/acpi_cpu_hotplug"),
     NEEDS("smp=2 maxcpus=6 sockets=2 dies=1 cores=3 threads=1 smm=any firmware=virgin boot=own "
           "host=plug"))
{
    if (test_boot() == 1) {
        host_do("plug 5");
        host_do("plug 3");
        test_announce_reset();
        ich9_reset();
    }
    check_cpus(4, 6, 7);
}

TEST(acpi, cpus_unplugged,
     "every source counts the same CPUs behind a reset: one of 3 from boot has been ejected",
     SPEC("ACPI 6.3, 5.2.12 MADT: Enabled; QEMU docs/specs/acpi_cpu_hotplug, flags bit 3"),
     NEEDS("smp=3 maxcpus=6 sockets=2 dies=1 cores=3 threads=1 smm=any firmware=virgin boot=own "
           "host=unplug"))
{
    if (test_boot() == 1) {
        REQUIRE_TRUE("modern", cpuhp_modern_enable(), "the modern interface can be switched on");
        host_do("unplug 1");
        cpuhp_select(1);
        cpuhp_write_flags(CPUHP_REMOVE);
        cpuhp_write_flags(CPUHP_EJECT);
        test_announce_reset();
        ich9_reset();
    }
    check_cpus(2, 6, 7);
}

TEST(acpi, cpus_sparse, "every source counts the same CPUs: 4 of 6, three cores a socket",
     SPEC("ACPI 6.3, 5.2.12 MADT; Intel SDM vol. 3, 8.9: a field of 3 cores is 2 bits wide"),
     NEEDS("smp=4 maxcpus=6 sockets=2 dies=1 cores=3 threads=1 smm=any"))
{
    /* ids 0 1 2, 4 5 6 */
    check_cpus(4, 6, 7);
}

TEST(acpi, cpus_threads, "every source counts the same CPUs: 3 of 12, threads and cores with gaps",
     SPEC("ACPI 6.3, 5.2.12 MADT; Intel SDM vol. 3, 8.9: 3 threads and 2 cores are 2 + 1 bits"),
     NEEDS("smp=3 maxcpus=12 sockets=2 dies=1 cores=2 threads=3 smm=any"))
{
    /* ids 0 1 2, 4 5 6, 8 9 10, 12 13 14 */
    check_cpus(3, 12, 15);
}

#define MANY "ACPI 6.3, 5.2.12.2, 5.2.12.12; QEMU docs/specs/acpi_cpu_hotplug"

TEST(acpi, cpus_255, "every source counts the same CPUs: 3 of 255, the last id that xAPIC has",
     SPEC(MANY), NEEDS("smp=3 maxcpus=255 sockets=255 cores=1 smm=any"))
{
    check_cpus(3, 255, 255);
}

TEST(acpi, cpus_65_sparse, "every source counts the same CPUs: 65 in sockets of 13", SPEC(MANY),
     NEEDS("smp=65 sockets=5 dies=1 cores=13 threads=1 smm=any thread=single timeout=40"))
{
    check_cpus(65, 65, 0x4d);
}

/* TCG has APIC ids above 254 since QEMU 9.0. */
TEST(acpi, cpus_256, "every source counts the same CPUs: 2 of 256, one of which needs x2APIC",
     SPEC(MANY), NEEDS("smp=2 maxcpus=256 sockets=4 cores=64 cpu=max qemu>=9.0 smm=any"))
{
    check_cpus(2, 256, 256);
}

TEST(acpi, cpus_x2apic, "every source counts the same CPUs: 2 of 645, in sockets of 129",
     SPEC(MANY),
     NEEDS("smp=2 maxcpus=645 sockets=5 dies=1 cores=129 threads=1 cpu=max qemu>=9.0 "
           "machine>=pc-q35-9.0 smm=any"))
{
    check_cpus(2, 645, 4 * 256 + 129);
}

/* Boot CPUs have the lowest ids, but -device gives any slot its CPU. */
#define COLD \
    "smp=2 maxcpus=125 sockets=5 dies=5 cores=5 threads=1 cpu=max qemu>=9.0 accel=tcg smm=any "
#define COLD_SLOT ",socket-id=4,die-id=4,core-id=4,thread-id=0"

TEST(acpi, cpus_cold_x2apic,
     "every source counts a CPU with an id above 255 that was there at boot", SPEC(MANY),
     NEEDS(COLD "arch=x86_64 device=max-x86_64-cpu" COLD_SLOT))
{
    check_cpus(3, 125, 293);
}

TEST(acpi, cpus_cold_x2apic_i386, "the same with the 32-bit emulator's CPU", SPEC(MANY),
     NEEDS(COLD "arch=i386 device=max-i386-cpu" COLD_SLOT))
{
    check_cpus(3, 125, 293);
}

TEST(acpi, cpus_258, "every source counts the same CPUs when 258 are there", SPEC(MANY),
     NEEDS("smp=258 cpu=max qemu>=9.0 machine>=pc-q35-9.0 smm=any group=large timeout=60"))
{
    check_cpus(258, 258, 258);
}
