/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lowest priority: one CPU of several takes an interrupt of the I/O APIC. */
#include <stddef.h>

#include "hw/apic.h"
#include "hw/cpu.h"
#include "hw/deadline.h"
#include "hw/ioapic.h"
#include "kernel/smp.h"
#include "kernel/test.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "tests/smi/line.h"

#define IDS 64U

static uint32_t taken[IDS];

static void count(struct trap_frame *frame)
{
    (void)frame;
    __atomic_add_fetch(&taken[cpu_initial_apic_id() % IDS], 1, __ATOMIC_SEQ_CST);
    apic_eoi();
}

static uint32_t taken_by(uint32_t n)
{
    return __atomic_load_n(&taken[smp_apic_id(n) % IDS], __ATOMIC_SEQ_CST);
}

static uint32_t total(void)
{
    uint32_t sum = 0;

    for (uint32_t n = 0; n < smp_cpus(); n++)
        sum += taken_by(n);
    return sum;
}

static uint64_t nothing(void *arg)
{
    (void)arg;
    return 0;
}

static uint64_t logical_id(void *arg)
{
    apic_enable();
    apic_write(APIC_DFR, 0xffffffff);
    apic_write(APIC_LDR, 1U << (uint32_t)(uintptr_t)arg << 24);
    return 0;
}

/* One edge on the pin: one CPU of the set (bits by CPU number) takes it, and no other does. */
static void check_lowest(uint64_t destination, uint32_t set)
{
    uint32_t before = total(), outside = 0;

    line_prepare();
    ioapic_set_rte(LINE_IRQ, destination | APIC_DM_LOWEST | VECTOR_TEST);
    line_raise();
    line_lower();
    ioapic_set_rte(LINE_IRQ, IOAPIC_RTE_MASKED);
    sti();
    /* A CPU that answers a call has taken what was sent to it before: nothing has to be awaited. */
    for (uint32_t n = 0; n < smp_cpus(); n++)
        REQUIRE_TRUE("answers", smp_call(n, nothing, NULL, NULL), "every CPU answers");
    cli();
    REQUIRE_TRUE("lowest", total() != before, "a CPU takes the interrupt");
    EXPECT_EQ("one", total() - before, 1, "one of them only");
    for (uint32_t n = 0; n < smp_cpus(); n++)
        outside += set >> n & 1 ? 0 : taken_by(n);
    EXPECT_EQ("addressed", outside, 0, "which is among those addressed");
    memset(taken, 0, sizeof(taken));
}

static uint64_t old_rte;

/* CPUs 0, 1 and 2, the last of which has APIC id 32; each has its own bit as logical id. */
static void begin(void)
{
    REQUIRE_TRUE("start", smp_start_all(), "all CPUs start");
    REQUIRE_EQ("cpus", smp_cpus(), 3, "as many as the machine has");
    REQUIRE_EQ("high", smp_apic_id(2), 32, "the last one has APIC id 32");
    old_rte = ioapic_rte(LINE_IRQ);
    irq_set_handler(VECTOR_TEST, count);
    for (uint32_t n = 0; n < 3; n++)
        REQUIRE_TRUE("ldr", smp_call(n, logical_id, (void *)(uintptr_t)n, NULL), "the CPU answers");
}

static void end(void)
{
    irq_set_handler(VECTOR_TEST, NULL);
    ioapic_set_rte(LINE_IRQ, old_rte);
}

static void check_near(void)
{
    begin();
    for (uint32_t n = 0; n < 3; n++) {
        CONTEXT("to CPU %u, APIC id %u", n, smp_apic_id(n));
        check_lowest(IOAPIC_RTE_DEST(smp_apic_id(n)), 1U << n);
    }
    for (uint32_t set = 1; set < 4; set++) {
        CONTEXT("to logical destination %#x", set);
        check_lowest(IOAPIC_RTE_DEST(set) | IOAPIC_RTE_LOGICAL, set);
    }
    CONTEXT_CLEAR();
    end();
}

static void check_far(void)
{
    begin();
    for (uint32_t set = 7; set > 3; set--) {
        CONTEXT("to logical destination %#x", set);
        check_lowest(IOAPIC_RTE_DEST(set) | IOAPIC_RTE_LOGICAL, set);
    }
    CONTEXT_CLEAR();
    end();
}

#define LOWEST "Intel SDM vol. 3, 10.6.2.4 \"Lowest Priority Delivery Mode\"; Intel 82093AA, 3.2.4"
/* 5 cores and dies, three bits each; the ids of all slots are below 255. */
#define FAR_CPU "smp=2 maxcpus=50 sockets=2 dies=5 cores=5 threads=1 smm=any boot=own accel=tcg "
#define SLOT    ",socket-id=0,die-id=4,core-id=0,thread-id=0"
#define X86_64  "arch=x86_64 device=qemu64-x86_64-cpu" SLOT
#define I386    "arch=i386 cpu=max device=max-i386-cpu" SLOT

TEST(apic, lowest_priority, "lowest priority: one of the CPUs that are addressed, APIC id 32 too",
     SPEC(LOWEST), NEEDS(FAR_CPU X86_64))
{
    check_near();
}

TEST(apic, lowest_priority_i386, "the same with the 32-bit emulator's CPU", SPEC(LOWEST),
     NEEDS(FAR_CPU I386))
{
    check_near();
}

TEST(apic, lowest_priority_far, "lowest priority to logical ids, one of them behind a gap",
     SPEC(LOWEST "; SDM 10.6.2.2"), NEEDS(FAR_CPU X86_64))
{
    check_far();
}

TEST(apic, lowest_priority_far_i386, "the same with the 32-bit emulator's CPU",
     SPEC(LOWEST "; SDM 10.6.2.2"), NEEDS(FAR_CPU I386))
{
    check_far();
}
