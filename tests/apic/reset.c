/* SPDX-License-Identifier: GPL-2.0-or-later */
/* APIC id and IA32_APIC_BASE: what software writes, and what a reset of the machine makes of it. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/ich9.h"
#include "kernel/smp.h"
#include "kernel/test.h"

#define CPUS 3

#define APIC_BASE_RESET UINT64_C(0xfee00000)
#define OTHER_BASE      UINT64_C(0xfec80000)
#define OTHER_ID        0x50U

struct identity {
    uint64_t base;
    uint32_t id;
};

static uint64_t read_identity(void *arg)
{
    struct identity *i = arg;

    i->base = rdmsr(MSR_APIC_BASE);
    i->id = apic_id();
    return 0;
}

static uint64_t write_same_base(void *arg)
{
    struct identity *i = arg;

    i->base = rdmsr(MSR_APIC_BASE);
    wrmsr(MSR_APIC_BASE, i->base);
    return rdmsr(MSR_APIC_BASE);
}

TEST(apic, base_same, "IA32_APIC_BASE written back as it was read is as it was",
     SPEC("Intel SDM vol. 3, 10.4.4 Local APIC Status and Location: BSP flag, global enable, base"),
     NEEDS("smp=3 smm=any"))
{
    if (!smp_start_all())
        ERROR("the APs do not come up");
    for (uint32_t n = 0; n < CPUS; n++) {
        struct identity was;
        uint64_t is = 0;

        CONTEXT("CPU %u", n);
        REQUIRE_TRUE("call", smp_call(n, write_same_base, &was, &is), "the CPU answers");
        EXPECT_EQ("same", is, was.base, "with the BSP flag on the boot CPU, as on no other");
    }
    CONTEXT_CLEAR();
}

/* The APIC is not used any more: who knows where it is, and under which id. */
static uint64_t write_others(void *arg)
{
    struct identity i;

    (void)arg;
    read_identity(&i);
    apic_write(APIC_ID, (i.id + OTHER_ID) << 24);
    wrmsr(MSR_APIC_BASE, (i.base & ~APIC_BASE_ADDRESS) | OTHER_BASE);
    return 0;
}

TEST(apic, reset, "a reset of the machine gives every APIC its id and its address back",
     SPEC("Intel SDM vol. 3, 10.4.4, 10.4.5: FEE00000h following power-up or reset; 10.4.6, "
          "10.4.7.1: APIC id"),
     NEEDS("smp=3 firmware=virgin boot=own smm=any"))
{
    if (!smp_start_all())
        ERROR("the APs do not come up");
    for (uint32_t n = 0; n < CPUS; n++) {
        struct identity i = {.base = 0};

        CONTEXT("CPU %u, boot %u", n, test_boot());
        REQUIRE_TRUE("call", smp_call(n, read_identity, &i, NULL), "the CPU answers");
        EXPECT_EQ("id", i.id, n, "the APIC id is the CPU's place in the topology");
        EXPECT_EQ("base", i.base, APIC_BASE_RESET | APIC_BASE_EN | (n ? 0 : APIC_BASE_BSP),
                  "IA32_APIC_BASE is FEE00800h, with BSP on the boot CPU");
    }
    CONTEXT_CLEAR();
    if (test_boot() > 1)
        return;
    for (uint32_t n = CPUS; n-- > 0;)
        (void)smp_call(n, write_others, NULL, NULL);
    test_announce_reset();
    ich9_reset();
}
