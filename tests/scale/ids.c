/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/scale/ids.h"

#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "tests/scale/roads.h"

struct ids {
    uint32_t apic, leaf1, leaf0b, leaf1f, ldr;
    bool has_0b, has_1f, x2apic, bsp;
};

static uint64_t read_ids(void *arg)
{
    struct ids *ids = arg;
    struct cpuid_regs r;
    uint32_t max;

    cpuid(0, 0, &r);
    max = r.eax;
    cpuid(1, 0, &r);
    ids->leaf1 = r.ebx >> 24;
    cpuid(0x0b, 0, &r);
    ids->has_0b = max >= 0x0b && (r.ebx & 0xffff);
    ids->leaf0b = r.edx;
    cpuid(0x1f, 0, &r);
    ids->has_1f = max >= 0x1f && (r.ebx & 0xffff);
    ids->leaf1f = r.edx;
    ids->apic = apic_id();
    ids->x2apic = apic_is_x2apic();
    ids->ldr = apic_read(APIC_LDR);
    ids->bsp = rdmsr(MSR_APIC_BASE) & APIC_BASE_BSP;
    return 0;
}

static void check_ids_of(uint32_t n)
{
    uint32_t id = smp_apic_id(n);
    struct ids ids = {0};

    CONTEXT("CPU %u, APIC id %u", n, id);
    REQUIRE_TRUE("call", smp_call(n, read_ids, &ids, NULL), "the CPU answers");
    EXPECT_EQ("id-leaf-1", ids.leaf1, id & 0xff,
              "CPUID leaf 1 has the low 8 bits of the id (SDM vol. 2, CPUID)");
    if (ids.has_0b)
        EXPECT_EQ("id-leaf-0b", ids.leaf0b, id, "CPUID leaf 0Bh has all of it");
    if (ids.has_1f)
        EXPECT_EQ("id-leaf-1f", ids.leaf1f, id, "CPUID leaf 1Fh too");
    EXPECT_EQ("id-apic", ids.apic, ids.x2apic ? id : id & 0xff,
              "the local APIC has the same id (SDM vol. 3, 10.4.6, 10.12.5.1)");
    if (ids.x2apic)
        EXPECT_EQ("ldr", ids.ldr, roads_logical_id(id),
                  "its logical id derives from it (10.12.10.2)");
    EXPECT_EQ("bsp", ids.bsp, n == 0, "IA32_APIC_BASE says BSP on the boot CPU, only there");
}

void ids_check(void)
{
    for (uint32_t n = 0; n < smp_cpus(); n++) {
        if (smp_present(n))
            check_ids_of(n);
    }
    CONTEXT_CLEAR();
}
