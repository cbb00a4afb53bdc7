/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupt remapping in extended interrupt mode: how a device reaches an APIC id above 254. The
 * entries of the I/O APIC have 8 bits for it, those of the remapping table 32.
 */
#include "tests/scale/remap.h"

#include "firmware/smm.h"
#include "hw/apic.h"
#include "hw/ioapic.h"
#include "hw/vtd.h"
#include "kernel/acpi.h"
#include "kernel/memory.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "tests/scale/ids.h"
#include "tests/scale/roads.h"
#include "tests/smi/line.h"

#define LOG2_ENTRIES 11 /* 2048: six a CPU for 288 CPUs and more */
#define SIX          6U /* three delivery modes, to an APIC id and to a logical id */

static const uint32_t modes[] = {APIC_DM_FIXED, APIC_DM_SMI, APIC_DM_NMI};

static uint32_t mode_of(uint32_t icr)
{
    return icr & APIC_DM_EXTINT; /* all bits of the field */
}

/* Table index of this way to CPU n. */
static uint32_t index_of(uint32_t n, uint32_t icr)
{
    uint32_t number = mode_of(icr) == APIC_DM_FIXED ? 0 : mode_of(icr) == APIC_DM_SMI ? 1 : 2;

    return n * SIX + 2 * number + (icr & APIC_ICR_LOGICAL ? 1 : 0);
}

static uint32_t vector_of(uint32_t icr)
{
    return icr & 0xff;
}

static void fill(struct vtd_irte *table, uint32_t n, uint32_t icr)
{
    uint32_t id = smp_apic_id(n);
    bool logical = icr & APIC_ICR_LOGICAL;

    table[index_of(n, icr)].low = VTD_IRTE_PRESENT | (logical ? VTD_IRTE_LOGICAL : 0) |
                                  VTD_IRTE_MODE(mode_of(icr)) | VTD_IRTE_VECTOR(vector_of(icr)) |
                                  VTD_IRTE_DEST(logical ? roads_logical_id(id) : id);
}

static void turn_on(void)
{
    struct vtd_irte *table = page_alloc(sizeof(struct vtd_irte) << LOG2_ENTRIES);
    const struct acpi_dmar *dmar = acpi_dmar();
    const struct acpi_dmar_drhd *drhd = dmar ? acpi_drhd(dmar) : NULL;

    if (drhd == NULL || drhd->base > UINT32_MAX)
        ERROR("the DMAR table names no remapping unit below 4 GiB");
    REQUIRE_TRUE("fits", smp_cpus() * SIX <= 1U << LOG2_ENTRIES, "the table has room");
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        for (uint32_t mode = 0; mode < SIX / 2; mode++) {
            uint32_t icr = modes[mode] | (modes[mode] == APIC_DM_FIXED ? VECTOR_TEST : 0);

            fill(table, n, icr);
            fill(table, n, icr | APIC_ICR_LOGICAL);
        }
    }
    REQUIRE_TRUE("remapping", vtd_remap((uintptr_t)drhd->base, table, LOG2_ENTRIES),
                 "the unit takes the table and turns remapping on (VT-d 10.4.4, 10.4.5)");
}

/* One edge on the pin, whose entry has the index. */
static void by_pin(uint32_t apic_id, uint32_t icr)
{
    ioapic_set_rte(LINE_IRQ, VTD_RTE(index_of(smp_find(apic_id), icr)) | vector_of(icr));
    line_raise();
    line_lower();
    ioapic_set_rte(LINE_IRQ, IOAPIC_RTE_MASKED);
}

void remap_check_each(void)
{
    uint64_t old = ioapic_rte(LINE_IRQ);

    turn_on();
    line_prepare();
    roads_check_each_by(by_pin, false);
    roads_check_each_by(by_pin, true);
    ioapic_set_rte(LINE_IRQ, old);
}

#define SPECS                                                                                   \
    "VT-d 5.1.5.1 (I/O APIC entries), 5.1.4 (extended interrupt mode), 9.10 (IRTE); Intel SDM " \
    "vol. 3, 10.12.7, 10.12.10.2"

/* APIC id 256, 0 in a byte; boot CPUs have the lowest ids, but -device gives any slot its CPU. */
#define NEEDED                                                                                   \
    "smp=2 maxcpus=125 sockets=5 dies=5 cores=5 threads=1 cpu=max qemu>=9.0 accel=tcg boot=own " \
    "device=intel-iommu,intremap=on,eim=on "
#define SLOT ",socket-id=4,die-id=0,core-id=0,thread-id=0"

static void check_remapped(void)
{
    REQUIRE_SMM();
    roads_x2apic();
    ids_check();
    REQUIRE_TRUE("high", smp_find(256) != UINT32_MAX, "APIC id 256 is there");
    roads_check_all();
    roads_check_shorthands();
    remap_check_each();
}

TEST(scale, remap, "by interrupt remapping a pin reaches APIC id 256, also as an SMI", SPEC(SPECS),
     NEEDS(NEEDED "arch=x86_64 device=max-x86_64-cpu" SLOT))
{
    check_remapped();
}

TEST(scale, remap_i386, "the same with the 32-bit emulator's CPU", SPEC(SPECS),
     NEEDS(NEEDED "arch=i386 device=max-i386-cpu" SLOT))
{
    check_remapped();
}
